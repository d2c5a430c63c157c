"""Tests that the Bicep files fit together, as far as that can be seen without the compiler, which the workflow runs."""

import json
import re
from pathlib import Path

import pytest
from tree_sitter import Node

from tests.infra.bicep import FILES, GROUPS, INFRA, MAIN, TYPES, Declaration, parse, properties, text, walk

every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
WIRING = parse(INFRA / "modules" / "switchboard.bicep")
MODULES = WIRING.of("module")
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
    described = [*file.of("param").values(), *file.of("output").values(), *file.of("type").values()]
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
        "otlpHeadersSecretUri",
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


@pytest.mark.parametrize("path", [MAIN.path, WIRING.path], ids=lambda path: path.stem)
def test_what_is_read_of_a_module_is_there(path: Path) -> None:
    read = re.findall(r"\b(\w+)!?\.outputs\.(\w+)", path.read_text())
    assert read
    for name, output in read:
        assert output in parse(path.parent / parse(path).of("module")[name].type).of("output"), (
            f"{name}.outputs.{output}"
        )


def test_outputs_of_modules_that_may_not_be_there_are_asked_for_under_their_condition() -> None:
    source = WIRING.path.read_text()
    conditional = [name for name, one in MODULES.items() if one.value and one.value.type == "if_statement"]
    assert set(conditional) >= {"modelAccount", "existingModel", "privateNetwork", "directApp"}
    for name in conditional:
        unguarded = re.findall(rf"\b{name}\.outputs", source)
        assert unguarded == [], f"{name}.outputs without ! is a warning of the compiler"
    for line in source.splitlines():
        # directAuthentication is there under the same condition as the app that it belongs to.
        if "!.outputs" in line and "appName: directApp!" not in line:
            assert "?" in line, line


def test_every_module_file_is_used() -> None:
    used = {path.parent / one.type for path in FILES for one in parse(path).of("module").values()}
    assert used == {path for path in FILES if path.parent.name == "modules"}


def test_resources_are_tagged_for_azd() -> None:
    """The resources have the tags by which azd finds what it deploys to and what it deletes."""
    assert "'azd-env-name': environmentName" in (INFRA / "main.bicep").read_text()
    sources = "".join(path.read_text() for path in FILES)
    assert sorted(re.findall(r"'azd-service-name': ('?\w+'?)", sources)) == ["'web'", "service"]
    assert sorted(re.findall(r"^    service: '(\w+)'", sources, re.MULTILINE)) == ["api", "direct"]


# ---- Typed groups ----------------------------------------------------------------------------------------------------


def test_the_wiring_is_short_and_a_parameter_has_two_lines() -> None:
    source = MAIN.path.read_text()
    head, wiring = source.split("// ---- Wiring")
    assert wiring.count("\n") < 200
    assert WIRING.path.read_text().count("\n") < 250
    # A description and a declaration, except for the two that azd asks for.
    long = re.findall(r"^@(?!description)\w+\(.*\n(?:@.*\n)*param (\w+)", head, re.MULTILINE)
    assert long == ["environmentName", "location"]


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_takes_no_field_that_it_does_not_know(name: str) -> None:
    group = GROUPS[name]
    assert "sealed" in group.decorators
    members = [node for node in walk(group.node) if node.type == "object_property"]
    assert members
    described = text(group.node).count("@description(")
    assert described == len(members), f"{name}: every field says what it is"


@every_file
def test_a_group_is_built_with_exactly_its_fields(path: Path) -> None:
    """What the compiler says of a sealed type, for the variables that have one."""
    for one in parse(path).of("var").values():
        if one.declared not in GROUPS:
            continue
        assert one.value is not None
        fields = re.findall(r"^  (\w+): ", text(GROUPS[one.declared].node), re.MULTILINE)
        assert sorted(properties(one.value)) == sorted(fields), one.name


def test_modules_take_lists_not_joined_text() -> None:
    arrays = [one for path in FILES for one in parse(path).of("param").values() if one.type in ("array", "object[]")]
    assert [one.name for one in arrays] == []
    assert [
        line
        for path in FILES
        if path != MAIN.path
        for line in path.read_text().splitlines()
        if "split(" in line and "','" in line.replace(" ", "")
    ] == []


