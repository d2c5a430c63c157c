"""This program measures how many calls one instance can observe.

    .venv/bin/python -m bench.observers [--calls 50]

It creates many calls without media at once, on one gateway process with host.json's queue settings. It measures the
time until all observers are attached, and what the calls cost while nothing is said.
"""

import argparse
import os
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.stack import measured_gateway
from tests.gateway import Gateway, Visitor, visitor
from tests.wait import wait_for

QUIET_SECONDS = 10


def cpu_seconds(pid: int) -> float:
    """Return the user and system time that a process has used so far, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def call_and_attach(gateway: Gateway) -> tuple[Visitor, str, float]:
    caller = visitor()
    began = time.perf_counter()
    call_id = gateway.call(caller)
    wait_for(lambda: gateway.emulator.calls()[call_id]["sidebands"] > 0, "the observer attaches", 60)
    return caller, call_id, (time.perf_counter() - began) * 1000


def measure(gateway: Gateway, calls: int) -> None:
    pid = gateway.process.pid
    call_and_attach(gateway)  # This call pays for imports and connections.
    before, memory = cpu_seconds(pid), resident_mib(pid)
    with ThreadPoolExecutor(8) as pages:
        attached = list(pages.map(lambda _: call_and_attach(gateway), range(calls)))
    times = sorted(took for _, _, took in attached)
    busy = cpu_seconds(pid) - before
    before = cpu_seconds(pid)
    time.sleep(QUIET_SECONDS)
    quiet = (cpu_seconds(pid) - before) / QUIET_SECONDS
    print(f"{calls} calls, 8 at a time, on one process")
    print(f"from click to attached   median {statistics.median(times):.0f} ms, slowest {times[-1]:.0f} ms")
    print(f"connect and attach       {busy / calls * 1000:.0f} ms of processor time a call")
    print(f"quiet calls              {quiet / calls * 100:.3f} % of a core a call, host's polling included")
    print(f"memory                   {(resident_mib(pid) - memory) * 1024 / calls:.0f} KiB a call")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=50)
    calls = parser.parse_args().calls
    with measured_gateway() as gateway:
        measure(gateway, calls)


if __name__ == "__main__":
    main()
