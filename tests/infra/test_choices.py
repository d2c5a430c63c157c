"""Tests what the switches of the template decide: the direct gateway, what a team has already, and the archive."""

import json
import re

from tests.infra.bicep import INFRA, Bicep, at, literal, parse, properties, text

DIRECT = parse(INFRA / "modules" / "direct-authentication.bicep")
ENDPOINTS = parse(INFRA / "modules" / "private-endpoints.bicep")
MONITORING = parse(INFRA / "modules" / "monitoring.bicep")
NETWORK = parse(INFRA / "modules" / "network.bicep")
STORAGE = parse(INFRA / "modules" / "storage.bicep")
GATEWAY = parse(INFRA / "modules" / "gateway.bicep")
WIRING = parse(INFRA / "modules" / "switchboard.bicep")


def _condition(file: Bicep, resource: str) -> str:
    """Return the condition of a resource, or an empty text for none."""
    source = text(file.of("resource")[resource].node)
    found = re.search(r"(?:= |: )if \((.*?)\) \{", source)
    return found[1] if found else ""


# ---- The direct gateway ----------------------------------------------------------------------------------------------


def test_the_platform_refuses_whoever_brings_no_token_of_a_named_application() -> None:
    body = DIRECT.of("resource")["authentication"].body
    validation = at(body, "properties", "globalValidation")
    assert literal(at(validation, "requireAuthentication")) is True
    assert literal(at(validation, "unauthenticatedClientAction")) == "Return401"
    directory = at(body, "properties", "identityProviders", "azureActiveDirectory")
    assert text(at(directory, "validation", "allowedAudiences")) == "direct.audiences"
    policy = at(directory, "validation", "defaultAuthorizationPolicy")
    assert text(at(policy, "allowedApplications")) == "direct.applications"
    issuer = text(at(directory, "registration", "openIdIssuer"))
    assert "environment().authentication.loginEndpoint" in issuer
    assert "tenant().tenantId" in issuer


def test_only_what_takes_the_gateways_own_tokens_is_let_pass() -> None:
    """Above all, nobody gets a token without the platform's check."""
    excluded = literal(
        at(DIRECT.of("resource")["authentication"].body, "properties", "globalValidation", "excludedPaths")
    )
    assert excluded == ["/api/health", "/api/v1/realtime/calls", "/api/v1/realtime/calls/*"]
    openapi = json.loads((INFRA.parent / "docs" / "openapi.json").read_text())["paths"]
    passing = [path for path in openapi if any(path == one or path.startswith(one.rstrip("*")) for one in excluded)]
    assert set(passing) == {
        "/api/health",
        "/api/v1/realtime/calls",
        "/api/v1/realtime/calls/{call_id}/hangup",
    }


def test_the_direct_gateway_is_never_linked_and_knows_what_it_is() -> None:
    modules = WIRING.of("module")
    assert "if (direct.enabled)" in text(modules["directApp"].node)
    assert "if (direct.enabled)" in text(modules["directAuthentication"].node)
    assert "backendId: app.outputs.id" in text(modules["siteLink"].node)
    assert "{ DIRECT_GATEWAY: 'true' }" in text(modules["directApp"].node)
    assert "{ DIRECT_GATEWAY: 'false' }" in text(modules["app"].node)
    ready = GATEWAY.of("var")["alwaysReadyForCalls"].value
    assert ready
    assert "service == 'api' ? gateway.alwaysReadyObserver : 0" in text(ready), "it observes nothing"


# ---- What a team has already -----------------------------------------------------------------------------------------


def test_no_network_is_made_where_there_are_subnets() -> None:
    own = NETWORK.of("var")["ownNetwork"].value
    assert own
    assert text(own) == "empty(network.gatewaySubnetId)"
    assert _condition(NETWORK, "virtualNetwork") == _condition(NETWORK, "securityGroup") == "ownNetwork"
    source = text(NETWORK.root)
    assert "subnetId: ownNetwork ? '${networkId}/subnets/endpoints' : network.endpointsSubnetId" in source
    assert "ownNetwork ? '${networkId}/subnets/gateway' : network.gatewaySubnetId" in source


def test_no_zone_is_made_where_there_are_zones() -> None:
    assert _condition(ENDPOINTS, "dnsZones") == _condition(ENDPOINTS, "links") == "ownZones"
    group = ENDPOINTS.of("resource")["zoneGroups"]
    assert "resourceId(zonesPath[2], zonesPath[4], 'Microsoft.Network/privateDnsZones', zone)" in text(group.node)


def test_with_none_the_endpoints_are_left_for_a_policy_to_register() -> None:
    assert _condition(ENDPOINTS, "zoneGroups") == "registered"
    registered = ENDPOINTS.of("var")["registered"].value
    assert registered
    assert text(registered) == "zonesGroupId != 'none'"


def test_a_workspace_that_is_there_is_used_and_its_cap_is_its_owners() -> None:
    assert _condition(MONITORING, "workspace") == "ownWorkspace"
    alerts = text(parse(INFRA / "modules" / "alerts.bicep").root)
    assert "var ownRules = empty(watching.workspaceId) ? [capRule] : []" in alerts


def test_the_alerts_on_figures_are_made_only_where_figures_are_sent() -> None:
    alerts = text(parse(INFRA / "modules" / "alerts.bicep").root)
    assert "concat(callRules, ownRules, watching.telemetry == 'azure' ? figureRules : [])" in alerts


def test_tags_of_ones_own_never_hide_the_ones_that_azd_needs() -> None:
    """Of two values, union() takes the last."""
    assert "union(extraTags, { 'azd-env-name': environmentName })" in (INFRA / "main.bicep").read_text()


def test_a_domain_is_an_origin_too() -> None:
    assert "empty(site.domain) ? [staticSite.outputs.uri] : [staticSite.outputs.uri, 'https://${site.domain}']" in text(
        WIRING.root
    )
    assert "if (!empty(site.domain))" in text(WIRING.of("module")["ownDomain"].node)


# ---- The archive -----------------------------------------------------------------------------------------------------


def test_who_deletes_blobs_is_logged_unless_switched_off() -> None:
    assert _condition(STORAGE, "audit") == "storage.audit != 'off'"
    categories = STORAGE.of("var")["auditCategories"].value
    assert categories
    assert text(categories).endswith("? ['StorageRead', 'StorageWrite', 'StorageDelete'] : ['StorageDelete']")
    body = STORAGE.of("resource")["audit"].body
    assert body
    assert text(properties(body)["scope"]) == "blobService"


def test_the_platforms_logs_of_the_gateway_come_with_the_rest() -> None:
    assert "workspaceId: storage.audit == 'all' ? monitoring.outputs.workspaceId : ''" in text(WIRING.root)
    assert _condition(GATEWAY, "platformLogs") == "!empty(parts.workspaceId)"


def test_the_lock_keeps_the_account_and_the_page_says_how_to_lift_it() -> None:
    lock = STORAGE.of("resource")["lock"]
    assert lock.body
    assert _condition(STORAGE, "lock") == "storage.locked"
    assert literal(at(lock.body, "properties", "level")) == "CanNotDelete"
    assert text(at(lock.body, "scope")) == "account"
    page = (INFRA.parent / "docs" / "deploying.md").read_text()
    assert f"az lock delete --name {literal(at(lock.body, 'name'))} " in page
