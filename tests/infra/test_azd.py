"""Tests what azd and GitHub will find: azure.yaml, the package, the workflows and the dev container."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pathspec
import pytest
import yaml

from tests.infra.bicep import INFRA, MAIN, range_of
from tests.infra.variables import SWITCHES_OF_HOOKS, variable_of

ROOT = INFRA.parent
AZURE: dict[str, Any] = yaml.safe_load((ROOT / "azure.yaml").read_text())
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTION = ROOT / ".github" / "actions" / "azd-environment" / "action.yml"
DEPLOYMENT: dict[str, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / "azure-dev.yml").read_text())
# The platform builds and runs these.
DEPLOYED = re.compile(
    r"function_app\.py|host\.json|requirements\.(?:txt|lock)|(?:switchboard|tools)/.+\.py|assistants/.+\.md|knowledge/.+\.(?:md|txt)"
)


def _tracked() -> list[str]:
    listing = subprocess.run(
        ["/usr/bin/env", "git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return listing.stdout.splitlines()


def _jsonc(path: Path) -> Any:
    return json.loads(re.sub(r"^\s*//.*$", "", path.read_text(), flags=re.MULTILINE))


# ---- azure.yaml -----------------------------------------------------------------------------------------------------


def test_the_services_are_a_function_app_and_a_static_site() -> None:
    api, direct, web = (AZURE["services"][name] for name in ("api", "direct", "web"))
    assert api == {"project": ".", "host": "function", "language": "python", "remoteBuild": True}
    # The same package in a second app, where one is asked for: azd takes `true` for true, and no other word.
    assert direct == {**api, "condition": "${DIRECT_GATEWAY}"}
    assert range_of(MAIN.of("param")["directGateway"]).allowed == ("true", "false")
    # The site is plain files: with a language azd would look for a build, and from the root the Static Web Apps CLI
    # refuses to deploy.
    assert web == {"project": "./dist", "dist": "site", "host": "staticwebapp"}


def test_the_site_cannot_be_deployed_without_its_gate() -> None:
    """The only site configuration that the Static Web Apps CLI can find is the one that the hook writes.

    The CLI takes the first configuration below the service's folder and, if the output folder is missing, one of that
    name beside azure.yaml.
    """
    service = ROOT / AZURE["services"]["web"]["project"]
    assert service.is_dir()
    assert [path for path in _tracked() if path.startswith("dist/")] == ["dist/.gitignore"]
    assert not (ROOT / AZURE["services"]["web"]["dist"]).exists()
    hook = (INFRA / "hooks" / "predeploy.py").read_text()
    assert 'ROOT / "dist" / "site"' in hook


@pytest.mark.parametrize("hook", AZURE["hooks"])
def test_a_hook_is_a_python_file_that_azd_runs_itself(hook: str) -> None:
    assert AZURE["hooks"][hook] == {"run": f"infra/hooks/{hook}.py"}
    assert (INFRA / "hooks" / f"{hook}.py").exists()
    # azd does so from 1.23.15 on.
    least = re.fullmatch(r">= (\d+)\.(\d+)\.(\d+)", AZURE["requiredVersions"]["azd"])
    assert least
    assert tuple(int(part) for part in least.groups()) >= (1, 23, 15)


def test_azd_finds_no_project_to_install_before_a_hook() -> None:
    """The hooks have an empty requirements.txt, so that azd does not find pyproject.toml and install the project.

    azd looks for such files from the hook's folder upwards.
    """
    lines = (INFRA / "hooks" / "requirements.txt").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []
    assert not (INFRA / "hooks" / "pyproject.toml").exists(), "azd would prefer it"
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert "*_env/" in ignored, "azd makes infra/hooks/hooks_env"


def test_hooks_read_outputs_of_the_template() -> None:
    sources = "".join(path.read_text() for path in (INFRA / "hooks").glob("*.py"))
    read = set(re.findall(r'env(?:iron)?(?:\.get\(|\[)"([A-Z_]+)"', sources))
    by_hand = {"SIGN_IN_ROLE", "SMOKE_TEST_CALL", "SKIP_MODEL_CHECK"}
    known = {variable_of(name) for name in MAIN.of("param")} | {"AZURE_SUBSCRIPTION_ID"}
    assert read - by_hand - known <= MAIN.of("output").keys()
    assert by_hand <= read


def test_outputs_are_no_inputs() -> None:
    """No parameter takes its value from an output of the template, except the location.

    azd keeps outputs in the environment that parameters are read from, so a default would become a choice for ever.
    """
    inputs = {variable_of(name) for name in MAIN.of("param")}
    assert inputs & MAIN.of("output").keys() == {"AZURE_LOCATION"}


# ---- The package ----------------------------------------------------------------------------------------------------


def test_the_package_is_what_the_platform_runs_and_nothing_else() -> None:
    ignored = pathspec.GitIgnoreSpec.from_lines((ROOT / ".funcignore").read_text().splitlines())
    # azd leaves these out by itself.
    packed = {path for path in _tracked() if not ignored.match_file(path)} - {".funcignore"}
    assert {path for path in packed if not DEPLOYED.fullmatch(path)} == set()
    needed = {path for path in _tracked() if DEPLOYED.fullmatch(path)}
    assert {"function_app.py", "host.json", "requirements.txt", "requirements.lock"} <= needed <= packed


@pytest.mark.parametrize(
    "path",
    [
        "local.settings.json",
        ".venv/bin/python",
        ".venv-checkov/bin/checkov",
        "switchboard/__pycache__/settings.cpython-313.pyc",
        "node_modules/azurite/package.json",
        "main_env/bin/python",
        ".azure/dev/.env",
        ".env",
        "__azurite_db_blob__.json",
    ],
)
def test_what_a_laptop_has_stays_there(path: str) -> None:
    spec = pathspec.GitIgnoreSpec.from_lines((ROOT / ".funcignore").read_text().splitlines())
    assert spec.match_file(path)


def test_a_project_of_ones_own_keeps_what_it_needs() -> None:
    spec = pathspec.GitIgnoreSpec.from_lines((ROOT / ".azdignore").read_text().splitlines())
    kept = {path for path in _tracked() if not spec.match_file(path)}
    assert {"azure.yaml", "infra/main.bicep", "README.md", ".github/workflows/azure-dev.yml", "LICENSE"} - kept <= {
        "README.md"
    }
    assert not {"SECURITY.md", "CONTRIBUTING.md"} & kept


def test_host_json_is_within_the_hosts_ranges() -> None:
    """host.json is within the ranges of the extension's QueuesOptions; otherwise the host does not start."""
    host = json.loads((ROOT / "host.json").read_text())
    assert host["version"] == "2.0"
    assert re.fullmatch(r"\[4\.\*, 5\.0\.0\)", host["extensionBundle"]["version"])
    queues = host["extensions"]["queues"]
    assert 1 <= queues["batchSize"] <= 32
    assert queues["newBatchThreshold"] >= 0
    assert queues["maxDequeueCount"] >= 1
    assert queues["messageEncoding"] in ("base64", "none")
    for span in ("maxPollingInterval", "visibilityTimeout"):
        assert re.fullmatch(r"\d\d:\d\d:\d\d(\.\d{1,7})?", queues[span]), "a bare number would be days"


