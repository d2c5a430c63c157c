"""Role assignments take minutes to be in force, and nothing says when they are: ask until the answer changes.

The gateway's roles and the developer's are made at the same moment, and only the developer can ask from here. So this
is a good sign, not a proof; a deployment that still meets a 403 is repeated with `azd deploy`.
"""

from __future__ import annotations

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass

WAIT_SECONDS = 300.0
PAUSE_SECONDS = 5.0
# A version that knows Entra tokens; any later one does too.
STORAGE_API_VERSION = "2023-11-03"
# How storage and the model account say: known, but without the role.
NOT_YET = ("AuthorizationPermissionMismatch", "PermissionDenied", "lacks the required data action")


@dataclass(frozen=True)
class Door:
    """Something that opens once a role is in force. Asking costs nothing and changes nothing."""

    name: str
    url: str
    scope: str


def doors(env: Mapping[str, str]) -> list[Door]:
    """What the developer's roles open in this environment."""
    found = []
    blobs = env.get("AZURE_STORAGE_BLOB_ENDPOINT")
    if blobs:
        storage = "https://storage.azure.com/.default"
        found.append(Door("storage", f"{blobs.rstrip('/')}/?comp=list&maxresults=1", storage))
    model = env.get("AZURE_OPENAI_ENDPOINT")
    if model:
        scope = "https://cognitiveservices.azure.com/.default"
        found.append(Door("the model", f"{model.rstrip('/')}/openai/v1/models", scope))
    return found


def azd_token(scope: str) -> str:
    """An Entra token of whoever is signed in to azd."""
    command = ["azd", "auth", "token", "--output", "json", "--scope", scope]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 (no shell, fixed words)
    token: str = json.loads(done.stdout)["token"]
    return token


def is_open(door: Door, token: str) -> bool | None:
    """True when the role is in force, False when it is not yet, None when this place cannot tell."""
    headers = {"Authorization": f"Bearer {token}", "x-ms-version": STORAGE_API_VERSION}
    request = urllib.request.Request(door.url, headers=headers)  # noqa: S310 (https, from the outputs)
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
    """Wait until every door is open. False when time ran out, or when it cannot be told; neither is a failure."""
    deadline = time.monotonic() + seconds
    sure = True
    for door in doors(env):
        try:
            bearer = token(door.scope)
        except (OSError, subprocess.CalledProcessError, ValueError, KeyError):
            print(f"Cannot ask {door.name}: azd gives no token for it.")
            sure = False
            continue
        print(f"Waiting for the roles on {door.name} ...", flush=True)
        while (answer := is_open(door, bearer)) is False and time.monotonic() < deadline:
            time.sleep(pause)
        if answer is not True:
            sure = False
            print(f"The roles on {door.name} cannot be seen from here. If the deployment meets a 403: azd deploy")
    if sure:
        print("The roles are in force.")
    return sure
