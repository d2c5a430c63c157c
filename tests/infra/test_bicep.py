"""Tests that the Bicep files fit together, as far as that can be seen without the compiler, which the workflow runs."""

import json
import re
from pathlib import Path

import pytest
from tree_sitter import Node

from tests.infra.bicep import FILES, INFRA, MAIN, Declaration, parse, properties, text, walk

every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
MODULES = MAIN.of("module")
# Each use of a module, as the file that contains it and the name that it has there.
CALLS = [(path, name) for path in FILES for name in parse(path).of("module")]
every_call = pytest.mark.parametrize(("path", "name"), CALLS, ids=[name for _, name in CALLS])
# The linter's rule no-hardcoded-env-urls looks for these.
ENVIRONMENT_HOSTS = re.compile(
    r"\b(core\.windows\.net|login\.microsoftonline\.com|management\.azure\.com|vault\.azure\.net)\b"
)


def _parameters(call: Declaration) -> dict[str, Node]:
    assert call.body is not None
    return properties(properties(call.body)["params"])


@every_file
def test_it_parses(path: Path) -> None:
    assert parse(path).faults() == []


@every_file
def test_every_parameter_and_output_is_described(path: Path) -> None:
    file = parse(path)
    described = [*file.of("param").values(), *file.of("output").values()]
    assert [one.name for one in described if not one.decorators.get("description")] == []


@every_file
def test_nothing_is_declared_for_nothing(path: Path) -> None:
    file = parse(path)
    mentions = file.mentions()
    declared = [*file.of("param"), *file.of("var")]
    assert [name for name in declared if mentions.count(name) < 2] == []


@every_file
def test_no_host_of_one_cloud_only(path: Path) -> None:
    assert ENVIRONMENT_HOSTS.findall(path.read_text()) == []


@every_file
def test_secrets_are_neither_parameters_nor_outputs(path: Path) -> None:
    file = parse(path)
    # Neither the address of a Key Vault secret nor a number is a secret.
    suspicious = re.compile(r"password|pwd|secret|accountkey|connectionstring|apikey|token", re.IGNORECASE)
    innocent = {
        "realtimeApiKeySecretUri",
        "clientSecretSeconds",
        "realtimeTokenScope",
        "tokenSeconds",
        "maxTokensPerMinute",
    }
    named = [*file.of("param"), *file.of("output")]
    assert [name for name in named if suspicious.search(name) and name not in innocent] == []
    keys = [text(node) for node in walk(file.root) if node.type == "identifier" and text(node).startswith("list")]
    assert keys == [], "nothing asks for keys"
    for output in file.of("output").values():
        assert output.value is not None
        assert "ConnectionString" not in text(output.value)


@every_call
def test_a_module_gets_exactly_what_it_takes(path: Path, name: str) -> None:
    call = parse(path).of("module")[name]
    taken = parse(path.parent / call.type).of("param")
    given = _parameters(call)
    assert [key for key in given if key not in taken] == []
    assert [key for key, one in taken.items() if key not in given and one.value is None] == []


@every_call
def test_a_parameters_range_goes_through_to_the_module(path: Path, name: str) -> None:
    """A module accepts every value that its caller accepts; if not, the compiler warns and a deployment fails later."""
    call = parse(path).of("module")[name]
    module = parse(path.parent / call.type).of("param")
    for key, value in _parameters(call).items():
        source = parse(path).of("param").get(text(value))
        if source is None:
            continue
        assert source.type == module[key].type, key
        for limit in ("minValue", "maxValue", "allowed"):
            if limit in module[key].decorators:
                assert source.decorators.get(limit) == module[key].decorators[limit], f"{name}.{key}: {limit}"


def test_what_is_read_of_a_module_is_there() -> None:
    read = re.findall(r"\b(\w+)!?\.outputs\.(\w+)", (INFRA / "main.bicep").read_text())
    assert read
    for name, output in read:
        assert output in parse(INFRA / MODULES[name].type).of("output"), f"{name}.outputs.{output}"


def test_outputs_of_modules_that_may_not_be_there_are_asked_for_under_their_condition() -> None:
    source = (INFRA / "main.bicep").read_text()
    conditional = [name for name, one in MODULES.items() if one.value and one.value.type == "if_statement"]
    assert set(conditional) >= {"model", "existingModel", "network"}
    for name in conditional:
        unguarded = re.findall(rf"\b{name}\.outputs", source)
        assert unguarded == [], f"{name}.outputs without ! is a warning of the compiler"
    for line in source.splitlines():
        if "!.outputs" in line:
            assert "?" in line, line


def test_every_module_file_is_used() -> None:
    used = {path.parent / one.type for path in FILES for one in parse(path).of("module").values()}
    assert used == {path for path in FILES if path.parent.name == "modules"}


def test_resources_are_tagged_for_azd() -> None:
    """The resources have the tags by which azd finds what it deploys to and what it deletes."""
    assert "'azd-env-name': environmentName" in (INFRA / "main.bicep").read_text()
    services = re.findall(r"'azd-service-name': '(\w+)'", "".join(path.read_text() for path in FILES))
    assert sorted(services) == ["api", "web"]


def test_linter_rules_are_errors() -> None:
    config = json.loads(re.sub(r"^\s*//.*$", "", (INFRA / "bicepconfig.json").read_text(), flags=re.MULTILINE))
    levels = {rule: entry["level"] for rule, entry in config["analyzers"]["core"]["rules"].items()}
    assert {rule for rule, level in levels.items() if level != "error"} == {"use-recent-api-versions"}
    wanted = {"outputs-should-not-contain-secrets", "secure-secrets-in-params", "no-unused-params", "use-safe-access"}
    assert wanted <= levels.keys()
