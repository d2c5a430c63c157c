"""Keeps client secrets and uses them again until they expire.

One client secret may start many sessions until it expires (openai-python, client_secret_create_params), and with proxy
signalling it never leaves the gateway. So a call usually needs one request to the service instead of two.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from time import time
from typing import Any

import msgspec

from switchboard.realtime.service import ClientSecret, RealtimeService

# A secret that expires sooner than this could expire before the request arrives.
MARGIN_SECONDS = 30
# There is one secret for each choice of voice and language; beyond this number the least recently used one is dropped.
MOST_SECRETS = 64


class SecretCache:
    """Keeps one client secret for each session configuration in use. It may be shared between threads."""

    def __init__(self, service: RealtimeService, seconds: int) -> None:
        self._service = service
        self._seconds = seconds
        self._secrets: OrderedDict[bytes, ClientSecret] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, session: Mapping[str, Any]) -> ClientSecret:
        """Return a client secret for the session configuration; mint one if none is left that lives long enough.

        A secret that was kept is valid for at least MARGIN_SECONDS more. Raises an UpstreamError.
        """
        if not self._service.secrets_are_reusable:
            return self._service.create_client_secret(session, self._seconds)
        key = _key(session)
        with self._lock:
            secret = self._secrets.get(key)
            if secret is not None and secret.expires_at - time() > MARGIN_SECONDS:
                self._secrets.move_to_end(key)
                return secret
        # Mint outside the lock: one slow answer must not delay callers who chose another voice. Two callers at the
        # same time may mint two secrets; the second replaces the first, and both are valid.
        secret = self._service.create_client_secret(session, self._seconds)
        with self._lock:
            self._secrets[key] = secret
            if len(self._secrets) > MOST_SECRETS:
                self._secrets.popitem(last=False)
        return secret

    def drop(self, session: Mapping[str, Any]) -> None:
        """Forget the client secret for this configuration, because the service has refused it."""
        with self._lock:
            self._secrets.pop(_key(session), None)


def _key(session: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(session, order="sorted")
