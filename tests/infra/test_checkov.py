"""Tests that checkov finds nothing in infra/ beyond what .checkov.yaml answers."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.infra.bicep import INFRA

ROOT = INFRA.parent
CHECKOV = ROOT / ".venv-checkov" / "bin" / "checkov"
CONFIG = (ROOT / ".checkov.yaml").read_text()
SKIPPED: list[str] = yaml.safe_load(CONFIG)["skip-check"]


def test_every_check_that_is_skipped_says_why() -> None:
    reasons = dict(re.findall(r"^  - (CKV\w+) +# (.+)$", CONFIG, re.MULTILINE))
    assert list(reasons) == SKIPPED
    assert all(len(reason) > 20 for reason in reasons.values())


@pytest.mark.skipif(not CHECKOV.exists(), reason="no .venv-checkov: `make infra` sets it up")
def test_checkov_finds_nothing_else(tmp_path: Path) -> None:
    # Elsewhere no configuration skips anything, so checkov must find exactly what .checkov.yaml skips.
    command = [str(CHECKOV), "--framework", "bicep", "--directory", str(INFRA), "--skip-download", "--soft-fail"]
    done = subprocess.run([*command, "--output", "json"], cwd=tmp_path, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert report["summary"]["parsing_errors"] == 0
    assert report["summary"]["passed"] > 20, "checkov has read the files"
    found = {check["check_id"] for check in report["results"]["failed_checks"]}
    assert found - set(SKIPPED) == set(), "new findings: mend them, or say in .checkov.yaml why not"
    assert set(SKIPPED) - found == set(), "these would pass: take them out of .checkov.yaml"
