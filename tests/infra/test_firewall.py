"""Tests that FIREWALL.md says what the modules do, and that both say what the service needs."""

import re

from switchboard.triggers.config import MEDIA_PORT
from tests.infra.bicep import INFRA, MAIN, at, literal, parse, strings, text, walk

NOTE = (INFRA / "FIREWALL.md").read_text()
WIRING = parse(INFRA / "modules" / "switchboard.bicep")
NSG = parse(INFRA / "modules" / "clients-nsg.bicep")
POLICY = parse(INFRA / "modules" / "clients-firewall.bicep")


def test_the_rule_in_the_note_is_the_rule_in_bicep() -> None:
    rows = re.findall(r"^\| outbound[^|]*\| (\w+) \| (\d+) \| service tag `([^`]+)` \| allow \|$", NOTE, re.MULTILINE)
    assert {protocol for protocol, _, _ in rows} == {"UDP", "TCP"}
    assert {int(port) for _, port, _ in rows} == {MEDIA_PORT} == {literal(WIRING.of("var")["mediaPort"].value)}  # type: ignore[arg-type]
    assert {tag for _, _, tag in rows} == {"AzureCloud.<region>"}


def test_the_security_group_allows_it_outbound_for_each_protocol() -> None:
    loop = next(node for node in walk(NSG.root) if node.type == "for_statement")
    assert re.search(r"in \['Udp', 'Tcp'\]", text(loop))
    rule = next(node for node in walk(loop) if node.type == "object")
    values = {
        name: text(value)
        for name, value in ((n, at(rule, "properties", n)) for n in ("direction", "access", "protocol"))
    }
    assert values == {"direction": "'Outbound'", "access": "'Allow'", "protocol": "protocol"}
    assert text(at(rule, "properties", "destinationAddressPrefix")) == "'AzureCloud.${modelLocation}'"
    assert text(at(rule, "properties", "destinationPortRange")) == "string(mediaPort)"
    for name in re.findall(r"`(AllowRealtimeMedia\w+)`", NOTE):
        assert re.sub("Udp|Tcp", "${protocol}", name) in strings(rule)


def test_the_firewall_policy_allows_it_for_both_protocols() -> None:
    source = text(POLICY.root)
    assert "ipProtocols: ['UDP', 'TCP']" in source
    assert "destinationAddresses: ['AzureCloud.${modelLocation}']" in source
    assert "destinationPorts: [string(mediaPort)]" in source
    assert "sourceAddresses: clientRanges" in source
    assert "type: 'Allow'" in source


def test_both_are_off_until_asked_for() -> None:
    for switch in ("clientNsgEnabled", "clientFirewallPolicyEnabled"):
        value = MAIN.of("param")[switch].value
        assert value
        assert literal(value) == "false"


def test_the_note_names_the_variables_and_parameters_that_exist() -> None:
    known = (INFRA / "main.parameters.json").read_text()
    for variable in re.findall(r"azd env set ([A-Z_]+)", NOTE):
        assert re.search(rf"\$\{{{variable}[=}}]", known), variable
    (call,) = re.findall(r"--parameters (.*)", NOTE)
    assert {part.partition("=")[0] for part in re.findall(r"\w+=", call)} == {f"{name}" for name in NSG.of("param")}
    assert re.findall(r"env get-value (\w+)", NOTE) == ["CLIENT_SERVICE_TAG"]
    assert "CLIENT_SERVICE_TAG" in MAIN.of("output")
