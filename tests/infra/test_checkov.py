"""Tests that checkov finds nothing in infra/ beyond what .checkov.yaml answers."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.infra.bicep import FILES, GROUPS, INFRA, VALUES

ROOT = INFRA.parent
PYTHON = ROOT / ".venv-checkov" / "bin" / "python"
# The folder of this program has a package of the name of a standard module, so it must not be on the path.
CHECKOV = [str(PYTHON), "-P", str(ROOT / "tests/infra/checkov_once.py")]
CONFIG = (ROOT / ".checkov.yaml").read_text()
SKIPPED: list[str] = yaml.safe_load(CONFIG)["skip-check"]


def test_every_check_that_is_skipped_says_why() -> None:
    reasons = dict(re.findall(r"^  - (CKV\w+) +# (.+)$", CONFIG, re.MULTILINE))
    assert list(reasons) == SKIPPED
    assert all(len(reason) > 20 for reason in reasons.values())


def _as_checkov_reads(source: str) -> str:
    """Return the same resources in the Bicep that checkov's parser knows: without imports and names of types."""
    source = re.sub(r"^import .*$", "", source, flags=re.MULTILINE)
    source = re.sub(r"^(var \w+) \w+ =", r"\1 =", source, flags=re.MULTILINE)
    source = re.sub(r"^(param \w+) '[^=\n]*'(?=$| =)", r"\1 string", source, flags=re.MULTILINE)
    source = re.sub(r"^(param \w+) [\d |]+(?=$| =)", r"\1 int", source, flags=re.MULTILINE)
    names = {name: one.type for name, one in VALUES.items()}
    return re.sub(
        r"^(param \w+) (\w+)\b(\[\])?",
        lambda found: f"{found[1]} {'array' if found[3] else _plain(found[2], names)}",
        source,
        flags=re.MULTILINE,
    )


def _plain(kind: str, names: dict[str, str]) -> str:
    if kind in GROUPS:
        return "object"
    return "string" if "'" in names.get(kind, "") else names.get(kind, kind)


@pytest.mark.skipif(not PYTHON.exists(), reason="no .venv-checkov: `make infra` sets it up")
def test_checkov_finds_nothing_else(tmp_path: Path) -> None:
    # Elsewhere no configuration skips anything, so checkov must find exactly what .checkov.yaml skips.
    infra = tmp_path / "infra"
    for path in FILES:
        if path.name != "types.bicep":
            copy = infra / path.relative_to(INFRA)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(_as_checkov_reads(path.read_text()))
    command = [*CHECKOV, "--framework", "bicep", "--directory", str(infra), "--skip-download", "--soft-fail"]
    done = subprocess.run([*command, "--output", "json"], cwd=tmp_path, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert report["summary"]["parsing_errors"] == 0
    assert report["summary"]["passed"] > 20, "checkov has read the files"
    found = {check["check_id"] for check in report["results"]["failed_checks"]}
    assert found - set(SKIPPED) == set(), "new findings: mend them, or say in .checkov.yaml why not"
    assert set(SKIPPED) - found == set(), "these would pass: take them out of .checkov.yaml"
