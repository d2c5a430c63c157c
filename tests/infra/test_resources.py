"""Tests that the resources of infra/ are what Azure's published types say, and that the check finds what is not."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.infra.bicep import FILES, parse
from tests.infra.resources import Fault, faults, resources

EXTRACT: dict[str, Any] = json.loads((Path(__file__).parent / "types" / "azure.json").read_text())
TYPES: dict[str, Any] = EXTRACT["types"]
WITH_RESOURCES = [path for path in FILES if any(resources(parse(path)))]


@pytest.mark.parametrize("path", WITH_RESOURCES, ids=lambda path: path.stem)
def test_resources_are_as_azure_publishes_them(path: Path) -> None:
    """Every property exists, can be written and has the right kind and value, and none that is required is missing."""
    assert list(faults(parse(path), TYPES)) == []


def test_the_extract_has_what_infra_uses_and_nothing_else() -> None:
    used = {one.name for path in WITH_RESOURCES for one in resources(parse(path))}
    assert set(TYPES) == used, "run tests.infra.types.reduce"


def test_the_extract_says_where_it_comes_from() -> None:
    assert EXTRACT["source"] == "https://github.com/Azure/bicep-types-az"
    assert len(EXTRACT["commit"]) == 40
    licence = (Path(__file__).parent / "types" / "LICENSE").read_text()
    assert "MIT" in EXTRACT["licence"]
    assert "Microsoft Corporation" in licence


ACCOUNT = """
@description('A switch.')
param open bool
@description('A number of days.')
param days int

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: 'stxxxxxxxxxxxxx'
  location: 'eastus2'
  kind: 'StorageV2'
  sku: { name: 'Standard_ZRS' }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    minimumTlsVersion: 'TLS1_2'
    publicNetworkAccess: open ? 'Enabled' : 'Disabled'
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: { enabled: true, days: days }
  }
}
"""


def _found(folder: Path, change: tuple[str, str] = ("", "")) -> list[Fault]:
    path = folder / "account.bicep"
    assert change[0] in ACCOUNT
    path.write_text(ACCOUNT.replace(*change, 1) if change[0] else ACCOUNT)
    file = parse(path)
    assert file.faults() == []
    parse.cache_clear()
    return list(faults(file, TYPES))


def test_what_is_right_passes(tmp_path: Path) -> None:
    assert _found(tmp_path) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("  kind: 'StorageV2'\n", ""), "storageAccounts.kind is required"),
        (("  location: 'eastus2'\n", ""), "storageAccounts.location is required"),
        (("sku: { name: 'Standard_ZRS' }", "sku: {}"), "sku.name is required"),
        (("'Hot'", "'Warm'"), "'Warm' is none of"),
        (("'Enabled'", "'enabled'"), "'enabled' is none of"),
        (("'TLS1_2'", "'TLS12'"), "'TLS12' is none of"),
        (("allowBlobPublicAccess: false", "allowBlobPublicAccess: 'false'"), "is of the kind bool, not string"),
        (("allowBlobPublicAccess: false", "allowBlobPublicAcces: false"), "allowblobpublicacces is not known"),
        (("days: days", "days: 'seven'"), "is of the kind int, not string"),
        (("days: days", "days: open"), "is of the kind int, not bool"),
        (("days: days", "days: 0"), "0 is out of range"),
        (("days: days", "days: 366"), "366 is out of range"),
        (("enabled: true", "enabled: days"), "is of the kind bool, not int"),
        (("sku: { name: 'Standard_ZRS' }", "sku: ['Standard_ZRS']"), "is of the kind object, not array"),
        (("name: 'stxxxxxxxxxxxxx'", "name: 'st'"), "'st' is too short or too long"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_is_wrong_is_found(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    found = _found(tmp_path, change)
    assert any(said in fault.what for fault in found), found


def test_what_is_read_only_is_found(tmp_path: Path) -> None:
    """No file of infra/ sets a read-only property, so the extract has none, and one is made up here."""
    name = "Microsoft.Storage/storageAccounts@2025-06-01"
    account = {**TYPES[name], "properties": {**TYPES[name]["properties"], "etag": {"kind": "string", "readOnly": True}}}
    path = tmp_path / "account.bicep"
    path.write_text(ACCOUNT.replace("kind: 'StorageV2'", "kind: 'StorageV2'\n  etag: 'x'"))
    found = list(faults(parse(path), {**TYPES, name: account}))
    assert [fault.what for fault in found] == ["Microsoft.Storage/storageAccounts.etag is read-only"]
