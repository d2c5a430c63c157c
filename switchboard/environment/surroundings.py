"""Reads the app settings that are about what surrounds the gateway: storage, the network, other sites."""

import re
from pathlib import Path

from switchboard.environment.values import Values, url_parts
from switchboard.settings import NetworkSettings, Secret, StorageSettings


def storage(values: Values) -> StorageSettings:
    """Return where the storage account is, and how the gateway signs in to it."""
    name = "AzureWebJobsStorage"
    connection = values.raw(name)
    account = values.raw(f"{name}__accountName")
    found = StorageSettings(
        connection_string=Secret(connection) if connection else None,
        blob_uri=values.raw(f"{name}__blobServiceUri") or (account and f"https://{account}.blob.core.windows.net"),
        queue_uri=values.raw(f"{name}__queueServiceUri") or (account and f"https://{account}.queue.core.windows.net"),
        client_id=values.raw(f"{name}__clientId"),
    )
    if not connection and not (found.blob_uri and found.queue_uri):
        values.fault(
            name,
            f"is missing: set it to a connection string, or set {name}__blobServiceUri and {name}__queueServiceUri",
        )
    return found


def container(values: Values) -> str:
    """Return the name of the Blob container in which calls are archived."""
    name = "ARCHIVE_CONTAINER"
    container = values.text(name, "archive")
    # The naming rule of Blob containers.
    if not re.fullmatch(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", container):
        values.fault(name, f"is not a valid name for a Blob container: {container}")
    return container


def network(values: Values) -> NetworkSettings:
    """Return the certificate authorities and proxies with which other machines are reached."""
    # requests prefers the first of these two names, and everything that uses OpenSSL knows the second one.
    name = "REQUESTS_CA_BUNDLE" if values.raw("REQUESTS_CA_BUNDLE") else "SSL_CERT_FILE"
    bundle = values.raw(name)
    if bundle and not Path(bundle).exists():
        values.fault(name, f"names a file that does not exist: {bundle}")
    no_proxy = values.raw("no_proxy") or values.raw("NO_PROXY")
    return NetworkSettings(
        ca_bundle=bundle,
        https_proxy=_proxy(values, "HTTPS_PROXY"),
        http_proxy=_proxy(values, "HTTP_PROXY"),
        no_proxy=tuple(part.strip() for part in no_proxy.split(",") if part.strip()),
    )


def _proxy(values: Values, name: str) -> Secret | None:
    # As in other programs, the name in lower case comes first.
    url = values.raw(name.lower()) or values.raw(name)
    if not url:
        return None
    url = url if "://" in url else f"http://{url}"
    parts = url_parts(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        # The URL may hold a password, so it is not shown.
        values.fault(name, "is not the URL of an HTTP proxy, such as http://proxy.example.com:8080")
        return None
    return Secret(url)


def origins(values: Values) -> frozenset[str]:
    """Return the origins of the pages on other sites that may call the gateway."""
    name = "ALLOWED_ORIGINS"
    origins = frozenset(part.strip().rstrip("/") for part in values.raw(name).split(",") if part.strip())
    for origin in sorted(origins):
        parts = url_parts(origin)
        if not parts or parts.scheme not in ("http", "https") or f"{parts.scheme}://{parts.netloc}" != origin:
            values.fault(name, f"has something that is not an origin such as https://example.com: {origin}")
    return origins
