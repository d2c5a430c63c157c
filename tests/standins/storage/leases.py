"""Leases of blobs: acquire, renew, change, release, break. Sans-I/O: time is an argument."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from tests.standins.storage.answers import Refused


@dataclass
class Lease:
    """A blob's lease: `until` in Unix seconds, infinite for one that does not end by itself."""

    id: str = ""
    until: float = 0.0
    seconds: float = 0.0
    broken: bool = False

    def held(self, now: float) -> bool:
        """Say whether somebody holds the lease at `now`."""
        return bool(self.id) and now < self.until

    def headers(self, now: float) -> dict[str, str]:
        """Return how the lease stands, as headers."""
        if self.held(now):
            return {"x-ms-lease-status": "locked", "x-ms-lease-state": "breaking" if self.broken else "leased"}
        state = "available" if not self.id else "broken" if self.broken else "expired"
        return {"x-ms-lease-status": "unlocked", "x-ms-lease-state": state}

    def check_write(self, headers: Mapping[str, str], now: float) -> None:
        """Refuse a write of somebody who does not hold the lease that is held. Raises Refused."""
        given = headers.get("x-ms-lease-id", "")
        if self.held(now) and not given:
            raise Refused(412, "LeaseIdMissing")
        if given and given != self.id:
            raise Refused(412, "LeaseIdMismatchWithBlobOperation")
        if given and not self.held(now):
            raise Refused(412, "LeaseLost")

    def act(self, headers: Mapping[str, str], now: float, stamps: Mapping[str, str]) -> tuple[int, dict[str, str]]:
        """Do what the request asks for; returns a status and headers. Raises Refused."""
        given = headers.get("x-ms-lease-id", "")
        action = headers.get("x-ms-lease-action", "")
        if action == "acquire":
            wanted = headers.get("x-ms-proposed-lease-id") or str(uuid.uuid4())
            if self.held(now) and (wanted != self.id or self.broken):
                raise Refused(409, "LeaseAlreadyPresent")
            self.id, self.broken, self.seconds = wanted, False, float(headers.get("x-ms-lease-duration", "-1"))
            self._begin(now)
            return 201, {**stamps, "x-ms-lease-id": self.id}
        if action == "break":
            if not self.id:
                raise Refused(409, "LeaseNotPresentWithLeaseOperation")
            period = headers.get("x-ms-lease-break-period")
            left = max(0.0, self.until - now) if self.seconds > 0 else 0.0
            self.until = now + min(left, float(period)) if period is not None and self.seconds > 0 else now + left
            self.broken = True
            return 202, {**stamps, "x-ms-lease-time": str(round(self.until - now))}
        if not self.id or given != self.id:
            raise Refused(409, "LeaseIdMismatchWithLeaseOperation")
        if action == "renew":
            if self.broken:
                raise Refused(409, "LeaseIsBrokenAndCannotBeRenewed")
            self._begin(now)
            return 200, {**stamps, "x-ms-lease-id": self.id}
        if action == "change":
            self.id = headers.get("x-ms-proposed-lease-id", self.id)
            return 200, {**stamps, "x-ms-lease-id": self.id}
        if action == "release":
            self.id, self.until, self.broken = "", 0.0, False
            return 200, dict(stamps)
        raise Refused(400, "InvalidHeaderValue")

    def _begin(self, now: float) -> None:
        self.until = now + self.seconds if self.seconds > 0 else float("inf")
