"""Makes the SDK's client of the container: for the repair, and for whatever else is rare."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from switchboard.credentials import Identity
from switchboard.network import Session
from switchboard.settings import StorageSettings
from switchboard.storage.answers import CONTAINER_MISSING
from switchboard.storage.sending import CONNECT_SECONDS, PAUSE_SECONDS, READ_SECONDS, RETRIES

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient


def container_client(
    settings: StorageSettings, identity: Identity, container: str, session: Session, create: Callable[[], None]
) -> "ContainerClient":
    """Return the client. It retries as all requests to storage do, and calls `create` if there is no container."""
    # Imported here because it takes a third of a second, and no call needs it.
    from azure.core.pipeline.transport import RequestsTransport
    from azure.storage.blob import ContainerClient, LinearRetry

    class RetryOrCreate(LinearRetry):
        def send(self, request: Any) -> Any:
            response = super().send(request)  # type: ignore[no-untyped-call]
            if response.http_response.headers.get("x-ms-error-code") == CONTAINER_MISSING:
                create()
                response = super().send(request)  # type: ignore[no-untyped-call]
            return response

    timeouts = {"connection_timeout": CONNECT_SECONDS, "read_timeout": READ_SECONDS}
    options: dict[str, Any] = {
        "transport": RequestsTransport(session=session, session_owner=False, **timeouts),
        "retry_policy": RetryOrCreate(backoff=int(PAUSE_SECONDS), retry_total=RETRIES, random_jitter_range=0),
    }
    if settings.connection_string is not None:
        connection = settings.connection_string.reveal()
        return ContainerClient.from_connection_string(connection, container, **options)
    return ContainerClient(settings.blob_uri, container, credential=identity.credential, **options)
