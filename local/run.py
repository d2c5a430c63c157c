"""This program is `make run`: it starts everything on this machine, and prints the address to open once it answers.

The Procfile lists the processes, and honcho runs them.
"""

import re
import socket
import sys
import threading
import time
from pathlib import Path

import requests
from honcho.environ import parse_procfile
from honcho.manager import SYSTEM_PRINTER_NAME, Manager
from honcho.printer import Message, Printer

ROOT = Path(__file__).resolve().parent.parent
PAGE = "http://127.0.0.1:4280"
# These are the ports of the Procfile's processes. UseDevelopmentStorage=true means the three of Azurite.
PORTS = {"storage": (10000, 10001, 10002), "realtime": (8181,), "functions": (7071,), "edge": (7070,), "web": (4280,)}
READY_SECONDS = 60

# At its start, the Static Web Apps CLI asks the Functions host which functions there are (GET /admin/functions), and
# marks any that is not triggered by HTTP as an error. The queue functions would indeed be an error in an API that
# Static Web Apps manages itself, but Switchboard is deployed as the app's own backend ("bring your own functions"),
# where they are supported, and the CLI has no option that says so. Exactly this complaint is left out, because a
# newcomer who reads it thinks that `make run` has failed.
FALSE_ALARM = (
    "Function app contains non-HTTP triggered functions. Azure Static Web Apps managed functions only support HTTP "
    "functions. To use this function app with Static Web Apps, see 'Bring your own function app'."
)
CROSS = "✖"
_ANSI_COLOUR = re.compile(r"\x1b\[[\d;]*m")


class Output(Printer):  # type: ignore[misc]  # honcho has no type hints
    """This printer shows the lines of all processes, but leaves out one false alarm of the Static Web Apps CLI.

    The CLI prints a cross on one line and says on the next what it is about, so a cross is held back until then.
    """

    _cross: Message | None = None

    def write(self, message: Message) -> None:
        """Print a message of honcho's type "line", or hold it back."""
        if message.name not in ("web", SYSTEM_PRINTER_NAME):
            super().write(message)
            return
        text = _ANSI_COLOUR.sub("", _text(message)).strip()
        cross, self._cross = self._cross, None
        if text == FALSE_ALARM:
            return
        if cross is not None:
            super().write(cross)
        if text == CROSS:
            self._cross = message
        else:
            super().write(message)


def main() -> int:
    """Start all processes, and wait until one of them has ended or Ctrl-C was pressed. Return honcho's exit status."""
    if taken := _taken_ports():
        print(f"These ports are in use already: {taken}. Is another `make run` going?", file=sys.stderr)
        return 1
    manager = Manager(Output(sys.stdout))
    for name, command in parse_procfile((ROOT / "Procfile").read_text()).processes.items():
        manager.add_process(name, command, cwd=str(ROOT))
    threading.Thread(target=_announce, daemon=True).start()
    manager.loop()
    return int(manager.returncode or 0)


def _text(message: Message) -> str:
    return message.data.decode(errors="replace") if isinstance(message.data, bytes) else str(message.data)


def _taken_ports() -> str:
    taken = []
    for name, ports in PORTS.items():
        for port in ports:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    taken.append(f"{port} ({name})")
    return ", ".join(taken)


def _announce() -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            if requests.get(f"{PAGE}/api/health", timeout=1).ok and requests.get(PAGE, timeout=1).ok:
                print(f"\n    Switchboard is ready: open {PAGE}\n    Ctrl-C stops all of it.\n", flush=True)
                return
        except requests.RequestException:
            pass
        time.sleep(0.3)
    print(f"\n    {PAGE} does not answer; the lines above say why.\n", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
