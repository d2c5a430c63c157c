"""Opens the Blob container and the queues. Only here do the SDK's errors become StorageUnavailable."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property, lru_cache
from typing import Any

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.core.pipeline.transport import RequestsTransport
from azure.storage.blob import BlobClient, BlobServiceClient, ContainerClient, LinearRetry
from azure.storage.queue import LinearRetry as QueueLinearRetry
from azure.storage.queue import QueueClient, QueueServiceClient, TextBase64EncodePolicy

from switchboard.credentials import Identity
from switchboard.errors import StorageUnavailable
from switchboard.network import Network
from switchboard.settings import StorageSettings
from switchboard.threads import STORAGE_THREADS

# The clients below retry twice, after a second each. The SDK's default waits 15 s before it retries, but a request from
# a page may take 45 s at most.
_RETRY: dict[str, Any] = {"backoff": 1, "retry_total": 2, "random_jitter_range": 0}
_TIMEOUTS: dict[str, Any] = {"connection_timeout": 3, "read_timeout": 5}
# A blob's client takes 0.3 ms to make and 32 KB to keep.
_BLOB_CLIENTS = 128
_CONTAINER_MISSING = "ContainerNotFound"


class Storage:
    """Gives access to the storage account. Its clients are made when they are first needed and then kept.

    They share one pool of connections, as large as the threads that work for storage.
    """

    def __init__(self, settings: StorageSettings, identity: Identity, container: str, network: Network) -> None:
        self._settings = settings
        self._identity = identity
        self._container_name = container
        self._session = network.session(STORAGE_THREADS)
        self._blob = lru_cache(_BLOB_CLIENTS)(lambda name: self.container.get_blob_client(name))
        self._queue = lru_cache(self._queue_client)

    @cached_property
    def container(self) -> ContainerClient:
        """Return the client of the archive's container.

        Bicep has created the container. Where it has not, the first request that misses the container creates it.
        """
        retry = _RetryOrCreate(lambda: self.container.create_container())
        service = self._service(BlobServiceClient, self._settings.blob_uri, retry_policy=retry)
        container: ContainerClient = service.get_container_client(self._container_name)
        return container

    def blob(self, name: str) -> BlobClient:
        """Return the client of a blob in the container. The clients that were used last are kept."""
        return self._blob(name)

    def send(self, queue: str, message: bytes, *, delay_seconds: int = 0) -> None:
        """Put one message on a queue, in base64, which is the encoding that host.json names.

        Nobody receives it before `delay_seconds` have passed. The queue is created if it does not exist. This blocks on
        the network. Raises StorageUnavailable.
        """
        client = self._queue(queue)
        text = message.decode()
        with storage_errors():
            try:
                client.send_message(text, visibility_timeout=delay_seconds or None)
            except ResourceNotFoundError:
                _create(client.create_queue)
                client.send_message(text, visibility_timeout=delay_seconds or None)

    def _queue_client(self, name: str) -> QueueClient:
        client: QueueClient = self._queues.get_queue_client(name, message_encode_policy=TextBase64EncodePolicy())
        return client

    @cached_property
    def _queues(self) -> QueueServiceClient:
        retry = QueueLinearRetry(**_RETRY)
        service: QueueServiceClient = self._service(QueueServiceClient, self._settings.queue_uri, retry_policy=retry)
        return service

    def _service(self, kind: Any, uri: str, **options: Any) -> Any:
        options["transport"] = RequestsTransport(session=self._session, session_owner=False, **_TIMEOUTS)
        if self._settings.connection_string is not None:
            return kind.from_connection_string(self._settings.connection_string.reveal(), **options)
        return kind(uri, credential=self._identity.credential, **options)


class _RetryOrCreate(LinearRetry):
    """Retries as LinearRetry does, and creates the container when a request finds that there is none."""

    def __init__(self, create: Callable[[], object]) -> None:
        super().__init__(**_RETRY)
        self._make_container = create

    def send(self, request: Any) -> Any:
        """Send a request of the SDK's pipeline and return its response."""
        response = super().send(request)  # type: ignore[no-untyped-call]
        if response.http_response.headers.get("x-ms-error-code") == _CONTAINER_MISSING:
            _create(self._make_container)
            response = super().send(request)  # type: ignore[no-untyped-call]
        return response


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn the SDK's errors into StorageUnavailable.

    An error that means something else to the caller must be caught inside the `with` block.
    """
    try:
        yield
    except AzureError as error:
        raise StorageUnavailable from error


def _create(create: Callable[[], object]) -> None:
    # Another instance may have created it at the same time.
    with suppress(ResourceExistsError):
        create()
