"""Tests LiteLLM's proxy in front of the gateway, with the configuration of docs/openai-clients.md."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.emulator import Emulator
from tests.examples import OFFER
from tests.gateway import Gateway, Visitor, running_gateway
from tests.processes import ROOT, Azurite, free_port, running

LITELLM = ROOT / ".venv-litellm/bin/litellm"
CLIENTS = (ROOT / "docs/openai-clients.md").read_text()
KEY = {"Authorization": "Bearer sk-litellm"}

pytestmark = pytest.mark.skipif(not LITELLM.exists(), reason="no .venv-litellm: make .venv-litellm/.done installs it")


@pytest.fixture(scope="module")
def gateway(emulator_url: str, storage: Azurite, logs: Path) -> Iterator[Gateway]:
    with running_gateway(Emulator(emulator_url), storage.connection_string, logs / "behind-litellm.log") as gateway:
        yield gateway


@pytest.fixture(scope="module")
def proxy(gateway: Gateway, logs: Path) -> Iterator[str]:
    """Run LiteLLM with the configuration of the document, and yield its address."""
    (example,) = re.findall(r"^```yaml\n(model_list:.*?)^```$", CLIENTS, re.DOTALL | re.MULTILINE)
    config = logs / "litellm.yaml"
    config.write_text(example.replace("https://voice.example.com/api", f"{gateway.url}/api"))
    port = free_port()
    command = [str(LITELLM), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    # The list of prices is the one in the package, so that nothing is asked of the network.
    env = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION"}
    with running(command, port, log=logs / "litellm.log", env=env, cwd=logs, seconds=120):
        yield f"http://127.0.0.1:{port}"


def token(proxy: str, **body: Any) -> requests.Response:
    asked = {"model": "gpt-realtime", **body}
    return requests.post(f"{proxy}/v1/realtime/client_secrets", json=asked, headers=KEY, timeout=30)


def test_a_call(proxy: str, gateway: Gateway) -> None:
    """The proxy takes a token of the gateway's, with a voice, and relays the offer; the gateway observes the call."""
    before = gateway.emulator.calls().keys()
    taken = token(proxy, session={"type": "realtime", "audio": {"output": {"voice": "ash"}}})
    assert taken.status_code == 200, taken.text
    headers = {"Authorization": f"Bearer {taken.json()['value']}", "Content-Type": "application/sdp"}

    answer = requests.post(f"{proxy}/v1/realtime/calls", data=OFFER, headers=headers, timeout=30)

    assert answer.status_code in (200, 201), answer.text
    assert answer.text.startswith("v=0")
    assert "Location" not in answer.headers, "docs/openai-clients.md says that the proxy drops it"
    (call_id,) = gateway.emulator.calls().keys() - before
    # The gateway knows nobody but the proxy, and the proxy does not say who it is.
    gateway.wait_until(Visitor({}), call_id, "live")
    assert gateway.status(Visitor({}), call_id)["voice"] == "ash"


def test_a_refusal(proxy: str) -> None:
    """The proxy hands on what the gateway says."""
    refused = token(proxy, session={"type": "realtime", "instructions": "Be rude."})

    assert refused.status_code >= 400
    assert "session.instructions" in refused.text
