"""Run the repair of the archive container: python -m switchboard.repair.

It exits with 0 when everything is consistent or was mended, with 1 when something was found and not mended, and with 2
when it could not look.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from switchboard.environment import read_settings
from switchboard.errors import SwitchboardError
from switchboard.repair.inspection import Inspection
from switchboard.repair.mending import Mending
from switchboard.services import build


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Print one line for each thing that is inconsistent, and return the exit code."""
    options = _options(arguments)
    try:
        return _run(options, _values(options.settings) if options.settings else environ)
    except (SwitchboardError, OSError, ValueError) as error:
        print(f"repair: {error}", file=sys.stderr)
        return 2


def _run(options: argparse.Namespace, values: Mapping[str, str]) -> int:
    settings = read_settings(values)
    with closing(build(settings)) as services:
        parts = (services.storage, services.journals, services.live, services.places)
        inspection = Inspection(
            *parts,
            services.threads.storage,
            last_days=None if options.all else options.days,
            min_age=options.min_age,
            retention_days=settings.archive_retention_days,
        )
        mending = Mending(*parts, services.archive, services.sweep)
        found = mended = 0
        for finding in inspection.findings():
            done = mending.mend(finding) if options.write else finding
            found, mended = found + 1, mended + done.mended
            print(json.dumps(done.record()) if options.json else done.line(), flush=True)
    print(f"{inspection.looked_at} calls compared, {found} findings, {mended} mended", file=sys.stderr)
    return 0 if found == mended else 1


def _values(file: Path) -> Mapping[str, str]:
    content = json.loads(file.read_text())
    values = content.get("Values") if isinstance(content, dict) else None
    if not isinstance(values, dict):
        raise ValueError(f"{file} has no object Values, as local.settings.json has.")
    return {name: str(value) for name, value in values.items()}


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m switchboard.repair", description="List what is inconsistent.")
    parser.add_argument("--write", action="store_true", help="mend what can be mended")
    parser.add_argument("--json", action="store_true", help="print one JSON object for each finding")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--days", type=_positive, default=7, help="look at calls of the last so many days (7)")
    which.add_argument("--all", action="store_true", help="look at all calls")
    parser.add_argument(
        "--min-age", type=float, default=300, metavar="SECONDS", help="leave alone what was written since then (300)"
    )
    parser.add_argument(
        "--settings", type=Path, metavar="FILE", help="read Values from a file like local.settings.json"
    )
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
