"""How the gateway proves who it is: an Entra token of its managed identity, or an API key.

One credential object lives as long as the process, for the Realtime service and for storage: it caches tokens and
remembers which kind of identity it found.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Protocol

from azure.core.credentials import TokenCredential
from azure.core.exceptions import ClientAuthenticationError

from switchboard.errors import UpstreamUnauthorized
from switchboard.settings import Secret


class Credentials(Protocol):
    """What a request to the Realtime service carries."""

    def headers(self) -> Mapping[str, str]:
        """The header that authenticates. May do network I/O; raises UpstreamUnauthorized when no token can be had."""
        ...

    @property
    def hint(self) -> str:
        """What to look at when the service does not accept it."""
        ...


class ApiKey:
    """A key of the resource, for where Entra cannot be used."""

    hint = (
        "REALTIME_API_KEY is in use. Check that it is a key of this resource and that local authentication is on there."
    )

    def __init__(self, key: Secret) -> None:
        self._key = key

    def headers(self) -> Mapping[str, str]:
        """The `api-key` header."""
        return {"api-key": self._key.reveal()}


class EntraToken:
    """A bearer token of the identity that DefaultAzureCredential finds."""

    def __init__(self, identity: "Identity", scope: str) -> None:
        self._identity = identity
        self._scope = scope
        self.hint = (
            "Give the gateway's identity the role Cognitive Services OpenAI User (or Cognitive Services User) on the "
            f"resource. The token scope in use is {scope} (REALTIME_TOKEN_SCOPE)."
        )

    def headers(self) -> Mapping[str, str]:
        """The `Authorization` header; the token comes from a cache until shortly before it expires."""
        try:
            return {"Authorization": f"Bearer {self._provider()}"}
        except ClientAuthenticationError as error:
            raise UpstreamUnauthorized(
                "The gateway could not get an Entra token.",
                hint="On Azure, assign a managed identity and set AZURE_CLIENT_ID. On a laptop, run az login.",
            ) from error

    @cached_property
    def _provider(self) -> Callable[[], str]:
        from azure.identity import get_bearer_token_provider

        return get_bearer_token_provider(self._identity.credential, self._scope)


class Identity:
    """The process's one credential object, made when it is first needed."""

    def __init__(self, client_id: str) -> None:
        self._client_id = client_id

    @cached_property
    def credential(self) -> TokenCredential:
        """A DefaultAzureCredential; with a client id, of that user-assigned identity."""
        # Imported here because an API key and a connection string need none of it: 130 ms of a cold start.
        from azure.identity import DefaultAzureCredential

        return DefaultAzureCredential(managed_identity_client_id=self._client_id or None)
