"""Tests what importing the project's modules does: nothing. Each test needs a fresh interpreter."""

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
