"""What a caller can do with calls: take a token, connect, register, look, hang up, report."""

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import time
from typing import Any, Literal

import msgspec

from switchboard.callers import Caller, check_may_touch
from switchboard.controller import steer
from switchboard.errors import (
    BodyInvalid,
    CallHasEnded,
    CallNotFound,
    EventRefused,
    OperatorsOnly,
    SignallingDisabled,
    SteeringUnavailable,
    StorageUnavailable,
    SwitchboardError,
    UpstreamUnauthorized,
)
from switchboard.limits import Places
from switchboard.observing.status import CallStatus, call_status
from switchboard.realtime.client_events import AnyClientEvent
from switchboard.realtime.secrets import SecretCache
from switchboard.realtime.service import ClientSecret, CreatedCall, RealtimeService, host, is_call_id
from switchboard.realtime.sideband import SidebandDialler
from switchboard.record.journal import Journals
from switchboard.record.lines import (
    AnyLine,
    BrowserReport,
    CallCreated,
    CallEnded,
    EventSent,
    HangUpRequested,
    created_line,
    has_ended,
)
from switchboard.record.queues import CALL_SUMMARIES, OBSERVE_CALLS, observe_message, summary_message
from switchboard.session import Choice, default_voice, session_configuration
from switchboard.settings import Settings
from switchboard.storage import Storage

log = logging.getLogger(__name__)

MOST_REPORTS = 5


class PageToken(msgspec.Struct, frozen=True):
    """What a page needs to set a call up itself: `calls_url` takes its offer.

    `call_id` is what the page registers the call as, where the service gives calls no id.
    """

    secret: ClientSecret
    calls_url: str
    call_id: str | None


