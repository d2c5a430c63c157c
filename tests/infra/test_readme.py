"""Tests that README.md and docs/deploying.md describe the deployment as it is."""

import re

from tests.infra.bicep import INFRA, MAIN
from tests.infra.variables import variable_of

README = (INFRA.parent / "README.md").read_text()
DEPLOYING = (INFRA.parent / "docs/deploying.md").read_text()
DOCUMENTS = [README, *(path.read_text() for path in sorted((INFRA.parent / "docs").rglob("*.md")))]
PARAMETERS = {variable_of(name) for name in MAIN.of("param")}
# The hooks read these, not the template.
BY_HOOKS = {"SIGN_IN_ROLE", "SMOKE_TEST_CALL", "SKIP_MODEL_CHECK"}


def _section(title: str) -> str:
    found = re.search(rf"^## {title}$(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def test_the_gallerys_sections_are_there() -> None:
    for title in ("Features", "Getting started", "Guidance", "Resources", "Important security notice", "How to leave"):
        assert len(_section(title)) > 100
    assert "azd down --purge" in _section("How to leave")


def test_the_version_of_azd_that_is_needed() -> None:
    """The documents name the version of azd that azure.yaml requires; azd refuses to run if it is older."""
    needed = re.findall(r'azd: ">= ([\d.]+)"', (INFRA.parent / "azure.yaml").read_text())
    assert needed
    for page in (README, DEPLOYING):
        assert re.findall(r"\(azd\) ([\d.]+) or newer", page) == needed


def test_variables_that_are_named_exist() -> None:
    for name in re.findall(r"azd env set\s+([A-Z_]+)", "\n".join(DOCUMENTS)):
        assert name in PARAMETERS | BY_HOOKS, name
    rows = re.findall(r"^\| (`[A-Z_`, ]+`) \|", DEPLOYING, re.MULTILINE)
    assert rows
    for row in rows:
        assert set(re.findall(r"`([A-Z_]+)`", row)) <= PARAMETERS | BY_HOOKS


def test_every_variable_of_the_template_is_explained() -> None:
    own = {"AZURE_ENV_NAME", "AZURE_PRINCIPAL_ID", "AZURE_PRINCIPAL_TYPE"}
    text = "\n".join(DOCUMENTS)
    assert [name for name in sorted(PARAMETERS - own) if f"`{name}`" not in text and f"{name}`" not in text] == []
