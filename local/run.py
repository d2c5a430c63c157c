"""`make run`: everything on this machine by honcho and the Procfile, and the address to open once it answers."""

import socket
import sys
import threading
import time
from pathlib import Path

import requests
from honcho.environ import parse_procfile
from honcho.manager import Manager

ROOT = Path(__file__).resolve().parent.parent
PAGE = "http://127.0.0.1:4280"
# What the Procfile's processes listen on; Azurite's three are what UseDevelopmentStorage=true means.
PORTS = {"storage": (10000, 10001, 10002), "realtime": (8181,), "functions": (7071,), "web": (4280,)}
READY_SECONDS = 60


def main() -> int:
    """Start all processes; returns when one of them has ended or Ctrl-C was pressed, with honcho's exit status."""
    if taken := _taken_ports():
        print(f"These ports are in use already: {taken}. Is another `make run` going?", file=sys.stderr)
        return 1
    manager = Manager()
    for name, command in parse_procfile((ROOT / "Procfile").read_text()).processes.items():
        manager.add_process(name, command, cwd=str(ROOT))
    threading.Thread(target=_announce, daemon=True).start()
    manager.loop()
    return int(manager.returncode or 0)


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