@every_file
def test_what_is_imported_is_used_and_there(path: Path) -> None:
    source = path.read_text()
    names = [
        name for line in re.findall(r"^import \{([^}]*)\}", source, re.MULTILINE) for name in re.findall(r"\w+", line)
    ]
    rest = re.sub(r"^import .*$", "", source, flags=re.MULTILINE)
    assert [name for name in names if not re.search(rf"\b{name}\b", rest)] == []
    exported = {name for name, one in TYPES.of("type").items() if "export" in one.decorators}
    assert set(names) <= exported


def test_a_name_that_storage_limits_is_long_enough_for_the_compiler() -> None:
    """'st${suffix}' of a suffix without a length would be a warning: it could be shorter than an account's name."""
    assert re.search(r"@minLength\(13\)\s+@maxLength\(13\)\s+nameSuffix: string", TYPES.path.read_text())


@every_file
def test_ids_that_come_out_of_a_list_are_taken_from_the_parameter(path: Path) -> None:
    """use-resource-id-functions follows a parameter, and no variable of a loop."""
    for loop in re.findall(r"\[for \(?(\w+)", path.read_text()):
        assert not re.search(rf"^\s+\w+Id: {loop}\.", path.read_text(), re.MULTILINE), loop


# ---- The second month ------------------------------------------------------------------------------------------------


def test_nothing_depends_on_the_day_of_the_deployment() -> None:
    """Azure refuses another start date for a budget that exists."""
    assert [path.name for path in FILES if "utcNow" in path.read_text()] == []
    start = MAIN.of("param")["budgetStartDate"].value
    assert start is not None
    assert text(start) == "''"


def test_the_name_of_an_environment_may_be_as_long_as_azd_lets_it_be() -> None:
    assert MAIN.of("param")["environmentName"].decorators["maxLength"] == 64


def test_the_region_prompt_asks_for_no_quota() -> None:
    """It would ask for the default model's, also of who has an account, another model or a smaller capacity."""
    assert "usageName" not in MAIN.path.read_text()


def test_versions_are_not_a_closed_list() -> None:
    for name in ("realtimeModelVersion", "transcriptionModelVersion"):
        assert MAIN.of("param")[name].type == "string"
        assert "allowed" not in MAIN.of("param")[name].decorators


def test_what_belongs_to_a_site_is_written_one_after_the_other() -> None:
    """Two changes at once meet "another operation is in progress"."""
    source = (INFRA / "modules" / "gateway.bicep").read_text()
    children = re.findall(r"^resource (\w+) '[^']+'[^{]*\{\n  (?:parent|scope): app$", source, re.MULTILINE)
    chain = re.findall(r"^  dependsOn: \[(\w+)\]$", source, re.MULTILINE)
    assert chain == children[:-1]
    assert len(children) == 4
    assert "ftpsState" not in source


def test_the_subnet_of_the_endpoints_has_no_way_out() -> None:
    source = (INFRA / "modules" / "network.bicep").read_text()
    endpoints = source[source.index("name: 'endpoints'") : source.index("name: 'gateway'")]
    assert "defaultOutboundAccess: false" in endpoints


def test_what_a_user_meets_are_warnings() -> None:
    """Linter rules are warnings for users, and only the workflow fails on a warning.

    azd brings its own compiler, and a rule that only a newer one knows must not stop somebody's deployment.
    """
    config = json.loads(re.sub(r"^\s*//.*$", "", (INFRA / "bicepconfig.json").read_text(), flags=re.MULTILINE))
    levels = {rule: entry["level"] for rule, entry in config["analyzers"]["core"]["rules"].items()}
    assert set(levels.values()) == {"warning", "off"}
    assert {rule for rule, level in levels.items() if level == "off"} == {"use-recent-api-versions"}
    assert levels["use-resource-id-functions"] == "warning"
    ci = (INFRA.parent / ".github" / "workflows" / "ci.yml").read_text()
    assert "! grep --extended-regexp '(Warning|Error) [a-zA-Z0-9-]+:' build.log lint.log" in ci
    wanted = {"outputs-should-not-contain-secrets", "secure-secrets-in-params", "no-unused-params", "use-safe-access"}
    assert wanted <= levels.keys()
