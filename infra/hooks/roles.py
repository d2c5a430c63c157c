"""Role assignments take minutes to be in force, and nothing says when they are: ask until the answer changes.

The gateway's roles and the developer's are made at the same moment, and only the developer can ask from here. The model
is asked for what the gateway needs of it: a client secret, which is thrown away and is over after ten seconds.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from arm import CANNOT_ASK, azd_token

WAIT_SECONDS = 300.0
PAUSE_SECONDS = 5.0
# A version that knows Entra tokens; any later one does too.
STORAGE_API_VERSION = "2023-11-03"
# How storage and the model account say: known, but without the role.
NOT_YET = ("AuthorizationPermissionMismatch", "PermissionDenied", "lacks the required data action")
WIDER_ROLE = "azd env set AZURE_OPENAI_ROLE cognitiveServicesUser && azd provision"


@dataclass(frozen=True)
class Door:
    """Something that opens once a role is in force. `body` is sent by POST; without one the request is a GET."""

    name: str
    url: str
    scope: str
    body: bytes | None = None
    # What to try when it stays shut.
    advice: str = "If the deployment meets a 403: azd deploy"


def doors(env: Mapping[str, str]) -> list[Door]:
    """Return what the developer's roles open in this environment."""
    found = []
    blobs = env.get("AZURE_STORAGE_BLOB_ENDPOINT")
    if blobs:
        storage = "https://storage.azure.com/.default"
        found.append(Door("storage", f"{blobs.rstrip('/')}/?comp=list&maxresults=1", storage))
    model = env.get("AZURE_OPENAI_ENDPOINT")
    # The preview protocol has no client secrets that could be asked for here.
    if model and env.get("GATEWAY_PROTOCOL", "ga") == "ga":
        session = {"type": "realtime", "model": env.get("AZURE_OPENAI_DEPLOYMENT", "")}
        body = {"expires_after": {"anchor": "created_at", "seconds": 10}, "session": session}
        found.append(
            Door(
                "the model",
                f"{model.rstrip('/')}/openai/v1/realtime/client_secrets",
                env.get("REALTIME_TOKEN_SCOPE") or "https://ai.azure.com/.default",
                json.dumps(body).encode(),
                f"If calls meet a 401, give the wider role: {WIDER_ROLE}",
            )
        )
    return found


def is_open(door: Door, token: str) -> bool | None:
    """Return True when the role is in force, False when it is not yet, None when this place cannot tell."""
    headers = {"Authorization": f"Bearer {token}"}
    headers |= {"Content-Type": "application/json"} if door.body else {"x-ms-version": STORAGE_API_VERSION}
    request = urllib.request.Request(door.url, data=door.body, headers=headers)  # noqa: S310 (https, from the outputs)
    try:
        with urllib.request.urlopen(request, timeout=15):  # noqa: S310
            return True
    except urllib.error.HTTPError as error:
        said = error.read(4096).decode(errors="replace")
        return False if error.code in (401, 403) and any(word in said for word in NOT_YET) else None
    except OSError:
        return None


def wait_for_roles(
    env: Mapping[str, str],
    *,
    token: Callable[[str], str] = azd_token,
    seconds: float = WAIT_SECONDS,
    pause: float = PAUSE_SECONDS,
) -> bool:
    """Wait until every door is open.

    Returns False when time ran out, when it cannot be told, or when nobody here was given a role (a pipeline); none of
    these is a failure.
    """
    if env.get("DEVELOPER_HAS_ACCESS", "true").lower() != "true":
        print("Nobody here was given roles on model and archive: whether the gateway's are in force is not asked.")
        return False
    deadline = time.monotonic() + seconds
    sure = True
    for door in doors(env):
        try:
            bearer = token(door.scope)
        except CANNOT_ASK:
            print(f"Cannot ask {door.name}: azd gives no token for it.")
            sure = False
            continue
        print(f"Waiting for the roles on {door.name} ...", flush=True)
        while (answer := is_open(door, bearer)) is False and time.monotonic() < deadline:
            time.sleep(pause)
        if answer is not True:
            sure = False
            print(f"The roles on {door.name} cannot be seen from here. {door.advice}")
    if sure:
        print("The roles are in force.")
    return sure
