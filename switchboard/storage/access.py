"""Opens the Blob container and the queues. Only here do the errors of azure-core become StorageUnavailable."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import AzureError, ResourceExistsError

from switchboard.credentials import Identity
from switchboard.errors import StorageUnavailable
from switchboard.network import Network
from switchboard.settings import StorageSettings
from switchboard.storage import operations
from switchboard.storage.account import Account, account_of
from switchboard.storage.answers import CONTAINER_MISSING, QUEUE_MISSING, Answer
from switchboard.storage.blob import Blob
from switchboard.storage.listing import ListPage, read_list
from switchboard.storage.operations import Request
from switchboard.storage.sdk import container_client
from switchboard.storage.sending import Sender
from switchboard.threads import STORAGE_THREADS

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient

_SCOPE = "https://storage.azure.com/.default"


class Storage:
    """Gives access to the storage account. Its connections are made when they are first needed and then kept.

    There is one pool of them, as large as the number of threads that work for storage. Bicep has created the container
    and the queues. Where it has not, the first request that misses one creates it.
    """

    def __init__(self, settings: StorageSettings, identity: Identity, container: str, network: Network) -> None:
        self._settings = settings
        self._identity = identity
        self._container_name = container
        self._session = network.session(STORAGE_THREADS)

    def warm_up(self) -> None:
        """Import the SDK and make the clients, which send nothing yet."""
        _ = self.container

    def blob(self, name: str) -> Blob:
        """Return a blob of the container, whether it exists or not."""
        return Blob(self._container_name, name, self._ask_blobs)

    def list_blobs(self, prefix: str) -> Iterator[tuple[ListPage, datetime]]:
        """Yield the pages of the list of all blobs whose names begin with `prefix`, and when storage sent each of them.

        Each page takes a request, which blocks on the network and raises the errors of azure-core. The SDK's client
        takes ten times as long to read a page.
        """
        marker = ""
        while True:
            answer = self._ask_blobs(operations.list_blobs(self._container_name, prefix, marker)).check()
            page = read_list(answer.body)
            yield page, answer.date
            if not page.next:
                return
            marker = page.next

    def send(self, queue: str, message: bytes, *, delay_seconds: int = 0) -> None:
        """Put one message on a queue, in base64, which is the encoding that host.json names.

        Nobody receives it before `delay_seconds` have passed. The queue is created if it does not exist. This blocks on
        the network. Raises StorageUnavailable.
        """
        put = operations.put_message(queue, message, delay_seconds)
        with storage_errors():
            answer = self._queues.send(put)
            if answer.code == QUEUE_MISSING:
                _create(self._queues, operations.create_queue(queue))
                answer = self._queues.send(put)
            answer.check()

    @cached_property
    def container(self) -> "ContainerClient":
        """Return the SDK's client of the container, for whatever is rare. It takes long to import."""
        return container_client(
            self._settings, self._identity, self._container_name, self._session, create=self._create_container
        )

    def _ask_blobs(self, request: Request) -> Answer:
        answer = self._blobs.send(request)
        if answer.code == CONTAINER_MISSING:
            self._create_container()
            answer = self._blobs.send(request)
        return answer

    def _create_container(self) -> None:
        _create(self._blobs, operations.create_container(self._container_name))

    @cached_property
    def _blobs(self) -> Sender:
        return self._sender(self._account.blobs)

    @cached_property
    def _queues(self) -> Sender:
        return self._sender(self._account.queues)

    def _sender(self, url: str) -> Sender:
        return Sender(url, self._account, self._session, lambda: self._bearer())

    @cached_property
    def _account(self) -> Account:
        return account_of(self._settings)

    @cached_property
    def _bearer(self) -> Callable[[], str]:
        from azure.identity import get_bearer_token_provider

        return get_bearer_token_provider(self._identity.credential, _SCOPE)


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn the errors of azure-core into StorageUnavailable.

    An error that means something else to the caller must be caught inside the `with` block.
    """
    try:
        yield
    except AzureError as error:
        raise StorageUnavailable from error


def _create(sender: Sender, request: Request) -> Any:
    # Another instance may have created it at the same time.
    with suppress(ResourceExistsError):
        sender.send(request).check()
