"""This program measures how long a page waits for its SDP answer from POST /api/connect, and from the article's server.

    .venv/bin/python -m bench.connect [--calls 15]

For every call, the article's server mints a client secret and relays the offer on new connections; it records
nothing. Switchboard uses its client secret again and keeps its connections, and writes a journal, a queue message and
the caller's place. Both use the same emulator and take turns call by call, so that a busy machine is equally busy for
both. The program also measures how soon the observer is attached.
"""

import argparse
import statistics
import time

import requests

from bench.stack import measured_gateway
from tests.examples import OFFER
from tests.gateway import Gateway, Visitor, visitor
from tests.wait import wait_for

SESSION = {"session": {"type": "realtime", "model": "gpt-realtime"}}


def article(url: str) -> float:
    """Return the milliseconds from the offer to the answer in the article's way."""
    began = time.perf_counter()
    service = f"{url}/openai/v1/realtime"
    secret = requests.post(f"{service}/client_secrets", json=SESSION, headers={"api-key": "emulator"}, timeout=10)
    headers = {"Authorization": f"Bearer {secret.json()['value']}", "Content-Type": "application/sdp"}
    requests.post(f"{service}/calls?webrtcfilter=on", data=OFFER, headers=headers, timeout=10).raise_for_status()
    return (time.perf_counter() - began) * 1000


def switchboard(gateway: Gateway, page: requests.Session, caller: Visitor) -> tuple[float, str]:
    """Return the milliseconds from the offer to the answer, and the call's id."""
    began = time.perf_counter()
    headers = {"Content-Type": "application/sdp", **caller.headers}
    answer = page.post(f"{gateway.url}/api/connect", data=OFFER, headers=headers, timeout=10)
    took = (time.perf_counter() - began) * 1000
    answer.raise_for_status()
    return took, answer.headers["Location"].rsplit("/", 1)[-1]


def attached_after(gateway: Gateway, caller: Visitor, call_id: str) -> float:
    """Return the milliseconds until the page is told that the call is observed."""
    began = time.perf_counter()
    wait_for(lambda: gateway.status(caller, call_id)["state"] == "live", "the observer attaches")
    return (time.perf_counter() - began) * 1000


def measure(gateway: Gateway, calls: int, added: int) -> None:
    gateway.emulator.delay(client_secrets_ms=added, calls_ms=added)
    page = requests.Session()
    theirs, ours, attaching = [], [], []
    for turn in range(calls + 1):
        caller = visitor()
        slow = article(gateway.emulator.url)
        fast, call_id = switchboard(gateway, page, caller)
        observed = attached_after(gateway, caller, call_id)
        gateway.request("DELETE", f"calls/{call_id}", headers=caller.headers)
        if turn:  # The first call pays for connections, imports and the client secret.
            theirs.append(slow)
            ours.append(fast)
            attaching.append(observed)
    a, b, c = (statistics.median(times) for times in (theirs, ours, attaching))
    print(f"{added:>8} ms {a:>12.1f} ms {b:>12.1f} ms {b / a:>8.2f} {c:>14.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=15)
    calls = parser.parse_args().calls
    with measured_gateway() as gateway:
        print(f"median of {calls}, in turn")
        print(f"{'upstream':>11} {'article':>15} {'switchboard':>15} {'ratio':>8} {'observed after':>17}")
        for added in (0, 100):
            measure(gateway, calls, added)


if __name__ == "__main__":
    main()
