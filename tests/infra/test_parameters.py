"""From the environment's variables to the template's parameters: what azd passes on, what the hook refuses before."""

import json
import re
from typing import Any

import pytest
import variables as hook

from tests.infra import azd
from tests.infra.bicep import INFRA, MAIN, VALUES, literal, range_of
from tests.infra.variables import PARAMETERS, table, variable_of

TABLE: dict[str, Any] = json.loads((INFRA / "variables.json").read_text())
BASE = {"AZURE_ENV_NAME": "dev", "AZURE_LOCATION": "eastus2", "AZURE_PRINCIPAL_ID": "p", "AZURE_PRINCIPAL_TYPE": "User"}
DEFAULTS = {name: literal(one.value) for name, one in MAIN.of("param").items() if one.value is not None}
BY_VARIABLE = {variable_of(name): name for name in MAIN.of("param")}


def _deployed(**env: str) -> dict[str, Any]:
    return {**DEFAULTS, **azd.deployed({**BASE, **env})}


def test_the_table_of_variables_is_the_template() -> None:
    assert table() == TABLE, "python -m tests.infra.variables > infra/variables.json"


def test_every_type_of_a_parameter_is_one_that_azd_can_look_up() -> None:
    for parameter in MAIN.of("param").values():
        assert azd.kind_of(parameter) in ("string", "int", "object"), parameter.name
    for name, one in VALUES.items():
        assert one.type not in VALUES, f"{name} is a name for a name: azd would panic"


def test_every_parameter_is_given_as_one_text() -> None:
    """Inside an object azd would leave a number as text, which a sealed type refuses when it is deployed."""
    assert all(isinstance(value, str) for value in PARAMETERS.values())


def test_azds_defaults_are_the_templates() -> None:
    assert _deployed() == {**DEFAULTS, "environmentName": "dev", "location": "eastus2", "principalId": "p"}


@pytest.mark.parametrize("variable", sorted(set(BY_VARIABLE) - set(BASE)))
def test_a_variable_that_is_set_but_empty_is_one_that_is_not_set(variable: str) -> None:
    """That is how people take a value back."""
    assert _deployed(**{variable: ""}) == _deployed()
    assert hook.faults({**BASE, variable: ""}, TABLE) == []


def test_numbers_switches_and_objects_arrive() -> None:
    sent = _deployed(MAX_CALL_SECONDS="600", REALTIME_CAPACITY="5000", VNET_ENABLED="on", TAGS='{"team": "voice"}')
    assert (sent["maxCallSeconds"], sent["realtimeCapacity"]) == (600, 5000)
    assert (sent["vnetEnabled"], sent["extraTags"]) == ("on", {"team": "voice"})
    session = '{"instructions": "Say \\"hello\\"."}'
    assert _deployed(SESSION_CONFIG=session)["sessionConfig"] == {"instructions": 'Say "hello".'}


def test_inside_an_object_a_number_would_stay_text() -> None:
    """Why the parameters are flat."""
    file = {"parameters": {"sessionConfig": {"value": {"capacity": "${REALTIME_CAPACITY=5}"}}}}
    assert azd.deployed(BASE, file) == {"sessionConfig": {"capacity": "5"}}


# ---- What would go wrong in silence, or late -------------------------------------------------------------------------


@pytest.mark.parametrize("variable", TABLE["switches"])
@pytest.mark.parametrize("value", ["yes", "True", "1", "enabled", "tru"])
def test_a_misspelt_switch_stops_the_deployment(variable: str, value: str) -> None:
    (fault,) = hook.faults({**BASE, variable: value}, TABLE)
    assert variable in fault
    assert "true or false" in fault
    if variable in BY_VARIABLE:
        # And without the hook: it reaches the template as it is, whose type refuses it.
        name = BY_VARIABLE[variable]
        assert _deployed(**{variable: value})[name] == value
        assert MAIN.of("param")[name].type == "switchValue"


def test_a_switch_is_never_a_boolean_that_azd_would_drop() -> None:
    assert [one.name for one in MAIN.of("param").values() if one.type == "bool"] == []
    assert VALUES["switchValue"].type == "'true' | 'false' | 'on' | 'off'"


