"""Controls the emulator for tests: its faults, the requests it has seen, and calls that talk without media."""

from typing import Any

import requests


class Emulator:
    """Controls a running emulator at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = requests.Session()

    def reset(self) -> None:
        """Remove all faults and delays, and forget all requests."""
        self._delete("faults")
        self._delete("requests")

    def fault(self, on: str, fault: str, **options: Any) -> None:
        """Inject a fault by its name, for `times` requests or until it is removed."""
        self._post("faults", {"on": on, "fault": fault, **options})

    def clear_faults(self) -> None:
        self._delete("faults")

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

    def _get(self, path: str) -> Any:
        answer = self._http.get(f"{self.url}/emulator/{path}", timeout=5)
        answer.raise_for_status()
        return answer.json()

    def _post(self, path: str, body: dict[str, Any]) -> None:
        self._http.post(f"{self.url}/emulator/{path}", json=body, timeout=5).raise_for_status()

    def _delete(self, path: str) -> None:
        self._http.delete(f"{self.url}/emulator/{path}", timeout=5).raise_for_status()
