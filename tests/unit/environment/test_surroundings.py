"""Tests how the settings of storage and of pages on other sites are read."""

import pytest

from tests.examples import settings
from tests.unit.environment.faults import faults


def test_identity_based_storage() -> None:
    """Without a connection string, the URIs of the services or the account's name are used."""
    found = settings(AzureWebJobsStorage="", AzureWebJobsStorage__accountName="contoso")

    assert found.storage.connection_string is None
    assert found.storage.blob_uri == "https://contoso.blob.core.windows.net"
    assert found.storage.queue_uri == "https://contoso.queue.core.windows.net"


@pytest.mark.parametrize("origin", ["https://example.com/page", "ftp://example.com", "example.com", "https://["])
def test_origin_that_is_none(origin: str) -> None:
    """The fault quotes what is not an origin; the other ones are not its fault."""
    (fault,) = faults(ALLOWED_ORIGINS=f"https://www.example.com,{origin}")

    assert fault.endswith(f": {origin}")


def test_origins() -> None:
    """A final slash, white space and a comma too many are nobody's mistake."""
    found = settings(ALLOWED_ORIGINS=" https://shop.example.com/, http://127.0.0.1:8000,")

    assert found.allowed_origins == {"https://shop.example.com", "http://127.0.0.1:8000"}


@pytest.mark.parametrize("name", ["ab", "a" * 64, "a--b", "-ab", "ab-", "Archive"])
def test_container(name: str) -> None:
    """The naming rule of Blob containers is checked before any container is made."""
    assert faults(ARCHIVE_CONTAINER=name) == (f"ARCHIVE_CONTAINER is not a valid name for a Blob container: {name}",)
    assert settings(ARCHIVE_CONTAINER="abc").archive_container == "abc"
    assert settings(ARCHIVE_CONTAINER="a" * 63).archive_container == "a" * 63


def test_storage_by_addresses() -> None:
    """Each service may have an address of its own; one of the two alone is not enough."""
    blob = {"AzureWebJobsStorage": "", "AzureWebJobsStorage__blobServiceUri": "https://b.example.net"}
    (fault,) = faults(**blob)
    queue = {"AzureWebJobsStorage__queueServiceUri": "https://q.example.net", "AzureWebJobsStorage__clientId": "id"}
    found = settings(**blob, **queue, AzureWebJobsStorage__accountName="contoso").storage

    assert fault.startswith("AzureWebJobsStorage is missing")
    assert (found.blob_uri, found.queue_uri) == ("https://b.example.net", "https://q.example.net")
    assert found.client_id == "id"
