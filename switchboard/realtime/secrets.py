"""Keeps client secrets and uses them again until they expire.

One client secret may start many sessions until it expires (openai-python, client_secret_create_params), and with proxy
signalling it never leaves the gateway. So a call usually needs one request to the service instead of two.
"""

import logging
import random
import threading
from collections import OrderedDict
from collections.abc import Mapping
from time import time
from typing import Any

import msgspec

from switchboard.errors import UpstreamError, UpstreamUnauthorized, UpstreamUnreachable
from switchboard.realtime.service import ClientSecret, CreatedCall, RealtimeService

log = logging.getLogger(__name__)

# A secret that expires sooner than this could expire before the request arrives.
MARGIN_SECONDS = 30
# There is one secret for each choice of voice and language; beyond this number the least recently used one is dropped.
MOST_SECRETS = 64


class SecretCache:
    """Keeps one client secret for each session configuration in use and each endpoint that calls are spread over.

    It may be shared between threads.
    """

    def __init__(self, service: RealtimeService, seconds: int) -> None:
        self._service = service
        self._seconds = seconds
        self._secrets: OrderedDict[bytes, ClientSecret] = OrderedDict()
        self._lock = threading.Lock()

    def create_call(self, session: Mapping[str, Any], offer: bytes, *, filtered: bool | None = None) -> CreatedCall:
        """Create a call with a client secret that was kept, or else with a new one.

        `filtered` says whether Azure hides most server events from the page; None leaves it to the settings.
        A secret is kept no longer once the service has failed with it, because it is tied to one endpoint. If no call
        can have begun, the offer is sent once more, with another secret. Raises OfferInvalid or an UpstreamError.
        """
        secret = self.take(session)
        try:
            return self._create_call(session, secret, offer, filtered)
        except (UpstreamUnauthorized, UpstreamUnreachable) as error:
            log.warning("no call could be created with a client secret (%s); trying another secret", error.code)
        return self._create_call(session, self.take(session), offer, filtered)

    def take(self, session: Mapping[str, Any]) -> ClientSecret:
        """Return a client secret for the session configuration; mint one if none is left that lives long enough.

        A secret that was kept is valid for at least MARGIN_SECONDS more. Raises an UpstreamError.
        """
        if not self._service.secrets_are_reusable:
            return self.fresh(session, self._seconds)
        share = self._share()
        key = _key(session, share)
        with self._lock:
            secret = self._secrets.get(key)
            if secret is not None and secret.expires_at - time() > MARGIN_SECONDS:
                self._secrets.move_to_end(key)
                return secret
        # Mint outside the lock: one slow answer must not delay callers who chose another voice. Two callers at the
        # same time may mint two secrets; the second replaces the first, and both are valid.
        secret = self._service.create_client_secret(session, self._seconds, share)
        with self._lock:
            self._secrets[key] = secret
            if len(self._secrets) > MOST_SECRETS:
                self._secrets.popitem(last=False)
        return secret

    def fresh(self, session: Mapping[str, Any], seconds: int) -> ClientSecret:
        """Mint a client secret that nobody else is given and that expires after `seconds`. Raises an UpstreamError."""
        return self._service.create_client_secret(session, seconds, self._share())

    def _share(self) -> int:
        """Choose by chance which endpoint comes first. A count would have to be shared between all instances."""
        return random.randrange(self._service.shares)  # noqa: S311 (nothing secret depends on it)

    def _create_call(
        self, session: Mapping[str, Any], secret: ClientSecret, offer: bytes, filtered: bool | None
    ) -> CreatedCall:
        try:
            return self._service.create_call(secret, offer, filtered=filtered)
        except UpstreamError:
            self._drop(session, secret)
            raise

    def _drop(self, session: Mapping[str, Any], secret: ClientSecret) -> None:
        """Forget this client secret, unless another one has replaced it already."""
        with self._lock:
            for share in range(self._service.shares):
                if self._secrets.get(_key(session, share)) is secret:
                    del self._secrets[_key(session, share)]


def _key(session: Mapping[str, Any], share: int) -> bytes:
    return b"%d " % share + msgspec.json.encode(session, order="sorted")
