"""Sends odd requests to two gateways on the platform's worker library, and watches what they answer and hold."""

import asyncio
import contextlib
import json
import re
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from tests.examples import OFFER
from tests.fuzz.answers import Answer, offence
from tests.fuzz.requests import Target, request, routes
from tests.processes import ROOT, free_port
from tests.standins.functions.fleet import Fleet, Plan
from tests.standins.functions.instance import Instance
from tests.standins.service.server import ServiceStandIn
from tests.standins.storage.server import StorageStandIn

AT_ONCE = 12
ANSWER_SECONDS = 30.0
UNFINISHED_SECONDS = 1.0
# Pools, caches and lazy imports fill during the first part; what grows after it is counted.
WARM_UP = 0.2
_RAISED = re.compile(r"^([\w.]+(?:Error|Exception)\b[^\n]{0,100})", re.MULTILINE)


@dataclass
class Result:
    """Holds what came of a run. Memory is that of each worker process, in bytes."""

    statuses: Counter[int] = field(default_factory=Counter)
    offences: list[tuple[int, str, bytes]] = field(default_factory=list)
    """The number of a request, what was wrong with its answer, and how the request begins."""
    slowest: float = 0.0
    warm: list[int] = field(default_factory=list)
    after: list[int] = field(default_factory=list)
    raised: Counter[str] = field(default_factory=Counter)
    """What the workers raised and did not catch, by their logs."""
    seconds: float = 0.0

    @property
    def growth(self) -> int:
        """Return the most that a worker's memory has grown after the warm-up, in bytes."""
        return max((after - warm for warm, after in zip(self.warm, self.after, strict=True)), default=0)


async def fuzz(seed: int, count: int, folder: Path) -> Result:
    """Send the first `count` requests of a seed; the workers' logs go to `folder`."""
    result, began = Result(), time.monotonic()
    async with AsyncExitStack() as stack:
        storage = await stack.enter_async_context(StorageStandIn(free_port(), free_port()))
        service = await stack.enter_async_context(ServiceStandIn(free_port(), seed=seed, join_seconds=2.0))
        fleet = await stack.enter_async_context(Fleet(_plan(folder, storage, service)))
        instances = sorted(fleet.alive, key=lambda instance: instance.name)
        calls = await _calls(instances[1])
        for call_id in calls:
            # They go on all the time, so that there is something to look at, to steer and to hang up.
            service.calls[call_id].join(10_000, 5.0)
        targets = [Target(urlsplit(one.url).netloc, routes(), calls) for one in instances]
        numbers = iter(range(count))

        async def sender() -> None:
            for number in numbers:
                if number >= count * WARM_UP and not result.warm:
                    result.warm = [one.worker.memory() for one in instances]
                await _send(seed, number, targets[number % 2], result)

        await asyncio.gather(*(sender() for _ in range(AT_ONCE)))
        result.after = [one.worker.memory() for one in instances]
        if not all(one.worker.alive for one in instances):
            result.offences.append((-1, "a worker process has ended", b""))
    result.raised = _raised(folder)
    result.seconds = time.monotonic() - began
    return result


def _plan(folder: Path, storage: StorageStandIn, service: ServiceStandIn) -> Plan:
    example: dict[str, str] = json.loads((ROOT / "local.settings.example.json").read_text())["Values"]

    def env(name: str) -> dict[str, str]:
        return {
            **example,
            "AzureWebJobsStorage": storage.connection_string(name),
            "REALTIME_ENDPOINT": service.url,
            "REALTIME_API_KEY": f"key-of-{name}",
            "SIGNALLING": "both",
            "ALLOWED_ORIGINS": "https://pages.example.com",
            "MAX_CALL_SECONDS": "3000",
            "REQUIRE_SIGN_IN": "true" if name == "w1" else "false",
        }

    def host_env(name: str) -> dict[str, str]:
        return {"AzureWebJobsStorage": storage.connection_string(f"{name}-host")}

    return Plan(2, folder, env, host_env)


def _raised(folder: Path) -> Counter[str]:
    texts = [path.read_text(errors="replace") for path in folder.glob("w*.log")]
    return Counter(error for text in texts if "Traceback" in text for error in _RAISED.findall(text))


async def _calls(instance: Instance) -> list[str]:
    """Make some calls that requests may be about; their ids."""
    found = []
    async with aiohttp.ClientSession() as http:
        for number in range(3):
            headers = {"Content-Type": "application/sdp", "x-switchboard-caller": f"caller-of-the-fuzz-{number}"}
            async with http.post(f"{instance.url}/api/connect", data=OFFER, headers=headers) as answer:
                found.append(answer.headers["Location"].rsplit("/", 1)[-1])
    return found


async def _send(seed: int, number: int, target: Target, result: Result) -> None:
    made = request(seed, number, target)
    began = time.monotonic()
    try:
        patience = ANSWER_SECONDS if made.complete else UNFINISHED_SECONDS
        answer = Answer.of(await asyncio.wait_for(_exchange(target.host, made.sent), patience))
        owed = made.complete
    except TimeoutError:
        answer, owed = Answer(0, b""), made.complete
    except ConnectionError:
        # The host refused the head of a long request and closed; its answer is lost with what nobody has read.
        answer, owed = Answer(0, b""), False
    if made.complete:
        result.slowest = max(result.slowest, time.monotonic() - began)
    result.statuses[answer.status] += 1
    wrong = offence(made.sent, answer)
    if answer.status == 0 and owed:
        wrong = "no answer"
    if wrong:
        result.offences.append((number, wrong, made.sent[:300]))


async def _exchange(host: str, sent: bytes) -> bytes:
    """Send the bytes and read until the other side closes. Raises ConnectionError."""
    name, _, port = host.partition(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    try:
        writer.write(sent)
        return await reader.read(-1)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
