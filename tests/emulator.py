"""Controls the emulator for tests: its faults, the requests it has seen, and calls that talk without media."""

import contextlib
from typing import Any

import requests


class Emulator:
    """Controls a running emulator at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = requests.Session()

    def reset(self) -> None:
        """Remove all faults and delays, and forget all requests."""
        self.clear_faults()
        self.delay()
        self._delete("requests")

    def fault(self, on: str, fault: str, **options: Any) -> None:
        """Inject a fault by its name, for `times` requests or until it is removed."""
        self._post("faults", {"on": on, "fault": fault, **options})

    def clear_faults(self) -> None:
        """Remove all faults."""
        self._delete("faults")

    def delay(self, client_secrets_ms: float = 0, calls_ms: float = 0) -> None:
        """Make the service slower by these milliseconds when it issues a client secret or answers an SDP offer."""
        self._send("PUT", "delays", {"client_secrets_ms": client_secrets_ms, "calls_ms": calls_ms})

    def seen(self, path_ends: str = "") -> list[dict[str, Any]]:
        """Return the requests that it has seen whose path ends in this way."""
        found: list[dict[str, Any]] = self._get("requests")
        return [one for one in found if one["path"].endswith(path_ends)]

    def calls(self) -> dict[str, dict[str, Any]]:
        """Return its calls by their id."""
        return {call["call_id"]: call for call in self._get("calls")}

    def turn(self, call_id: str, transcript: str, answer: str, speech_ms: int = 200) -> None:
        """Make somebody in the call say this and be answered in this way, in real time and without media."""
        self._post(f"calls/{call_id}/turn", {"transcript": transcript, "answer": answer, "speech_ms": speech_ms})

    def leave(self, call_id: str) -> None:
        """Make the browser leave the call."""
        self._post(f"calls/{call_id}/leave", {})

    def end_calls(self) -> None:
        """Make the browser leave every live call."""
        for call_id, call in self.calls().items():
            if call["state"] == "live":
                # The call may end by itself between the two requests.
                with contextlib.suppress(requests.HTTPError):
                    self.leave(call_id)

    def _get(self, path: str) -> Any:
        answer = self._http.get(f"{self.url}/emulator/{path}", timeout=5)
        answer.raise_for_status()
        return answer.json()

    def _post(self, path: str, body: dict[str, Any]) -> None:
        self._send("POST", path, body)

    def _delete(self, path: str) -> None:
        self._send("DELETE", path)

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> None:
        self._http.request(method, f"{self.url}/emulator/{path}", json=body, timeout=5).raise_for_status()
