"""Asking Azure as whoever is signed in to azd: its tokens, and GET requests to the Resource Manager."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from collections.abc import Callable
from typing import Any

MANAGEMENT = "https://management.azure.com"
TIMEOUT_SECONDS = 30

# What goes wrong when azd, its sign-in or the network is missing: each caller then says what it could not find out.
CANNOT_ASK = (OSError, subprocess.CalledProcessError, ValueError, KeyError)


def azd_token(scope: str) -> str:
    """Return an Entra token of whoever is signed in to azd. Raises one of CANNOT_ASK."""
    command = ["azd", "auth", "token", "--output", "json", "--scope", scope]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 (no shell, fixed words)
    token: str = json.loads(done.stdout)["token"]
    return token


def arm_list(path: str, *, token: Callable[[str], str] = azd_token, base: str = MANAGEMENT) -> list[dict[str, Any]]:
    """Return all items of a list of the Resource Manager, over all its pages. Raises one of CANNOT_ASK."""
    bearer = token(f"{MANAGEMENT}/.default")
    found: list[dict[str, Any]] = []
    url = f"{base}{path}"
    while url:
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {bearer}"})  # noqa: S310 (https)
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310
            page = json.loads(response.read())
        found += page["value"]
        url = page.get("nextLink") or ""
    return found
