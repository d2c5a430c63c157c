"""Tests where the account is, by all forms of the settings, and how a request is signed."""

import base64
import hashlib
import hmac

import pytest

from switchboard.errors import StorageUnavailable
from switchboard.settings import Secret, StorageSettings
from switchboard.storage.account import Account, account_of
from switchboard.storage.operations import Request, append_block

KEY = base64.b64encode(b"secret").decode()


def account(connection: str) -> Account:
    return account_of(StorageSettings(connection_string=Secret(connection)))


def test_an_account_of_azure() -> None:
    """A connection string as the portal gives it."""
    text = f"DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey={KEY};EndpointSuffix=core.windows.net"

    assert account(text) == Account(
        "https://contoso.blob.core.windows.net", "https://contoso.queue.core.windows.net", "contoso", b"secret"
    )


def test_endpoints_of_its_own() -> None:
    """Endpoints that are named win; names of fields are read in any case, and empty parts are skipped."""
    text = f"accountname=a;ACCOUNTKEY={KEY};BlobEndpoint=http://127.0.0.1:1/a/;;QueueEndpoint=http://127.0.0.1:2/a;"

    assert account(text) == Account("http://127.0.0.1:1/a", "http://127.0.0.1:2/a", "a", b"secret")


def test_the_emulator() -> None:
    found = account("UseDevelopmentStorage=true")

    assert (found.blobs, found.queues) == (
        "http://127.0.0.1:10000/devstoreaccount1",
        "http://127.0.0.1:10001/devstoreaccount1",
    )
    assert found.name == "devstoreaccount1"
    assert len(found.key) == 64


def test_a_shared_access_signature() -> None:
    text = "BlobEndpoint=https://a.blob.x;QueueEndpoint=https://a.queue.x;SharedAccessSignature=?sv=1&sig=a%2Fb"

    assert account(text) == Account("https://a.blob.x", "https://a.queue.x", signature="sv=1&sig=a%2Fb")


def test_an_identity() -> None:
    """With an Entra token there is neither a key nor a signature."""
    settings = StorageSettings(blob_uri="https://a.blob.x/", queue_uri="https://a.queue.x")

    assert account_of(settings) == Account("https://a.blob.x", "https://a.queue.x")


@pytest.mark.parametrize("text", ["nonsense", "AccountKey=abc", "AccountName=a;AccountKey=no-base64"])
def test_a_connection_string_that_names_no_account(text: str) -> None:
    with pytest.raises(StorageUnavailable) as caught:
        account(text)
    assert "AzureWebJobsStorage" in caught.value.hint
    assert text not in caught.value.detail


def signature(text: str) -> str:
    return "SharedKey a:" + base64.b64encode(hmac.new(b"secret", text.encode(), hashlib.sha256).digest()).decode()


def test_what_is_signed() -> None:
    """The method, the standard headers by position, storage's headers by name, the path with the account, the query."""
    request = append_block("/box/journals/a%20b", b"12345", 7)
    headers = {**request.headers, "x-ms-date": "now", "x-ms-version": "v"}
    signed = Account("http://h/a", "", "a", b"secret").authorization(request, headers, "/a" + request.path)

    assert signed == signature(
        "PUT\n\n\n5\n\n\n\n\n\n\n\n\n"
        "x-ms-blob-condition-appendpos:7\nx-ms-date:now\nx-ms-version:v\n"
        "/a/a/box/journals/a%20b\ncomp:appendblock"
    )


def test_an_empty_body_and_a_condition() -> None:
    """An empty body has no length in what is signed; a condition stands in its place."""
    request = Request("DELETE", "/box/x", headers={"If-Match": '"1"'})
    signed = Account("", "", "a", b"secret").authorization(request, dict(request.headers), "/box/x")

    assert signed == signature('DELETE\n\n\n\n\n\n\n\n"1"\n\n\n\n/a/box/x')
