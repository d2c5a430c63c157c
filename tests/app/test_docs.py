"""Tests that the programs in docs/routes.md and docs/openai-clients.md work. One language's blocks form a program."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.test_about import signed_in
from tests.emulator import Emulator
from tests.examples import OFFER
from tests.gateway import Gateway, running_gateway
from tests.processes import PYTHON, ROOT, Azurite

ROUTES, CLIENTS = (ROOT / "docs/routes.md").read_text(), (ROOT / "docs/openai-clients.md").read_text()
# On Azure the platform says who is calling. Here nothing stands before the gateway, so the test says it.
CALLER = signed_in("olga", "operator").headers["x-ms-client-principal"]

# For each language: how it is run, how its caller is written, and what makes it stop at the first error.
LANGUAGES = {
    "sh": (["bash", "-euo", "pipefail", "-c"], f'caller="x-ms-client-principal: {CALLER}"', ""),
    "python": (
        [PYTHON, "-c"],
        f'caller = {{"x-ms-client-principal": "{CALLER}"}}',
        """
import requests
request = requests.Session.request
def strict(*given, **named):
    answer = request(*given, **named)
    answer.raise_for_status()
    return answer
requests.Session.request = strict
""",
    ),
    "js": (
        ["node", "--input-type=module", "-e"],
        f"const caller = {{ 'x-ms-client-principal': '{CALLER}' }};",
        """
import { readFileSync } from 'node:fs';
const offer = readFileSync('offer.sdp', 'utf8');
const send = fetch;
globalThis.fetch = async (...given) => {
  const answer = await send(...given);
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status} ${await answer.text()}`);
  return answer;
};
""",
    ),
}


@pytest.fixture(scope="module")
def gateway(emulator_url: str, storage: Azurite, logs: Path) -> Iterator[Gateway]:
    settings: dict[str, Any] = {"REQUIRE_SIGN_IN": "true", "SIGNALLING": "both", "MAX_CALLS_PER_CALLER": "20"}
    with running_gateway(Emulator(emulator_url), storage.connection_string, logs / "docs.log", **settings) as gateway:
        yield gateway


@pytest.mark.parametrize("language", LANGUAGES)
def test_program(gateway: Gateway, language: str, tmp_path: Path) -> None:
    """The program ends well after three calls: one relayed, one made directly, and one with the gateway's own token."""
    command, caller, strict = LANGUAGES[language]
    program = "".join(re.findall(rf"^```{language}\n(.*?)^```$", ROUTES, re.DOTALL | re.MULTILINE))
    program = program.replace("https://voice.example.com/api", f"{gateway.url}/api")
    program, replaced = re.subn(r"^(?:const )?caller ?=.*$", lambda _: caller, program, flags=re.MULTILINE)
    assert replaced == 1
    (tmp_path / "offer.sdp").write_bytes(OFFER)
    (tmp_path / ".curlrc").write_text("silent\nshow-error\nfail-with-body\n")
    before = gateway.emulator.calls().keys()

    done = subprocess.run(
        [*command, strict + program],
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    calls = [call["state"] for call_id, call in gateway.emulator.calls().items() if call_id not in before]
    assert calls == ["ended", "live", "ended"]


def clients_program(language: str, gateway: Gateway) -> str:
    """Return the example of docs/openai-clients.md in this language, with the address and the caller of the test."""
    (program,) = re.findall(rf"^```{language}\n(.*?)^```$", CLIENTS, re.DOTALL | re.MULTILINE)
    return program.replace("https://voice.example.com/api", f"{gateway.url}/api")


def test_node_of_openais_clients(gateway: Gateway) -> None:
    """The Node.js of docs/openai-clients.md takes a token, makes a call and hangs it up."""
    before = gateway.emulator.calls().keys()
    program = clients_program("javascript", gateway).replace(
        "'x-switchboard-caller': visitor", f"'x-ms-client-principal': '{CALLER}'"
    )
    program = f"const offer = process.env.OFFER;\n{program}"
    environ = {**os.environ, "OFFER": OFFER.decode()}
    command = ["node", "--input-type=module", "-e", program]

    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stderr
    assert [call["state"] for call_id, call in gateway.emulator.calls().items() if call_id not in before] == ["ended"]


def test_curl_of_openais_clients(gateway: Gateway, tmp_path: Path) -> None:
    """The commands of docs/openai-clients.md take a token, make a call and hang it up."""
    before = gateway.emulator.calls().keys()
    (program,) = re.findall(r"^```sh\n(gateway=.*?)^```$", CLIENTS, re.DOTALL | re.MULTILINE)
    program = program.replace("https://voice.example.com/api", f"{gateway.url}/api")
    program = program.replace("x-switchboard-caller: $visitor", f"x-ms-client-principal: {CALLER}")
    # jq is not on every machine; Python reads the same field.
    program = program.replace("jq -r .value", f"""{PYTHON} -c 'import json; print(json.loads(input())["value"])'""")
    (tmp_path / "offer.sdp").write_bytes(OFFER)
    (tmp_path / ".curlrc").write_text("silent\nshow-error\nfail-with-body\n")
    command = [*LANGUAGES["sh"][0], program]
    environ = {**os.environ, "HOME": str(tmp_path)}

    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert [call["state"] for call_id, call in gateway.emulator.calls().items() if call_id not in before] == ["ended"]


def test_server_of_openais_clients(gateway: Gateway) -> None:
    """The Python of docs/openai-clients.md works. The page that goes with it is tests/browser/agents_sdk.html."""
    program = clients_program("python", gateway)
    program = program.replace('"x-switchboard-caller": visitor', f'"x-ms-client-principal": "{CALLER}"')
    shows = "\nprint(token.value, token.session.audio.output.voice)\n"

    done = subprocess.run([PYTHON, "-c", program + shows], capture_output=True, text=True, timeout=60, check=False)

    assert re.fullmatch(r"ek_\S+ cedar\n", done.stdout), done.stderr