class Calls:
    """The use cases. All methods block on the network; what they raise are SwitchboardErrors."""

    def __init__(
        self,
        settings: Settings,
        client: RealtimeService,
        dialler: SidebandDialler,
        places: Places,
        journals: Journals,
        storage: Storage,
    ) -> None:
        self._dialler = dialler
        self._settings = settings
        self._client = client
        self._secrets = SecretCache(client, settings.client_secret_seconds)
        self._places = places
        self._journals = journals
        self._storage = storage
        # Journal and queue are written at the same time: the visitor waits for the slower one, not for both.
        self._side_by_side = ThreadPoolExecutor(thread_name_prefix="record-call")

    def token(self, caller: Caller, choice: Choice) -> PageToken:
        """A client secret for the page itself. Only while the caller has a place free."""
        self._check_signalling("token")
        self._places.release(self._places.reserve(caller.id))
        session = session_configuration(self._settings, choice)
        secret = self._client.create_client_secret(session, self._settings.client_secret_seconds)
        log.info("client secret given to a page, good until %d", secret.expires_at)
        return PageToken(secret, self._client.calls_url(secret.endpoint), self._client.own_call_id())

    def connect(self, caller: Caller, offer: bytes, choice: Choice) -> CreatedCall:
        """Create a call for the offer, and see that it is observed. A call that cannot be recorded is hung up."""
        self._check_signalling("proxy")
        place = self._places.reserve(caller.id)
        with self._given_back_on_failure(place):
            created = self._create(offer, choice)
            self._record(
                self._line(
                    caller,
                    created.call_id,
                    created.endpoint,
                    place,
                    signalling="proxy",
                    voice=choice.voice or default_voice(self._settings),
                    language=choice.language or "",
                )
            )
        log.info("call %s created at %s", created.call_id, host(created.endpoint))
        return created

    def register(self, caller: Caller, call_id: str, endpoint: str | None) -> None:
        """See that a call is observed which the page created itself with a token. Again and again does no harm.

        Raises NotYourCall when another caller has registered it before, TooManyCalls when no place was left: then the
        call is hung up.
        """
        self._check_signalling("token")
        if not is_call_id(call_id):
            raise BodyInvalid(
                "This is not a call id.", hint="The call id is the last part of the Location header: rtc_…"
            )
        endpoint = endpoint or self._settings.realtime_endpoints[0]
        if endpoint not in self._settings.realtime_endpoints:
            raise BodyInvalid(
                "This gateway does not use this endpoint.", hint="Send the endpoint that came with the token."
            )
        known = self._journals.read(call_id)
        if known:
            check_may_touch(caller, _created(known).caller_id)
            return
        try:
            place = self._places.reserve(caller.id)
        except SwitchboardError:
            self._client.hang_up(endpoint, call_id)
            raise
        with self._given_back_on_failure(place):
            self._record(self._line(caller, call_id, endpoint, place, signalling="token"))
        log.info("call %s registered at %s", call_id, host(endpoint))

    def look(self, caller: Caller, call_id: str) -> CallStatus:
        """How the call stands; after its end, its summary with the state `ended`."""
        return call_status(self._lines(caller, call_id), time())

    def hang_up(self, caller: Caller, call_id: str) -> None:
        """End the call. Again does no harm."""
        lines = self._lines(caller, call_id)
        call = _created(lines)
        if has_ended(lines):
            return
        own = caller.id == call.caller_id
        requested = HangUpRequested(at=_now(), reason="hung_up_by_caller" if own else "hung_up_by_operator")
        self._journals.append(call_id, [requested])
        self._client.hang_up(call.endpoint, call_id)
        log.info("call %s: %s", call_id, requested.reason)

    def steer(self, caller: Caller, call_id: str, event: AnyClientEvent) -> dict[str, Any]:
        """Send an operator's client event into the call; the service's answer. Who did it is written down."""
        if not caller.operator:
            raise OperatorsOnly
        lines = self._lines(caller, call_id)
        call = _created(lines)
        if has_ended(lines):
            raise CallHasEnded
        if not call.observable:
            raise SteeringUnavailable
        outcome: Literal["answered", "refused", "unanswered"] = "unanswered"
        try:
            answer = asyncio.run(steer(self._dialler, call.endpoint, call_id, event))
            outcome = "answered"
        except EventRefused:
            outcome = "refused"
            raise
        finally:
            kind = str(event.__struct_config__.tag)
            sent = EventSent(at=_now(), operator=caller.id, event=kind, outcome=outcome)
            self._journals.append(call_id, [sent])
            log.info("operator's %s into call %s: %s", kind, call_id, outcome)
        return answer

    def report(self, caller: Caller, call_id: str, figures: dict[str, Any]) -> None:
        """Keep the browser's own figures with the call. After the call's end its summary is written anew."""
        lines = self._lines(caller, call_id)
        if sum(isinstance(line, BrowserReport) for line in lines) >= MOST_REPORTS:
            raise BodyInvalid(
                f"The call already has {MOST_REPORTS} reports.", hint="Send one report, when the call ends."
            )
        self._journals.append(call_id, [BrowserReport(at=_now(), figures=figures)])
        if has_ended(lines):
            self._storage.send(CALL_SUMMARIES, summary_message(call_id))

    def _check_signalling(self, way: str) -> None:
        if self._settings.signalling not in (way, "both"):
            raise SignallingDisabled

    def _create(self, offer: bytes, choice: Choice) -> CreatedCall:
        session = session_configuration(self._settings, choice)
        secret = self._secrets.take(session)
        try:
            return self._client.create_call(secret, offer)
        except UpstreamUnauthorized:
            self._secrets.drop(session)
            raise

    def _line(self, caller: Caller, call_id: str, endpoint: str, place: str, **more: Any) -> CallCreated:
        return CallCreated(
            at=_now(),
            call_id=call_id,
            caller_id=caller.id,
            caller_name=caller.name,
            deployment=self._settings.realtime_deployment,
            endpoint=endpoint,
            protocol=self._client.protocol,
            place=place,
            max_call_seconds=self._settings.max_call_seconds,
            max_idle_seconds=self._settings.max_idle_seconds,
            **more,
        )

    def _record(self, call: CallCreated) -> None:
        """Begin the journal and wake an observer. If that fails the call is hung up: none runs unobserved."""
        journal = self._side_by_side.submit(self._journals.start, call)
        try:
            try:
                self._storage.send(OBSERVE_CALLS, observe_message(call))
            finally:
                journal.result()
        except StorageUnavailable:
            self._abandon(call)
            raise

    def _abandon(self, call: CallCreated) -> None:
        try:
            self._client.hang_up(call.endpoint, call.call_id)
        except SwitchboardError as error:
            log.error("call %s is unrecorded and could not be hung up: %s", call.call_id, error.code)
            return
        log.warning("call %s could not be recorded and was given up", call.call_id)
        with contextlib.suppress(StorageUnavailable):
            self._journals.append(call.call_id, [CallEnded(at=_now(), reason="observer_failed")])

    @contextlib.contextmanager
    def _given_back_on_failure(self, place: str) -> Iterator[None]:
        try:
            yield
        except SwitchboardError:
            # If this fails too, the place frees itself when its time is over.
            with contextlib.suppress(StorageUnavailable):
                self._places.release(place)
            raise

    def _lines(self, caller: Caller, call_id: str) -> list[AnyLine]:
        """The call's journal, if it is there and the caller may see it."""
        lines = self._journals.read(call_id) if is_call_id(call_id) else None
        if not lines:
            raise CallNotFound
        check_may_touch(caller, _created(lines).caller_id)
        return lines


def _created(lines: list[AnyLine]) -> CallCreated:
    # Without its first line, which may still be on its way, the call exists for nobody yet.
    if call := created_line(lines):
        return call
    raise CallNotFound


def _now() -> float:
    return round(time(), 3)
