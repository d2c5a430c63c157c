"""The README's sections on deployment name what there is."""

import re

import pytest

from switchboard import errors
from tests.infra.bicep import INFRA

README = INFRA.parent / "README.md"
TEXT = README.read_text() if README.exists() else ""
pytestmark = pytest.mark.skipif("## Troubleshooting" not in TEXT, reason="README.md has no deployment sections yet")
PARAMETERS = set(re.findall(r"\$\{(\w+)\}", (INFRA / "main.parameters.json").read_text()))
# Read by the hooks, not by the template.
BY_HOOKS = {"SIGN_IN_ROLE", "SMOKE_TEST_CALL"}


def _section(title: str) -> str:
    found = re.search(rf"^## {title}$(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def test_the_gallerys_sections_are_there() -> None:
    for title in ("Features", "Getting started", "Guidance", "Resources", "Important security notice", "How to leave"):
        assert len(_section(title)) > 100
    assert "azd down --purge" in _section("How to leave")


def test_every_code_has_a_line_in_troubleshooting() -> None:
    codes = {one.code for one in vars(errors).values() if isinstance(one, type) and hasattr(one, "code")}
    # No caller sees these: the first is the base, the second stops the app.
    codes -= {errors.SwitchboardError.code, errors.SettingsError.code}
    assert [code for code in sorted(codes) if f"`{code}`" not in _section("Troubleshooting")] == []


def test_variables_that_are_named_exist() -> None:
    for name in re.findall(r"azd env set\s+([A-Z_]+)", TEXT):
        assert name in PARAMETERS | BY_HOOKS, name
    for row in re.findall(r"^\| (`[A-Z_`, ]+`) \|", _section("Getting started"), re.MULTILINE):
        assert set(re.findall(r"`([A-Z_]+)`", row)) <= PARAMETERS | BY_HOOKS


def test_every_variable_of_the_template_is_explained() -> None:
    own = {"AZURE_ENV_NAME", "AZURE_PRINCIPAL_ID", "AZURE_PRINCIPAL_TYPE"}
    assert [name for name in sorted(PARAMETERS - own) if f"`{name}`" not in TEXT and f"{name}`" not in TEXT] == []
