"""Queues of a storage account or of Azurite, found through the app settings that a binding's `connection` names."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient, QueueServiceClient

from local.host.settings import StartupError


@dataclass
class Received:
    """A message that this host holds until its visibility ends."""

    id: str
    text: str
    dequeue_count: int
    receipt: str
    fields: Mapping[str, str | int]


class Queue:
    """One queue, created when it is missing. All methods raise azure.core.exceptions.AzureError."""

    def __init__(self, client: QueueClient) -> None:
        self._client = client

    @property
    def name(self) -> str:
        """The queue's name."""
        return str(self._client.queue_name)

    async def send(self, text: str) -> None:
        """Put a message, already encoded, on the queue."""
        try:
            await self._client.send_message(text)
        except ResourceNotFoundError:
            await self._create()
            await self._client.send_message(text)

    async def receive(self, count: int, lock_seconds: int) -> list[Received]:
        """Up to `count` messages, invisible to others for `lock_seconds`; none is no error."""
        try:
            pages = self._client.receive_messages(messages_per_page=count, visibility_timeout=lock_seconds).by_page()
            async for page in pages:
                return [_received(message) async for message in page]
        except ResourceNotFoundError:
            await self._create()
        return []

    async def hide(self, message: Received, seconds: int) -> bool:
        """Keep the message invisible for `seconds` from now; False when it is no longer ours."""
        try:
            updated = await self._client.update_message(message.id, message.receipt, visibility_timeout=seconds)
        except HttpResponseError as error:
            if _is_lost(error):
                return False
            raise
        message.receipt = str(updated.pop_receipt)
        return True

    async def delete(self, message: Received) -> bool:
        """Remove the message; False when it is no longer ours."""
        try:
            await self._client.delete_message(message.id, message.receipt)
        except HttpResponseError as error:
            if _is_lost(error):
                return False
            raise
        return True

    async def _create(self) -> None:
        try:
            await self._client.create_queue()
        except ResourceExistsError:
            return


class Storage:
    """The queues of all connections that the app's bindings name. Close it when the host stops."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._services: dict[str, QueueServiceClient] = {}
        self._credentials: list[AsyncTokenCredential] = []
        self._on_sent: dict[tuple[str, str], list[Callable[[], None]]] = {}

    def queue(self, connection: str | None, name: str) -> Queue:
        """The queue `name`, in which %SETTING% stands for an app setting. Raises StartupError."""
        return Queue(self._service(connection).get_queue_client(self._resolved(name)))

    def poison_queue(self, connection: str | None, name: str) -> Queue | None:
        """Where a queue's failed messages go; a poison queue has none itself."""
        name = self._resolved(name)
        return None if name.endswith("-poison") else self.queue(connection, f"{name}-poison")

    def when_sent(self, connection: str | None, name: str, wake: Callable[[], None]) -> None:
        """Call `wake` when this host itself has written to the queue, as the real host wakes its own listeners."""
        self._on_sent.setdefault((connection or "", self._resolved(name)), []).append(wake)

    async def send(self, connection: str | None, name: str, text: str) -> None:
        """Write a message, already encoded. Raises AzureError."""
        await self.queue(connection, name).send(text)
        for wake in self._on_sent.get((connection or "", self._resolved(name)), ()):
            wake()

    async def close(self) -> None:
        """Close the connections."""
        for service in self._services.values():
            await service.close()
        for credential in self._credentials:
            await credential.close()

    def _resolved(self, name: str) -> str:
        def setting(match: re.Match[str]) -> str:
            if match[1] not in self._environ:
                raise StartupError(f"The queue name {name!r} needs the app setting {match[1]}.")
            return self._environ[match[1]]

        return re.sub(r"%([^%]+)%", setting, name)

    def _service(self, connection: str | None) -> QueueServiceClient:
        key = connection or "AzureWebJobsStorage"
        if key not in self._services:
            self._services[key] = self._connect(key)
        return self._services[key]

    def _connect(self, key: str) -> QueueServiceClient:
        # Short retries: the listeners try again themselves, and an output must not hold an HTTP reply for minutes.
        options: dict[str, Any] = {"initial_backoff": 1, "retry_total": 2}
        for name in (f"AzureWebJobs{key}", key):
            if text := self._environ.get(name):
                return QueueServiceClient.from_connection_string(text, **options)
            if address := self._environ.get(f"{name}__queueServiceUri") or self._account_address(name):
                from azure.identity.aio import DefaultAzureCredential  # a quarter second that Azurite does not need

                client_id = self._environ.get(f"{name}__clientId")
                credential = DefaultAzureCredential(managed_identity_client_id=client_id)
                self._credentials.append(credential)
                return QueueServiceClient(address, credential=credential, **options)
        raise StartupError(f"A binding's connection is {key}, but neither {key} nor {key}__queueServiceUri is set.")

    def _account_address(self, name: str) -> str | None:
        account = self._environ.get(f"{name}__accountName")
        return f"https://{account}.queue.core.windows.net" if account else None


def _received(message: QueueMessage) -> Received:
    times = {
        "ExpirationTime": message.expires_on,
        "InsertionTime": message.inserted_on,
        "NextVisibleTime": message.next_visible_on,
    }
    fields: dict[str, str | int] = {
        "Id": str(message.id),
        "DequeueCount": int(message.dequeue_count or 0),
        "PopReceipt": str(message.pop_receipt),
    }
    fields.update({name: time.strftime("%Y-%m-%dT%H:%M:%S+00:00") for name, time in times.items() if time})
    return Received(
        id=str(message.id),
        text=str(message.content or ""),
        dequeue_count=int(message.dequeue_count or 0),
        receipt=str(message.pop_receipt),
        fields=fields,
    )


def _is_lost(error: HttpResponseError) -> bool:
    """Whether another instance has taken the message, or it is gone with its queue."""
    return error.status_code == 404 or getattr(error, "error_code", "") == "PopReceiptMismatch"
