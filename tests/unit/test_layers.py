"""The shape of the project: what may import what, how long a file may be, what importing does."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# function_app.py is one page; the others are rooms, not halls.
LONGEST_FILE = 300
LONGEST_ROOT = 60


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_only_the_edges_know_the_framework() -> None:
    """azure.functions is imported in the composition root and in the triggers, nowhere else."""
    edges = {"triggers"}
    knowing = {
        path.parent.name
        for path in (ROOT / "switchboard").rglob("*.py")
        if any(name.startswith("azure.functions") for name in imported(path))
    }

    assert knowing == edges


def test_the_emulator_shares_no_mistake_with_the_gateway() -> None:
    """Nor does the gateway lean on what stands in for Azure."""
    for path in (ROOT / "local").rglob("*.py"):
        assert not any(name.split(".")[0] == "switchboard" for name in imported(path)), path
    for path in [*(ROOT / "switchboard").rglob("*.py"), ROOT / "function_app.py"]:
        assert not any(name.split(".")[0] in ("local", "tests") for name in imported(path)), path


@pytest.mark.parametrize("folder", ["switchboard", "local", "tests", "bench"])
def test_no_file_gets_away(folder: str) -> None:
    """A long file is two rooms."""
    too_long = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / folder).rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    }

    assert too_long == {}
    assert len((ROOT / "function_app.py").read_text().splitlines()) <= LONGEST_ROOT


def test_importing_has_no_effect() -> None:
    """Each module can be imported without any setting, and opens nothing."""
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sorted((ROOT / "switchboard").rglob("*.py"))
        if path.stem != "__init__"
    ]
    script = f"""
import sys
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
