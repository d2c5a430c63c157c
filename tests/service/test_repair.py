"""Tests the repair of journals and summaries in a real Azurite, and the command itself."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from azure.storage.blob import StandardBlobTier

from switchboard.record.index import Index, index_name
from switchboard.record.index_lines import without_call
from switchboard.record.lines import BrowserReport
from switchboard.record.names import summary_name
from switchboard.repair.__main__ import main
from switchboard.services import Services
from tests.examples import ROOT
from tests.processes import Azurite, free_port
from tests.service.repairing import journal, repair

DAY = 86400


def names(services: Services) -> dict[str, Any]:
    """Return all blobs of the container with their versions."""
    return {blob.name: blob.etag for blob in services.storage.container.list_blobs()}


def test_nothing_to_mend(services: Services, environ: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """A container that is empty, and one with an archived call and a live one, are consistent."""
    assert repair(environ, capsys) == (0, {})

    journal(services, "rtc_done")
    services.archive.summarise("rtc_done")
    services.live.take(journal(services, "rtc_up", ended=False), "an observer")

    assert repair(environ, capsys) == (0, {})


def test_summaries(services: Services, environ: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """Summaries that are missing, cut off or out of date are written from their journals; a lonely one is named."""
    for call_id in ("rtc_missing", "rtc_cut", "rtc_late", "rtc_good", "rtc_lonely"):
        created = journal(services, call_id)
        name = summary_name(call_id, created.at)
        if call_id != "rtc_missing":
            services.archive.summarise(call_id)
        if call_id == "rtc_cut":
            services.storage.container.upload_blob(name, b"{}", overwrite=True)
        if call_id == "rtc_late":
            services.journals.append(call_id, [BrowserReport(at=created.at + 31, figures={"rtt_ms": 20})])
    good = services.storage.container.download_blob(summary_name("rtc_late", created.at)).readall()
    services.storage.container.delete_blob("journals/rtc_lonely.jsonl")
    lonely = summary_name("rtc_lonely", created.at)
    expected = {
        "journals/rtc_missing.jsonl": "summary_missing",
        "journals/rtc_cut.jsonl": "summary_differs",
        "journals/rtc_late.jsonl": "summary_differs",
        lonely: "summary_without_journal",
    }
    before = names(services)

    assert repair(environ, capsys) == (1, expected)
    assert names(services) == before
    mended = {blob: kind if blob == lonely else f"{kind}!" for blob, kind in expected.items()}
    assert repair(environ, capsys, "--write") == (1, mended)
    assert repair(environ, capsys, "--write") == (1, {lonely: "summary_without_journal"})

    summaries = services.storage.container
    assert b"rtt_ms" in summaries.download_blob(summary_name("rtc_late", created.at)).readall()
    assert b"rtt_ms" not in good
    assert json.loads(summaries.download_blob(summary_name("rtc_missing", created.at)).readall())["end_reason"]


def test_the_index_of_a_day(services: Services, environ: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """An index that lacks a call, or lists one that has no summary, is made anew from the summaries."""
    created = [journal(services, call_id) for call_id in ("rtc_one", "rtc_two")]
    for one in created:
        services.archive.summarise(one.call_id)
    index = Index(services.storage)
    day = time.strftime("%Y-%m-%d", time.gmtime(created[0].at))
    assert repair(environ, capsys) == (0, {})
    right = index.read(day)

    index.rewrite(day, lambda content: without_call(content, "rtc_one"))
    assert repair(environ, capsys) == (1, {index_name(day): "index_differs"})
    assert repair(environ, capsys, "--write", "--all") == (0, {index_name(day): "index_differs!"})
    assert index.read(day) == right

    index.add(msgspec.structs.replace(right[0], call_id="rtc_gone"))
    assert repair(environ, capsys, "--write") == (0, {index_name(day): "index_differs!"})
    assert index.read(day) == right

    index.rewrite(day, lambda content: without_call(content, "rtc_two"))
    services.storage.container.upload_blob(summary_name("rtc_one", created[0].at), b"{}", overwrite=True)
    services.storage.container.delete_blob("journals/rtc_one.jsonl")
    assert repair(environ, capsys, "--write")[1][index_name(day)] == "index_differs!"
    assert {line.call_id for line in index.read(day)} == {"rtc_one", "rtc_two"}


def test_journals_that_say_nothing(
    services: Services, environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A journal without a first line, one with broken lines, and one that storage has put away are named."""
    services.journals.open("rtc_empty", expected=False)
    journal(services, "rtc_damaged")
    services.journals.append_encoded("rtc_damaged", b'{"type":"call.en\n')
    services.archive.summarise("rtc_damaged")
    services.storage.container.upload_blob("journals/notes.txt", b"not a journal")
    # A blob in the archive tier is listed, but cannot be read.
    services.storage.container.upload_blob(
        "journals/rtc_away.jsonl", b"{}", standard_blob_tier=StandardBlobTier.ARCHIVE
    )

    expected = {
        "journals/rtc_away.jsonl": "journal_unreadable",
        "journals/rtc_damaged.jsonl": "journal_damaged",
        "journals/rtc_empty.jsonl": "journal_empty",
    }
    assert repair(environ, capsys, "--write") == (1, expected)


