"""Notes each call of the gateway that blocks an event loop's thread, by what it calls and not by how long it takes.

A clock would fail on a busy machine, and pass where a file is in memory. Here a call counts if it could wait for a
disk, a network or a clock, if it happens on a thread whose event loop is running, and if code of the gateway waits for
it, directly or through a library. Loading trusted certificates raises no audit event, so those functions are wrapped.
"""

import asyncio
import ssl
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

GATEWAY = str(Path(__file__).resolve().parent.parent / "switchboard")
# Python raises the event of time.sleep from 3.13 on.
EVENTS = {"open", "time.sleep", "subprocess.Popen", "socket.getaddrinfo", "socket.gethostbyname", "socket.connect"}

calls: list[str] = []
"""What has been noted since somebody emptied it: the call, and the line of the gateway that waited for it."""


def watch() -> None:
    """Begin to note blocking calls. An audit hook cannot be taken away, so call this once in a process."""
    sys.addaudithook(_audit)
    for name in ("load_default_certs", "load_verify_locations"):
        setattr(ssl.SSLContext, name, _noted(getattr(ssl.SSLContext, name)))


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event in EVENTS and _loop_is_running():
        if event == "socket.connect" and arguments[0].gettimeout() == 0:
            return  # A socket that does not block; the loop waits for it.
        if event == "open" and str(arguments[0]).endswith((".py", ".pyc", ".so")):
            return  # A module that is imported for the first time: later calls do not wait for it.
        _note(f"{event}({', '.join(repr(argument) for argument in arguments[:1])})")


def _noted(function: Callable[..., Any]) -> Callable[..., Any]:
    def noted(*arguments: Any, **named: Any) -> Any:
        if _loop_is_running():
            _note(function.__qualname__)
        return function(*arguments, **named)

    return noted


def _loop_is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _note(call: str) -> None:
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_code.co_filename.startswith(GATEWAY):
            calls.append(f"{call} at {Path(frame.f_code.co_filename).relative_to(GATEWAY)}:{frame.f_lineno}")
            return
        frame = frame.f_back
