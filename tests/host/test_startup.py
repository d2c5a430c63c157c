"""These tests show that an app which cannot be served ends our own host at once, with one clear message."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.host.conftest import FOREIGN_HOST
from tests.processes import PYTHON, ROOT

pytestmark = pytest.mark.skipif(FOREIGN_HOST is not None, reason="about our own host only")

HEAD = "import azure.functions as func\n"
HTTP = "@app.route('x')\ndef x(req: func.HttpRequest) -> func.HttpResponse: ...\n"


def refused(folder: Path, code: str | None, host_json: object = None) -> str:
    """Start an app that cannot be served, and return what the host says."""
    if code is not None:
        (folder / "function_app.py").write_text(HEAD + code)
    (folder / "host.json").write_text(json.dumps(host_json or {"version": "2.0"}))
    command = [PYTHON, "-m", "local.host", "--port", "0", "--app", str(folder)]
    done = subprocess.run(
        command, cwd=ROOT, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=20, check=False
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    line = done.stderr.splitlines()[-1]
    assert line.startswith("The functions host cannot start. ")
    return line


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        (
            "app = func.FunctionApp()\n\nimport missing_module\n",
            "No module named 'missing_module' (function_app.py, line 4)",
        ),
        ("", "no FunctionApp at its top level"),
        ("app = func.FunctionApp()\nmain = app\n", "more than one top-level name for a FunctionApp (app, main)"),
        (
            "app = func.FunctionApp()\n" + HTTP + HTTP.replace("def x", "def X"),
            "Two functions are named 'X'",
        ),
        (
            "app = func.FunctionApp()\n" + HTTP.replace("HttpResponse", "HttpResponse | None"),
            "x: $return is annotated",
        ),
        (
            "app = func.FunctionApp()\n@app.queue_trigger('m', 'q-x', 'Nowhere')\ndef q(m: func.QueueMessage): ...\n",
            "neither Nowhere nor Nowhere__queueServiceUri is set",
        ),
    ],
)
def test_an_app_the_platform_would_refuse_is_refused(tmp_path: Path, code: str, complaint: str) -> None:
    assert complaint in refused(tmp_path, code)


def test_a_setting_out_of_range_is_named(tmp_path: Path) -> None:
    host_json = {"version": "2.0", "extensions": {"queues": {"batchSize": 33}}}
    assert "batchSize is 33; it must be 1 to 32" in refused(tmp_path, HTTP, host_json)


def test_a_folder_without_an_app_is_refused(tmp_path: Path) -> None:
    assert "has no function_app.py" in refused(tmp_path, None)