@pytest.mark.parametrize("variable", TABLE["integers"])
def test_a_number_that_azd_would_drop_stops_the_deployment(variable: str) -> None:
    least, most = TABLE["integers"][variable]
    for wrong in ("many", "5.5", "1e3", str(least - 1), *([] if most is None else [str(most + 1)])):
        found = hook.faults({**BASE, "ALERT_EMAIL": "a@example.com", variable: wrong}, TABLE)
        assert len(found) == 1, (wrong, found)
        assert variable in found[0]
    assert _deployed(**{variable: "many"}) == _deployed(), "azd says nothing and takes the default"


@pytest.mark.parametrize("variable", TABLE["choices"])
def test_a_word_that_is_no_choice_stops_the_deployment(variable: str) -> None:
    (fault,) = hook.faults({**BASE, variable: "Something else"}, TABLE)
    assert variable in fault
    assert str(range_of(MAIN.of("param")[BY_VARIABLE[variable]]).allowed[0]) in fault  # type: ignore[index]


@pytest.mark.parametrize("variable", TABLE["objects"])
def test_broken_json_stops_the_deployment(variable: str) -> None:
    for wrong in ("{", "[]", "5", "voice"):
        assert len(hook.faults({**BASE, variable: wrong}, TABLE)) == 1, wrong


@pytest.mark.parametrize("text", ['say "hello"', "back\\slash", "two\nlines"])
def test_text_that_azd_cannot_put_into_json_is_named(text: str) -> None:
    (fault,) = hook.faults({**BASE, "SESSION_INSTRUCTIONS": text}, TABLE)
    assert "SESSION_INSTRUCTIONS" in fault
    with pytest.raises(azd.AzdStopsError):
        azd.deployed({**BASE, "SESSION_INSTRUCTIONS": text})


DIRECT = {"DIRECT_GATEWAY": "true", "DIRECT_GATEWAY_CLIENT_ID": "a", "DIRECT_GATEWAY_APPLICATIONS": "b"}


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"MONTHLY_BUDGET": "50"}, "ALERT_EMAIL"),
        ({"DIRECT_GATEWAY": "true", "DIRECT_GATEWAY_CLIENT_ID": "a"}, "DIRECT_GATEWAY_APPLICATIONS"),
        ({**DIRECT, "SIGNALLING": "token"}, "SIGNALLING"),
        ({"VNET_ENABLED": "true", "VNET_GATEWAY_SUBNET_ID": "/s"}, "VNET_ENDPOINTS_SUBNET_ID"),
        ({"VNET_ENDPOINTS_SUBNET_ID": "/e", "VNET_GATEWAY_SUBNET_ID": "/s"}, "VNET_ENABLED"),
        ({"PRIVATE_DNS_ZONES": "hub"}, "PRIVATE_DNS_ZONES"),
        ({"BUDGET_START_DATE": "2026-11-21"}, "BUDGET_START_DATE"),
    ],
)
def test_what_does_not_go_together_is_named(env: dict[str, str], said: str) -> None:
    (fault,) = hook.faults({**BASE, **env}, TABLE)
    assert said in fault


def test_what_goes_together_passes() -> None:
    hub = {"VNET_ENABLED": "on", "VNET_ENDPOINTS_SUBNET_ID": "/e", "VNET_GATEWAY_SUBNET_ID": "/s"}
    zones = {"PRIVATE_DNS_ZONES": "/subscriptions/1/resourceGroups/dns"}
    budget = {"MONTHLY_BUDGET": "50", "ALERT_EMAIL": "a@example.com", "BUDGET_START_DATE": "2026-11-01"}
    assert hook.faults({**BASE, **DIRECT, **hub, **zones, **budget}, TABLE) == []


# ---- Regions ---------------------------------------------------------------------------------------------------------


def test_a_region_may_be_typed_as_the_portal_shows_it() -> None:
    """It goes into the service tag of the firewall rule, which knows small letters without spaces only."""
    assert hook.region("Sweden Central") == "swedencentral"
    source = (INFRA / "main.bicep").read_text()
    for parameter in ("modelLocation", "appLocation", "siteLocation"):
        assert f"toLower(replace({parameter}, ' ', ''))" in source
        assert len(re.findall(rf"(?<!// )\b{parameter}\b(?!\.)", source.partition("---- Wiring")[2])) == 2, (
            f"{parameter} is used past its small letters"
        )
