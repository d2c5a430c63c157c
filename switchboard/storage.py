"""Opens the Blob container and the queues. Only here do the SDK's errors become StorageUnavailable."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import BlobServiceClient, ContainerClient, LinearRetry
from azure.storage.queue import LinearRetry as QueueLinearRetry
from azure.storage.queue import QueueServiceClient, TextBase64EncodePolicy

from switchboard.credentials import Identity
from switchboard.errors import StorageUnavailable
from switchboard.settings import StorageSettings

# The clients below retry twice, after a second each. The SDK's default waits 15 s before it retries, but a request from
# a page may take 45 s at most.
_TRANSPORT = {"connection_timeout": 3, "read_timeout": 5}


class Storage:
    """Gives access to the storage account. Its clients are made when they are first needed and then kept."""

    def __init__(self, settings: StorageSettings, identity: Identity, container: str) -> None:
        self._settings = settings
        self._identity = identity
        self._container_name = container

    @cached_property
    def container(self) -> ContainerClient:
        """Return the client of the archive's container, which is created if it does not exist.

        The first use blocks on the network and may raise StorageUnavailable. (On Azure, Bicep has created it already.)
        """
        retry = LinearRetry(backoff=1, retry_total=2, random_jitter_range=0)
        service = self._service(BlobServiceClient, self._settings.blob_uri, retry_policy=retry)
        container: ContainerClient = service.get_container_client(self._container_name)
        with storage_errors():
            if not container.exists():
                _create(container.create_container)
        return container

    def send(self, queue: str, message: bytes, *, delay_seconds: int = 0) -> None:
        """Put one message on a queue, in base64, which is the encoding that host.json names.

        Nobody receives it before `delay_seconds` have passed. The queue is created if it does not exist. This blocks on
        the network. Raises StorageUnavailable.
        """
        client = self._queues.get_queue_client(queue, message_encode_policy=TextBase64EncodePolicy())
        text = message.decode()
        with storage_errors():
            try:
                client.send_message(text, visibility_timeout=delay_seconds or None)
            except ResourceNotFoundError:
                _create(client.create_queue)
                client.send_message(text, visibility_timeout=delay_seconds or None)

    @cached_property
    def _queues(self) -> QueueServiceClient:
        retry = QueueLinearRetry(backoff=1, retry_total=2, random_jitter_range=0)
        service: QueueServiceClient = self._service(QueueServiceClient, self._settings.queue_uri, retry_policy=retry)
        return service

    def _service(self, kind: Any, uri: str, **options: Any) -> Any:
        if self._settings.connection_string is not None:
            connection = self._settings.connection_string.reveal()
            return kind.from_connection_string(connection, **options, **_TRANSPORT)
        return kind(uri, credential=self._identity.credential, **options, **_TRANSPORT)


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