# ---- GitHub ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=lambda path: path.name)
def test_actions_are_pinned(path: Path) -> None:
    uses = re.findall(r"uses: (.+)", path.read_text())
    assert uses
    others = [one for one in uses if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)]
    assert set(others) <= {"./.github/actions/azd-environment"}, "only our own action comes with the commit itself"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_permissions_are_the_least(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {}
    allowed = {"contents": "read"} | ({"id-token": "write"} if path.name == "azure-dev.yml" else {})
    for job in workflow["jobs"].values():
        assert job["permissions"] == allowed
        assert job["timeout-minutes"] <= 60
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout"):
                assert step["with"]["persist-credentials"] is False


def test_what_is_deployed_has_passed_the_tests() -> None:
    """A deployment follows the workflow `ci`, and takes the commit that it tested."""
    # YAML 1.1 reads the key `on` as true.
    triggers = DEPLOYMENT[True]  # type: ignore[index]
    assert "push" not in triggers
    assert triggers["workflow_run"] == {"workflows": ["ci"], "types": ["completed"], "branches": ["main"]}
    deploy = DEPLOYMENT["jobs"]["deploy"]
    for condition in ("workflow_run.conclusion == 'success'", "workflow_run.event == 'push'", "github.repository"):
        assert condition in deploy["if"], condition
    assert deploy["steps"][0]["with"]["ref"] == "${{ github.event.workflow_run.head_sha || github.sha }}"
    assert deploy["environment"] == "production"
    assert "environment:production" in (ROOT / "docs" / "deploying.md").read_text()


def test_a_pull_request_sees_what_it_would_change() -> None:
    """The job changes nothing, and runs for pull requests from the repository itself only."""
    preview = DEPLOYMENT["jobs"]["preview"]
    assert "head.repo.full_name == github.repository" in preview["if"]
    commands = [step["run"] for step in preview["steps"] if "run" in step]
    assert commands == ["azd provision --preview --no-prompt"]


def test_every_variable_reaches_the_pipelines_environment() -> None:
    """The action's expression finds each variable of main.parameters.json, and names those that only hooks read."""
    source = ACTION.read_text()
    (pattern,) = re.findall(r"--perl-regexp '([^']+)'", source)
    found = re.findall(pattern, (INFRA / "main.parameters.json").read_text())
    assert found == [variable_of(name) for name in MAIN.of("param")]
    for name in ("SIGN_IN_ROLE", *SWITCHES_OF_HOOKS):
        assert f" {name}" in source


def test_no_workflow_needs_a_secret() -> None:
    assert [path.name for path in WORKFLOWS if "secrets." in path.read_text()] == []


def test_the_pipeline_tests_compiles_and_runs_core_tools() -> None:
    ci = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    for step in ("make test", "az bicep build", "az bicep lint", "func start", "pytest tests/host"):
        assert step in ci


def test_the_dev_container_has_what_is_needed() -> None:
    container = _jsonc(ROOT / ".devcontainer" / "devcontainer.json")
    features = " ".join(container["features"])
    for needed in ("features/node", "azure-dev/azd", "features/azure-cli"):
        assert needed in features
    commands = json.dumps(container["onCreateCommand"])
    assert "chromium" in commands
    assert "azure-functions-core-tools" in commands
    assert container["postCreateCommand"] == "make setup"


def test_what_a_community_expects_is_there() -> None:
    for name in ("LICENSE", "SECURITY.md", "CONTRIBUTING.md", "CODE_OF_CONDUCT.md", ".github/pull_request_template.md"):
        assert (ROOT / name).stat().st_size > 200
    for form in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"):
        document = yaml.safe_load(form.read_text())
        if form.name != "config.yml":
            assert {"name", "description", "body"} <= document.keys()
            assert all(part["type"] in ("markdown", "dropdown", "textarea", "input") for part in document["body"])
