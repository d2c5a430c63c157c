"""The running gateway keeps to its OpenAPI document, whatever schemathesis makes of it, allowed or not."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.test_about import signed_in
from tests.emulator import Emulator
from tests.gateway import Gateway, Visitor, running_gateway, visitor
from tests.processes import PYTHON, ROOT, Azurite

FOLDER = ROOT / "tests/app"
DOCUMENT = json.loads((ROOT / "docs/openapi.json").read_text())


@pytest.fixture(scope="module")
def guarded(emulator_url: str, storage: Azurite, logs: Path) -> Iterator[Gateway]:
    without_limits = {"MAX_CALLS_PER_CALLER": "500", "MAX_CALLS": "500", "MAX_TOKENS_PER_MINUTE": "5000"}
    settings: dict[str, Any] = {"REQUIRE_SIGN_IN": "true", "SIGNALLING": "both", **without_limits}
    with running_gateway(
        Emulator(emulator_url), storage.connection_string, logs / "openapi.log", **settings
    ) as gateway:
        yield gateway


def explored(gateway: Gateway, caller: Visitor, calls: int, folder: Path) -> str:
    """Let schemathesis loose on the gateway as this caller; what it printed."""
    call_ids = [gateway.call(caller) for _ in range(calls)]
    gateway.wait_until(caller, call_ids[0], "live")
    done = subprocess.run(
        [
            *(PYTHON, "-m", "schemathesis.cli", "--config-file", str(FOLDER / "schemathesis.toml")),
            *("run", "--report-har-path", f"/tmp/limits/har{calls}.json", f"{gateway.url}/api/openapi.json"),
            *(part for name, value in caller.headers.items() for part in ("--header", f"{name}: {value}")),
        ],
        cwd=folder,
        env={
            **os.environ,
            "CALL_IDS": " ".join(call_ids),
            "SCHEMATHESIS_HOOKS": str(FOLDER / "schemathesis_hooks.py"),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    return done.stdout


def test_as_an_operator(guarded: Gateway, tmp_path: Path) -> None:
    """Somebody who is signed in and may do everything."""
    said = explored(guarded, signed_in("olga", "operator"), 6, tmp_path)

    # It leaves out the route that it has the document from.
    operations = sum(len(methods) for methods in DOCUMENT["paths"].values()) - 1
    assert f"Tested: {operations}\n" in said


def test_as_a_visitor(gateway: Gateway, tmp_path: Path) -> None:
    """Somebody without a name, who may be in two calls."""
    explored(gateway, visitor(), 2, tmp_path)


def test_the_document_is_served(gateway: Gateway) -> None:
    """The kept one, to anybody and to caches."""
    answer = gateway.request("GET", "openapi.json")

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.json() == DOCUMENT
    assert gateway.emulator.seen() == []
