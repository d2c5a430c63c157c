"""Says where the storage account is, and signs requests with its key. This module does no I/O.

The forms of a connection string are those that Microsoft documents for Azure Storage, and the signature is Shared Key.
"""

import base64
import hmac
from binascii import b2a_base64

import msgspec

from switchboard.errors import StorageUnavailable
from switchboard.settings import StorageSettings
from switchboard.storage.operations import Request

# Azurite's account and key are the same on every machine, and documented.
_EMULATOR = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey="
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
    "BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1"
)


class Account(msgspec.Struct, frozen=True):
    """Says where the services of a storage account are, and what proves that the gateway may use them."""

    blobs: str
    """The URL of the Blob service, without a slash at the end."""
    queues: str
    """The URL of the Queue service, without a slash at the end."""
    name: str = ""
    """The name of the account; empty without a key."""
    key: bytes = b""
    """The account's key; empty where an Entra token or a shared access signature is used."""
    signature: str = ""
    """A shared access signature, as it stands in a URL; empty where there is none."""

    def authorization(self, request: Request, headers: dict[str, str], path: str) -> str:
        """Return the header `Authorization` that signs a request with the account's key.

        `headers` are all headers of the request, and `path` is the path of its URL as it is sent.
        """
        length = str(len(request.body)) if request.body else ""
        given = headers.get
        # The headers that are signed by their position (Shared Key for Blob and Queue storage). Those that no request
        # here has are empty: Content-Encoding, Content-Language, Content-MD5, Date, and the two conditions on times.
        lines = (
            f"{request.method}\n\n\n{length}\n\n{given('Content-Type', '')}\n\n\n{given('If-Match', '')}\n"
            f"{given('If-None-Match', '')}\n\n{given('Range', '')}\n"
        )
        named = "".join([f"{name}:{headers[name]}\n" for name in sorted(headers) if name[:5] == "x-ms-"])
        asked = "".join([f"\n{name}:{value}" for name, value in sorted(request.query)])
        text = f"{lines}{named}/{self.name}{path}{asked}"
        digest = b2a_base64(hmac.digest(self.key, text.encode(), "sha256"), newline=False).decode()
        return f"SharedKey {self.name}:{digest}"


def account_of(settings: StorageSettings) -> Account:
    """Return the account that the settings name. Raises StorageUnavailable if the connection string names none."""
    if settings.connection_string is None:
        return Account(settings.blob_uri.rstrip("/"), settings.queue_uri.rstrip("/"))
    text = settings.connection_string.reveal()
    fields = _fields(text)
    if fields.get("USEDEVELOPMENTSTORAGE", "").lower() == "true":
        fields = _fields(_EMULATOR)
    name, key = fields.get("ACCOUNTNAME", ""), fields.get("ACCOUNTKEY", "")
    try:
        return Account(
            _endpoint(fields, "blob"),
            _endpoint(fields, "queue"),
            name,
            base64.b64decode(key, validate=True) if name else b"",
            "" if key else fields.get("SHAREDACCESSSIGNATURE", "").lstrip("?"),
        )
    except ValueError as error:
        raise StorageUnavailable(
            "The connection string of the storage account cannot be read.",
            hint="Copy it again from the storage account into AzureWebJobsStorage.",
        ) from error


def _fields(text: str) -> dict[str, str]:
    parts = (part.partition("=") for part in text.split(";") if part.strip())
    return {name.strip().upper(): value.strip() for name, _, value in parts}


def _endpoint(fields: dict[str, str], service: str) -> str:
    endpoint = fields.get(f"{service.upper()}ENDPOINT", "")
    if not endpoint and (name := fields.get("ACCOUNTNAME", "")):
        protocol = fields.get("DEFAULTENDPOINTSPROTOCOL", "https")
        endpoint = f"{protocol}://{name}.{service}.{fields.get('ENDPOINTSUFFIX', 'core.windows.net')}"
    if not endpoint:
        raise ValueError("no endpoint")
    return endpoint.rstrip("/")