def test_which_calls(services: Services, environ: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """Summaries are found under any day; --days leaves old lonely ones out, --all and retention decide about them."""
    old = journal(services, "rtc_old", at=time.time() - 20 * DAY)
    services.archive.summarise("rtc_old")
    lonely = journal(services, "rtc_lonely", at=time.time() - 20 * DAY)
    services.archive.summarise("rtc_lonely")
    services.storage.container.delete_blob("journals/rtc_lonely.jsonl")
    name = summary_name("rtc_lonely", lonely.at)
    assert name != summary_name("rtc_old", old.at)

    assert repair(environ, capsys) == (0, {})
    assert repair(environ, capsys, "--all") == (1, {name: "summary_without_journal"})
    assert repair(environ | {"ARCHIVE_RETENTION_DAYS": "10"}, capsys, "--all") == (0, {})


def test_many_calls(
    services: Services, environ: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lists of several pages and days are joined without a mistake."""
    monkeypatch.setattr("switchboard.repair.inspection.LISTED", 40)
    for number in range(60):
        journal(services, f"rtc_{number}", at=time.time() - 60 - number % 5 * DAY)
        if number % 10:
            services.archive.summarise(f"rtc_{number}")
    expected = {f"journals/rtc_{number}.jsonl": "summary_missing" for number in range(0, 60, 10)}

    assert repair(environ, capsys) == (1, expected)
    assert repair(environ, capsys, "--all") == (1, expected)


def test_what_is_under_way_is_left_alone(
    services: Services, environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A call that ended a moment ago may be archived any second, so it is no finding yet."""
    journal(services, "rtc_1")
    capsys.readouterr()

    assert main([], environ) == 0
    assert capsys.readouterr().out == ""


def test_the_command(services: Services, environ: dict[str, str], tmp_path: Path) -> None:
    """The command reads the environment or a settings file, prints a line for each finding, and exits with its code."""
    journal(services, "rtc_1")
    file = tmp_path / "local.settings.json"
    file.write_text(json.dumps({"Values": environ}))
    command = [sys.executable, "-m", "switchboard.repair", "--min-age", "-10"]

    for options, env in ([], environ), (["--settings", str(file)], {}):
        done = subprocess.run(
            [*command, *options], cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 1, done.stderr
        assert done.stdout == "summary_missing  journals/rtc_1.jsonl  the call has ended and has no summary\n"
        assert done.stderr == "1 calls compared, 1 findings, 0 mended\n"


def test_it_cannot_look(
    environ: dict[str, str], tmp_path: Path, azurite: Azurite, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wrong settings, a wrong file and storage that is away give the exit code 2 and a sentence, no traceback."""
    away = azurite.connection_string.replace(f":{azurite.blob_port}", f":{free_port()}")
    (tmp_path / "bad.json").write_text("[]")

    assert main([], {}) == 2
    assert "REALTIME_ENDPOINT" in capsys.readouterr().err
    assert main(["--settings", str(tmp_path / "none.json")], environ) == 2
    assert main(["--settings", str(tmp_path / "bad.json")], environ) == 2
    assert "has no object Values" in capsys.readouterr().err
    assert main([], environ | {"AzureWebJobsStorage": away}) == 2
    assert "storage is not available" in capsys.readouterr().err
