"""Proves to other services who the gateway is, by an Entra token of its managed identity or by an API key.

One credential object serves the Realtime service and storage and lives as long as the process, because it caches its
tokens and remembers which kind of identity it found.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Protocol

from azure.core.credentials import TokenCredential
from azure.core.exceptions import ClientAuthenticationError

from switchboard.errors import UpstreamUnauthorized
from switchboard.network import Network
from switchboard.settings import Secret

# A token is asked for once in some hours, by whoever needs it first.
_CONNECTIONS = 4


class Credentials(Protocol):
    """This port authenticates requests to the Realtime service."""

    def headers(self) -> Mapping[str, str]:
        """Return the header that authenticates a request.

        This may block on the network. Raises UpstreamUnauthorized if the gateway cannot get a token.
        """
        ...

    def warm_up(self) -> None:
        """Make ready what `headers` needs, without asking anybody for a token."""
        ...

    @property
    def hint(self) -> str:
        """Return what the operator should check if the service refuses the header."""
        ...


class ApiKey:
    """Authenticates with a key of the resource, where Entra cannot be used."""

    hint = (
        "REALTIME_API_KEY is in use. Check that it is a key of this resource and that local authentication is on there."
    )

    def __init__(self, key: Secret) -> None:
        self._key = key

    def warm_up(self) -> None:
        """Do nothing, because a key needs nothing."""

    def headers(self) -> Mapping[str, str]:
        """Return the `api-key` header."""
        return {"api-key": self._key.reveal()}


class EntraToken:
    """Authenticates with an Entra token of the identity that DefaultAzureCredential finds."""

    def __init__(self, identity: "Identity", scope: str) -> None:
        self._identity = identity
        self._scope = scope
        self.hint = (
            "Give the gateway's identity the role Cognitive Services OpenAI User (or Cognitive Services User) on the "
            f"resource. The token scope in use is {scope} (REALTIME_TOKEN_SCOPE)."
        )

    def warm_up(self) -> None:
        """Import azure-identity and make the credential, which asks for no token yet."""
        _ = self._provider

    def headers(self) -> Mapping[str, str]:
        """Return the `Authorization` header. The token is cached until shortly before it expires.

        Getting a new token blocks on the network. Raises UpstreamUnauthorized if there is none to get.
        """
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
    """Makes the process's one credential object when it is first needed."""

    def __init__(self, client_id: str, network: Network) -> None:
        self._client_id = client_id
        self._session = network.session(_CONNECTIONS)

    @cached_property
    def credential(self) -> TokenCredential:
        """Return a DefaultAzureCredential. If there is a client id, it uses that user-assigned identity."""
        # Imported here because it takes 130 ms of a cold start, and the gateway can do without it if it has keys.
        from azure.core.pipeline.transport import RequestsTransport
        from azure.identity import DefaultAzureCredential

        transport = RequestsTransport(session=self._session, session_owner=False)
        return DefaultAzureCredential(managed_identity_client_id=self._client_id or None, transport=transport)
