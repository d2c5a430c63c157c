"""Runs what is measured: the gateway, the service of the how-to, the LiteLLM proxy, and a client of the service."""

import contextlib
import time
import traceback
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bench.empty_functions import empty_functions
from bench.stage import Stage, cores
from tests.examples import OFFER
from tests.processes import PYTHON, ROOT, free_port, running
from tests.standins.functions.process import cpu_of

LITELLM = ROOT / ".venv-litellm/bin/litellm"
SECRET = {"expires_after": {"anchor": "created_at", "seconds": 60}, "session": {"type": "realtime"}}
SDP = {"Content-Type": "application/sdp"}


class Contender(Protocol):
    """Describes one way to a call. `name` stands in the tables."""

    name: str
    settles: float
    """How many seconds its calls go on after the last answer."""

    async def call(self) -> float:
        """Make a whole call; return the milliseconds until the SDP answer was there."""
        ...

    async def token(self) -> float:
        """Ask for an ephemeral token; return the milliseconds until it was there."""
        ...

    def cpu(self) -> float:
        """Return the seconds of CPU that it has used so far; 0 where nobody but the client works."""
        ...


class Gateway:
    """Calls this gateway; a call ends when it is archived."""

    name, settles = "gateway", 0.0

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def call(self) -> float:
        took, call_id = await self.answered()
        await self._stage.archived(call_id)
        return took

    async def answered(self) -> tuple[float, str]:
        """Make a call; return the milliseconds until the SDP answer was there, and the call's id."""
        began = time.perf_counter()
        call_id = await self._stage.connect(uuid.uuid4().hex)
        return 1000 * (time.perf_counter() - began), call_id

    async def token(self) -> float:
        headers = {"x-switchboard-caller": uuid.uuid4().hex}
        return await _asked(self._stage, "GET", f"{self._stage.instance.url}/api/token", headers=headers)

    def cpu(self) -> float:
        return self._stage.instance.worker.cpu()


@dataclass
class HowTo:
    """Calls the service of the how-to."""

    stage: Stage
    url: str
    pid: int
    name: str = "how-to"
    settles: float = 2.0

    async def call(self) -> float:
        return await _asked(self.stage, "POST", f"{self.url}/connect", data=OFFER)

    async def token(self) -> float:
        return await _asked(self.stage, "GET", f"{self.url}/token")

    def cpu(self) -> float:
        return cpu_of(self.pid)


@dataclass
class LiteLlm:
    """Calls the LiteLLM proxy: its page asks for a client secret, and sends its offer with that."""

    stage: Stage
    url: str
    pid: int
    name: str = "LiteLLM"
    settles: float = 1.0

    async def call(self) -> float:
        return await _two_steps(self.stage, self.url, "sk-litellm", {"model": "gpt-realtime"})

    async def token(self) -> float:
        url, headers = f"{self.url}/v1/realtime/client_secrets", {"Authorization": "Bearer sk-litellm"}
        return await _asked(self.stage, "POST", url, json={"model": "gpt-realtime"}, headers=headers)

    def cpu(self) -> float:
        return cpu_of(self.pid)


class Direct:
    """Asks the service itself, as a client with warm connections would."""

    name, settles = "direct", 0.0

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._url = f"{stage.service_url}/openai"

    async def call(self) -> float:
        return await _two_steps(self._stage, self._url, "key", SECRET)

    async def token(self) -> float:
        return await _asked(self._stage, "POST", f"{self._url}/v1/realtime/client_secrets", json=SECRET)

    def cpu(self) -> float:
        return 0.0


async def _two_steps(stage: Stage, url: str, key: str, asked: Any) -> float:
    began = time.perf_counter()
    headers = {"Authorization": f"Bearer {key}"}
    async with stage.http.post(f"{url}/v1/realtime/client_secrets", json=asked, headers=headers) as minted:
        minted.raise_for_status()
        headers = {"Authorization": f"Bearer {(await minted.json())['value']}", **SDP}
    await _asked(stage, "POST", f"{url}/v1/realtime/calls", data=OFFER, headers=headers)
    return 1000 * (time.perf_counter() - began)


async def _asked(stage: Stage, method: str, url: str, **options: Any) -> float:
    began = time.perf_counter()
    async with stage.http.request(method, url, **options) as answer:
        body = await answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{url} answered {answer.status}: {body[:300]!r}")
    return 1000 * (time.perf_counter() - began)


@contextlib.contextmanager
def how_to_server(port: int, endpoint: str, authority: Path, log: Path) -> Any:
    """Run the service of the how-to on the worker's core."""
    command = ["taskset", "-c", cores()[0], PYTHON, "-m", "bench.article_service", "--port", str(port)]
    with running([*command, "--endpoint", endpoint], port, log=log, env={"REQUESTS_CA_BUNDLE": str(authority)}) as one:
        yield one


@contextlib.contextmanager
def litellm_server(port: int, endpoint: str, authority: Path, log: Path) -> Any:
    """Run the LiteLLM proxy on the worker's core, with one model and without a database."""
    config = log.with_suffix(".yaml")
    config.write_text(
        "model_list:\n- model_name: gpt-realtime\n  model_info: {mode: realtime}\n  litellm_params:\n"
        f"    {{model: openai/gpt-realtime, api_key: key-of-litellm, api_base: '{endpoint}/openai'}}\n"
        "general_settings: {master_key: sk-litellm}\n"
    )
    command = ["taskset", "-c", cores()[0], str(LITELLM), "--config", str(config), "--host", "127.0.0.1"]
    # The list of prices is the one in the package, so that nothing is asked of the network.
    env = {"SSL_CERT_FILE": str(authority), "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION"}
    with running([*command, "--port", str(port)], port, log=log, env=env, cwd=log.parent) as one:
        yield one


@contextlib.asynccontextmanager
async def contenders(stage: Stage, folder: Path, *, litellm: bool) -> AsyncIterator[list[Contender]]:
    """Run all contenders until the block ends, and LiteLLM only if that is wanted."""
    found: list[Contender] = [Direct(stage), Gateway(stage)]
    servers: list[tuple[str, Callable[..., Contender], Any]] = [("how-to", HowTo, how_to_server)]
    if litellm:
        servers.append(("litellm", LiteLlm, litellm_server))
    async with contextlib.AsyncExitStack() as stack:
        found.append(await stack.enter_async_context(empty_functions(folder / "empty.log")))
        for name, build, server in servers:
            port = free_port()
            try:
                process = stack.enter_context(server(port, stage.service_url, stage.authority, folder / f"{name}.log"))
            except RuntimeError:
                # It does not listen; the others are measured all the same.
                traceback.print_exc()
                continue
            found.append(build(stage, f"http://127.0.0.1:{port}", process.pid))
        yield found
