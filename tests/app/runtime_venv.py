"""Makes .venv-runtime, a virtualenv of Python 3.13 or newer with the platform's own worker library.

    python -m tests.app.runtime_venv

If there is no such interpreter this says so and succeeds; the tests that need it are then reported as skipped.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv-runtime"
VERSIONS = ("3.13", "3.14")


def candidates() -> Iterator[str]:
    """Yield interpreters that may exist: the one named by PYTHON313, those on PATH, and those of pyenv."""
    if given := os.environ.get("PYTHON313"):
        yield given
    for version in VERSIONS:
        if found := shutil.which(f"python{version}"):
            yield found
        pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
        yield from (str(path) for path in sorted(pyenv.glob(f"versions/{version}*/bin/python{version}")))


def runs(python: str) -> bool:
    """Return whether this is a Python of these versions; a pyenv shim exists for inactive versions too."""
    code = "import sys; sys.exit(sys.version_info[:2] < (3, 13))"
    try:
        return subprocess.run([python, "-c", code], capture_output=True, timeout=30, check=False).returncode == 0
    except OSError:
        return False


def main() -> int:
    """Create or update the virtualenv, and return the exit code of the last command."""
    python = next(filter(runs, candidates()), None)
    if python is None:
        print("No Python 3.13 or newer found (PYTHON313 may name one): the worker library is not checked.")
        return 0
    uv = [sys.executable, "-m", "uv"]
    for command in (
        [*uv, "venv", "--quiet", "--allow-existing", "--python", python, str(VENV)],
        [*uv, "pip", "install", "--quiet", "--python", str(VENV / "bin/python"), "-r", "requirements-runtime.txt"],
    ):
        done = subprocess.run(command, cwd=ROOT, check=False)
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
