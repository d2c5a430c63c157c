"""This module connects to the queues of a storage account or of Azurite.

It finds the account through the app settings that a binding's `connection` names.
"""

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
    """This class is a message that this host has received, and that is hidden from others until its lock ends."""

    id: str
    """The message's id."""
    text: str
    """The message as it is stored, which is base64 unless host.json says otherwise."""
    dequeue_count: int
    """How often the message was received, this time included."""
    receipt: str
    """The latest pop receipt, which renewing and deleting need."""
    fields: Mapping[str, str | int]
    """What triggers are told of the message, such as `InsertionTime`, by name; times are in ISO 8601."""


class Queue:
    """This class is one queue, which is created when it is missing.

    Raises:
        azure.core.exceptions.AzureError: The queue cannot be reached. Every method may raise this error.
    """

    def __init__(self, client: QueueClient) -> None:
        self._client = client

    @property
    def name(self) -> str:
        """Return the queue's name."""
        return str(self._client.queue_name)

    async def send(self, text: str) -> None:
        """Put a message, which has to be encoded already, on the queue."""
        try:
            await self._client.send_message(text)
        except ResourceNotFoundError:
            await self._create()
            await self._client.send_message(text)

    async def receive(self, count: int, lock_seconds: int) -> list[Received]:
        """Receive up to `count` messages, and hide them from others for `lock_seconds`. There may be none."""
        try:
            pages = self._client.receive_messages(messages_per_page=count, visibility_timeout=lock_seconds).by_page()
            async for page in pages:
                return [_received(message) async for message in page]
        except ResourceNotFoundError:
            await self._create()
        return []

    async def hide(self, message: Received, seconds: int) -> bool:
        """Hide a message for `seconds` from now on. Return False when another host has received it meanwhile."""
        try:
            updated = await self._client.update_message(message.id, message.receipt, visibility_timeout=seconds)
        except HttpResponseError as error:
            if _is_lost(error):
                return False
            raise
        message.receipt = str(updated.pop_receipt)
        return True

    async def delete(self, message: Received) -> bool:
        """Delete a message. Return False when another host has received it meanwhile."""
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
    """This class gives access to the queues of all connections that an app names. Close it when the host stops."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._services: dict[str, QueueServiceClient] = {}
        self._credentials: list[AsyncTokenCredential] = []
        self._on_sent: dict[tuple[str, str], list[Callable[[], None]]] = {}

    def queue(self, connection: str | None, name: str) -> Queue:
        """Return the queue called `name`, in which %SETTING% stands for the value of an app setting.

        Raises:
            StartupError: The app settings lack the connection, or a setting that the name contains.
        """
        return Queue(self._service(connection).get_queue_client(self._resolved(name)))

    def poison_queue(self, connection: str | None, name: str) -> Queue | None:
        """Return the queue to which failed messages move, or None for a queue that is a poison queue itself."""
        name = self._resolved(name)
        return None if name.endswith("-poison") else self.queue(connection, f"{name}-poison")

    def when_sent(self, connection: str | None, name: str, wake: Callable[[], None]) -> None:
        """Call `wake` whenever this host has written to the queue, as the real host wakes its own listeners."""
        self._on_sent.setdefault((connection or "", self._resolved(name)), []).append(wake)

    async def send(self, connection: str | None, name: str, text: str) -> None:
        """Put a message, which has to be encoded already, on a queue.

        Raises:
            azure.core.exceptions.AzureError: The queue cannot be reached.
        """
        await self.queue(connection, name).send(text)
        for wake in self._on_sent.get((connection or "", self._resolved(name)), ()):
            wake()

    async def close(self) -> None:
        """Close all connections."""
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
        # Retries are few, because the listeners try again anyway and an output must not delay an HTTP reply by minutes.
        options: dict[str, Any] = {"initial_backoff": 1, "retry_total": 2}
        for name in (f"AzureWebJobs{key}", key):
            if text := self._environ.get(name):
                return QueueServiceClient.from_connection_string(text, **options)
            if address := self._environ.get(f"{name}__queueServiceUri") or self._account_address(name):
                from azure.identity.aio import (
                    DefaultAzureCredential,
                )  # This import takes a quarter of a second, which Azurite does not need.

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
    """Return whether the message was received by another host, or has been deleted."""
    return error.status_code == 404 or getattr(error, "error_code", "") == "PopReceiptMismatch"
