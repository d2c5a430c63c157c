"""Tests that every assigned role says which call needs it, and that roles are assigned in one place only."""

import json
import re
from pathlib import Path

from tests.infra.bicep import FILES, INFRA, MAIN, parse, range_of

ROLES: dict[str, dict[str, str]] = json.loads((INFRA / "roles.json").read_text())
ACCESS = {INFRA / "modules" / "access.bicep", INFRA / "modules" / "access-model.bicep"}
GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# The built-in roles' ids, copied from Microsoft's list of built-in roles once more, so that a typing error shows.
BUILT_IN = {
    "Storage Blob Data Owner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Queue Data Contributor": "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
    "Monitoring Metrics Publisher": "3913510d-42f4-4e42-8a64-420c390055eb",
    "Cognitive Services OpenAI User": "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd",
    "Cognitive Services User": "a97b65f3-24c7-4388-baec-2e87135dc908",
}


def _used(path: Path) -> set[str]:
    return set(re.findall(r"\broles\.(\w+)\.id", path.read_text()))


def test_roles_are_assigned_in_one_place() -> None:
    assert {path for path in FILES if "roleAssignments@" in path.read_text()} == ACCESS


def test_every_role_used_is_documented_and_every_role_documented_is_used() -> None:
    offered = set(range_of(MAIN.of("param")["modelRole"]).allowed or ())
    assert set().union(*map(_used, ACCESS)) | offered == ROLES.keys()


def test_every_role_says_which_call_needs_it() -> None:
    for role in ROLES.values():
        assert role.keys() - {"proven_by"} == {"id", "name", "granted_to", "on", "needed_for"}
        # A call is an HTTP request or an operation of the storage protocol.
        assert re.search(r"\b(GET|POST|PUT|Put|Get|List|Delete|Append)\w*", role["needed_for"]), role["name"]


def test_ids_are_those_of_the_built_in_roles() -> None:
    assert {role["name"]: role["id"] for role in ROLES.values()} == BUILT_IN


def test_no_role_id_stands_anywhere_else() -> None:
    assert [path.name for path in FILES if GUID.search(path.read_text())] == []


def test_no_role_may_manage_or_hand_out_roles() -> None:
    assert [
        role["name"] for role in ROLES.values() if role["name"] in ("Owner", "Contributor", "User Access Administrator")
    ] == []


def test_names_of_assignments_belong_to_the_principal() -> None:
    """An assignment's name changes with its principal.

    After `azd down` and `azd up` by somebody else the old assignment still exists, and its principal cannot change.
    """
    for path in ACCESS:
        names = re.findall(r"name: guid\(([^)]*)\)", path.read_text())
        assert names
        assert all(name.split(", ")[1].endswith("PrincipalId") for name in names), names


def test_only_people_are_given_a_developers_roles() -> None:
    """azd always names whoever is signed in; a pipeline's principal would keep its access to what callers said."""
    main = MAIN.path.read_text()
    assert range_of(MAIN.of("param")["principalType"]).allowed == ("User", "ServicePrincipal", "Group")
    assert main.count("contains(on, developerAccess) && principalType == 'User'") == main.count("developerAccess)") == 2
    assert re.findall(r"principalId\b", main.partition("---- Wiring")[2]) == ["principalId"]
    for path in ACCESS:
        developers = [one for name, one in parse(path).of("resource").items() if name.startswith("developer")]
        assert developers
        for one in developers:
            source = one.node.text.decode()  # type: ignore[union-attr]
            assert "if (!empty(developerPrincipalId))" in source
            assert "principalType: 'User'" in source
