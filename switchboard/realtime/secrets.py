"""Client secrets that are used again until they expire.

One secret may begin many sessions until it expires (openai-python, client_secret_create_params), and with proxy
signalling it never leaves the gateway. So a call costs one upstream request, not two.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from time import time
from typing import Any

import msgspec

from switchboard.realtime.service import ClientSecret, RealtimeService

# A secret this close to its end could expire on the way.
MARGIN_SECONDS = 30
# One for each choice of voice and language that visitors make; the least used one goes.
MOST_SECRETS = 64


class SecretCache:
    """Hands out a client secret for a session configuration; mints where it has none. Safe between threads."""

    def __init__(self, service: RealtimeService, seconds: int) -> None:
        self._service = service
        self._seconds = seconds
        self._secrets: OrderedDict[bytes, ClientSecret] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, session: Mapping[str, Any]) -> ClientSecret:
        """A secret good for at least MARGIN_SECONDS, or a fresh one. Raises an UpstreamError."""
        if not self._service.secrets_are_reusable:
            return self._service.create_client_secret(session, self._seconds)
        key = _key(session)
        with self._lock:
            secret = self._secrets.get(key)
            if secret is not None and secret.expires_at - time() > MARGIN_SECONDS:
                self._secrets.move_to_end(key)
                return secret
        # Minted outside the lock: one slow answer must not hold up callers who chose another voice. Two callers at
        # once may mint two; the second replaces the first, and both are good.
        secret = self._service.create_client_secret(session, self._seconds)
        with self._lock:
            self._secrets[key] = secret
            if len(self._secrets) > MOST_SECRETS:
                self._secrets.popitem(last=False)
        return secret

    def drop(self, session: Mapping[str, Any]) -> None:
        """Forget the secret for this configuration: the service has refused it."""
        with self._lock:
            self._secrets.pop(_key(session), None)


def _key(session: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(session, order="sorted")
