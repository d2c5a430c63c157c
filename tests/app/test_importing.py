"""Tests what importing the project's modules does: nothing. Each test needs a fresh interpreter."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


# aioice imports ifaddr, which runs ldconfig when it is imported.
@pytest.mark.parametrize(("folder", "first"), [("switchboard", ""), ("local", "import aioice")])
def test_importing_has_no_effect(folder: str, first: str) -> None:
    """Every module can be imported without any setting, and opens nothing when it is."""
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path.stem != "__init__"
    ]
    script = f"""
import sys
{first}
def refuse(event, arguments):
    if event in ("socket.connect", "socket.bind", "subprocess.Popen", "os.putenv"):
        raise RuntimeError(event)
sys.addaudithook(refuse)
import importlib
for name in {modules!r}:
    importlib.import_module(name)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env={}, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


# A start imports these packages beside the platform's library and the standard library, and no others.
NEEDED = {"function_app", "switchboard", "tools", "msgspec", "multipart", "typing_extensions"}
# Of the rest, these take long to import, or have decoders made that only calls need.
LATE = ("ssl", "statistics", "switchboard.observing.observation", "switchboard.realtime.events", "switchboard.services")


def test_a_cold_start_waits_for_no_heavy_library() -> None:
    """The functions are indexed before any heavy module is imported; a warm-up in the background imports them."""
    example = json.loads((ROOT / "local.settings.example.json").read_text())["Values"]
    script = f"""
import sys
import threading
import azure.functions
framework = set(sys.modules)
begun = []
threading.Thread.start = lambda thread: begun.append(thread)
import function_app
assert begun == [], "importing the app began a thread"
assert function_app.app.get_functions()
new = set(sys.modules) - framework
packages = {{name.partition(".")[0] for name in new}} - sys.stdlib_module_names
assert packages <= {NEEDED!r}, packages
assert new.isdisjoint({LATE!r}), new
(warm_up,) = begun
import switchboard.services
switchboard.services.SDK_AFTER_SECONDS = 0
warm_up.run()
missing = {{"azure.identity", "azure.storage", "requests", "websockets", *{LATE!r}}} - set(sys.modules)
assert not missing, missing
function_app.services.built.close()
"""
    env = {**os.environ, **example, "REALTIME_API_KEY": "", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("target", "imported"), [("off", False), ("console", True)])
def test_telemetry_that_is_off_is_not_imported(target: str, imported: bool) -> None:
    """The app starts without a module of OpenTelemetry, unless its settings ask for it."""
    values = json.loads((ROOT / "local.settings.example.json").read_text())["Values"]
    script = f"""
import os, sys
os.environ.update({values | {"TELEMETRY": target}!r})
import function_app
from switchboard.services import build
build(function_app.settings)
print(any(name.split(".")[0] == "opentelemetry" for name in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.stdout.split()[-1:] == [str(imported)], done.stderr
