"""Reads the assistants' files when the gateway starts, and again when they have changed."""

import contextlib
import logging
import os
import re
import threading
from collections.abc import Collection, Mapping
from concurrent.futures import Executor
from pathlib import Path
from time import monotonic

from switchboard.assistants.assistant import ANYONE, DEFAULT, NAME_PATTERN, PLAIN, Assistant
from switchboard.assistants.checks import beyond_preview, faults, overridden
from switchboard.assistants.frontmatter import Faults, parse
from switchboard.errors import SettingsError
from switchboard.settings import Settings

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
# What a folder looked like: the name, the time of the last change (ns) and the size (bytes) of each file.
_State = tuple[tuple[str, int, int], ...]


class Assistants:
    """Holds the assistants that a folder describes, one in each file `<name>.md`. It may be shared between threads.

    `tools` are the names of the tools that the gateway can run; None if the files' tools are not checked. Without a
    folder there is only the default assistant, which the settings alone describe. Raises SettingsError, which lists
    every fault of every file with its line.
    """

    def __init__(self, folder: Path | None, settings: Settings, tools: Collection[str] | None = None) -> None:
        self._folder = folder
        self._settings = settings
        self._tools = tools
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._state = self._look()
        self._found = self._read()
        self._say()

    def all(self) -> tuple[Assistant, ...]:
        """Return all assistants, the default one first and the others by name."""
        return tuple(sorted(self._found.values(), key=lambda assistant: (assistant.name != DEFAULT, assistant.name)))

    def get(self, name: str) -> Assistant | None:
        """Return the assistant of this name as it was read last, or None if there is none. Does no I/O."""
        return self._found.get(name)

    def refresh(self) -> None:
        """Read the files again if one has changed. Blocks on the file system; an unchanged folder costs one look.

        If the files now have faults, these are logged, and the assistants stay as they were.
        """
        self._looked_at = monotonic()
        state = self._look()
        with self._lock:
            if state == self._state:
                return
            self._state = state
            try:
                self._found = self._read()
            except SettingsError as error:
                log.error("the assistants stay as they were: %s", error)
                return
        log.info("the assistants' files have changed and were read again")
        self._say()

    @property
    def fresh(self) -> bool:
        """Return whether the files were looked at in the last second. Does no I/O."""
        return monotonic() - self._looked_at <= LOOK_SECONDS

    def refresh_soon(self, executor: Executor) -> None:
        """Have the files looked at on a thread, unless that was done in the last second. Does not wait for it."""
        if not self.fresh:
            self._looked_at = monotonic()
            executor.submit(self.refresh)

    def _look(self) -> _State:
        found = []
        # Each new call looks, and pathlib would take several times as long. There may be no folder.
        with contextlib.suppress(OSError), os.scandir(self._folder or "") as entries:
            for entry in entries:
                if entry.name.endswith(".md") and not entry.name.startswith("."):
                    # An editor may be replacing the file just now.
                    with contextlib.suppress(OSError):
                        stat = entry.stat()
                        found.append((entry.name, stat.st_mtime_ns, stat.st_size))
        return tuple(sorted(found))

    def _read(self) -> Mapping[str, Assistant]:
        found: dict[str, Assistant] = {}
        wrong: list[str] = []
        for name, _, _ in self._state:
            path = (self._folder or Path()) / name
            shown = f"{path.parent.name}/{name}"
            if not re.match(NAME_PATTERN, path.stem):
                wrong.append(f"{shown} must have a name of small letters, digits and hyphens, such as help-desk.md")
                continue
            try:
                assistant, lines = parse(path.stem, path.read_text("utf-8"))
            except Faults as error:
                wrong.extend(f"{shown}:{line} {what}" for line, what in error.found)
            except (OSError, UnicodeError) as error:
                wrong.append(f"{shown} cannot be read as text in UTF-8: {error}")
            else:
                beyond = list(beyond_preview(assistant)) if self._settings.realtime_protocol == "preview" else []
                if beyond and assistant.name != DEFAULT:
                    # It would be another assistant without what the protocol lacks.
                    log.warning("%s is left out: %r %s", shown, *beyond[0])
                    continue
                found[assistant.name] = assistant
                wrong.extend(
                    f"{shown}:{lines.get(field, 1)} {field!r} {what}"
                    for field, what in (*faults(assistant, self._settings, self._tools), *beyond)
                )
        if wrong:
            raise SettingsError(wrong)
        return {DEFAULT: PLAIN, **found}

    def _say(self) -> None:
        for assistant in self._found.values():
            for name in overridden(assistant, self._settings):
                log.info("%s is set and wins over what assistants/%s.md says", name, assistant.name)
            if assistant.callers != ANYONE and not (self._settings.require_sign_in or self._settings.direct_gateway):
                log.warning(
                    "nobody can call the assistant %s, which is for %s: REQUIRE_SIGN_IN is off, so nobody is signed in",
                    assistant.name,
                    assistant.callers,
                )
