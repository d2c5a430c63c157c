"""These tests show that `make run` leaves out one false alarm of the Static Web Apps CLI, and nothing else."""

import datetime
import io
from pathlib import Path

import pytest
from honcho.printer import Message

from local.run import CROSS, FALSE_ALARM, Output
from tests.host.conftest import FOREIGN_HOST, Host
from tests.processes import ROOT, free_port, running


def shown(*lines: tuple[str, str]) -> list[str]:
    """Return what `make run` shows of lines, given as (process, text)."""
    output = io.StringIO()
    printer = Output(output, prefix=False)
    for name, text in lines:
        printer.write(Message("line", f"{text}\n".encode(), datetime.datetime.now(datetime.UTC), name, None))
    return output.getvalue().splitlines()


@pytest.mark.skipif(FOREIGN_HOST is not None, reason="This is about our own host.")
def test_the_cli_complains_of_queue_functions_and_make_run_does_not_show_it(host: Host, tmp_path: Path) -> None:
    """The real CLI, in front of a real host with queue functions, prints the complaint word for word."""
    port, log = free_port(), tmp_path / "swa.log"
    command = [
        str(ROOT / "node_modules/.bin/swa"),
        *("start", str(ROOT / "web"), "--host", "127.0.0.1", "--port", str(port)),
        *("--swa-config-location", str(ROOT / "web"), "--api-devserver-url", host.url),
    ]
    with running(command, port, log=log, env={"NO_UPDATE_NOTIFIER": "1"}):
        printed = log.read_text().splitlines()

    complaint = printed.index(FALSE_ALARM)
    assert printed[complaint - 1].strip() == CROSS
    assert shown(*(("web", line) for line in printed)) == printed[: complaint - 1] + printed[complaint + 1 :]


def test_lines_of_other_processes_in_between_are_shown() -> None:
    lines = [("web", f"\x1b[31m{CROSS}\x1b[39m "), ("functions", "ready"), ("web", FALSE_ALARM), ("web", "started")]

    assert shown(*lines) == ["ready", "started"]


@pytest.mark.parametrize("end", [("web", "Could not connect"), ("web", CROSS), ("system", "web stopped (rc=1)")])
def test_every_other_cross_is_shown(end: tuple[str, str]) -> None:
    assert shown(("web", CROSS), end, ("system", "all stopped")) == [CROSS, end[1], "all stopped"]


def test_another_process_may_say_the_same() -> None:
    assert shown(("functions", CROSS), ("functions", FALSE_ALARM)) == [CROSS, FALSE_ALARM]
