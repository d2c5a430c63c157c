"""Begins calls: relays an offer, gives a page a token for a call of its own, and registers such a call.

A call that the gateway begins has its places before the service is asked, and is known to storage and announced to an
observer before the page has the answer. So it can be found again, whatever dies in between.
"""

import asyncio
import logging
from collections.abc import Mapping
from time import sleep, time
from typing import Any

import msgspec

from switchboard.assistants.assistant import Assistant
from switchboard.assistants.shelf import Assistants
from switchboard.callers import Caller, check_may_touch
from switchboard.errors import (
    AssistantNotFound,
    BodyInvalid,
    CallNotFound,
    SignallingDisabled,
    SwitchboardError,
)
from switchboard.limits.admissions import Admission, Admissions
from switchboard.limits.places import Places
from switchboard.observing.live import LiveCalls
from switchboard.realtime.secrets import SecretCache
from switchboard.realtime.service import ClientSecret, CreatedCall, RealtimeService, host, is_call_id
from switchboard.realtime.sideband import NoSuchCall, SidebandDialler
from switchboard.record.journal import Journals
from switchboard.record.lines import CallCreated, created_line
from switchboard.record.queues import OBSERVE_CALLS, observe_message
from switchboard.session import Choice, default_voice, deployment, session_configuration
from switchboard.settings import Settings
from switchboard.storage import Storage
from switchboard.telemetry.figures import CALL_ID, CALLS_STARTED, MODEL, SIGNALLING, Measurement
from switchboard.telemetry.port import OFF, Telemetry
from switchboard.threads import Threads
from switchboard.tools.toolbox import Toolbox

log = logging.getLogger(__name__)

# A page that has taken a token registers its call so soon after the token has expired, or its place is gone.
REGISTER_SECONDS = 30
# The sideband may not know a call yet that was created only a moment ago.
KNOWN_AFTER_SECONDS = (0.0, 0.3, 0.7, 1.0)
# A call that could not be announced is hung up in the background. Seconds between the tries.
ABANDON_SECONDS = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0)


class PageToken(msgspec.Struct, frozen=True):
    """What a page needs to set up a call itself."""

    secret: ClientSecret
    """The client secret that the page puts into its request to the service."""
    calls_url: str
    """The URL of the service that takes the page's SDP offer."""
    call_id: str | None
    """The id under which the page registers the call, if the service gives calls no id; None if it does."""


class Connecting:
    """The ways in which a call begins. All methods block on the network and raise SwitchboardErrors."""

    def __init__(
        self,
        settings: Settings,
        client: RealtimeService,
        dialler: SidebandDialler,
        storage: Storage,
        journals: Journals,
        live: LiveCalls,
        places: Places,
        admissions: Admissions,
        assistants: Assistants,
        toolbox: Toolbox,
        threads: Threads,
        telemetry: Telemetry = OFF,
    ) -> None:
        self._settings = settings
        self._client = client
        self._dialler = dialler
        self._secrets = SecretCache(client, settings.client_secret_seconds)
        self._storage = storage
        self._journals = journals
        self._live = live
        self._places = places
        self._admissions = admissions
        self._assistants = assistants
        self._toolbox = toolbox
        self._threads = threads
        self._telemetry = telemetry

    def token(self, caller: Caller, choice: Choice) -> PageToken:
        """Mint a client secret for the page itself, and hold a place for the call that the page sets up with it.

        Raises SignallingDisabled, AssistantNotFound, TooManyTokens, TooManyCalls, GatewayFull, StorageUnavailable or an
        UpstreamError.
        """
        self._check_signalling("token")
        assistant = self._assistant(choice.assistant)
        self._admissions.budget.check()
        seconds = self._settings.token_seconds
        place = self._places.reserve_for_token(caller.id, seconds + REGISTER_SECONDS)
        session = self._toolbox.offer(session_configuration(self._settings, choice, assistant), assistant)
        try:
            secret = self._secrets.fresh(session, seconds)
        except BaseException:
            self._places.release(place)
            raise
        return PageToken(secret, self._client.calls_url(secret.endpoint), self._client.own_call_id())

    def connect(
        self,
        caller: Caller,
        offer: bytes,
        choice: Choice,
        *,
        session: Mapping[str, Any] | None = None,
        filtered: bool | None = None,
        continues: str = "",
        most: int | None = None,
    ) -> CreatedCall:
        """Create a call for the offer, and have it observed. A call that cannot be announced is hung up.

        `session` holds the fields of an application's own session, and `filtered` says whether Azure hides most server
        events from the page; None leaves both to the settings. `continues` is the id of the caller's earlier call that
        this one continues, and `most` how many seconds are left to the two of them; None if a new call's are.
        Raises SignallingDisabled, AssistantNotFound, TooManyCalls, GatewayFull, BudgetSpent, DailySecondsSpent,
        StorageUnavailable, OfferInvalid or an UpstreamError.
        """
        self._check_signalling("proxy")
        assistant = self._assistant(choice.assistant)
        configuration = session_configuration(self._settings, choice, assistant, session)
        configuration = self._toolbox.offer(configuration, assistant)
        admission = self._admissions.admit(caller.id, self._longest(assistant, most))
        created = self._admissions.or_withdraw(
            admission, lambda: self._secrets.create_call(configuration, offer, filtered=filtered)
        )
        self._announce(
            self._line(
                caller,
                created.call_id,
                created.endpoint,
                admission,
                assistant,
                signalling="proxy",
                continues=continues,
                voice=choice.voice or default_voice(self._settings, assistant),
                language=choice.language or assistant.language,
            ),
            admission,
        )
        log.info("call %s created at %s", created.call_id, host(created.endpoint))
        return created

    def register(
        self,
        caller: Caller,
        call_id: str,
        endpoint: str | None,
        assistant: Assistant,
        *,
        continues: str = "",
        most: int | None = None,
    ) -> CallCreated:
        """Have a call observed that the page set up itself with a token for this assistant, and return its first line.

        `continues` and `most` are those of `connect`; they change nothing if the call is registered already. Safe to
        call more than once. Raises NotYourCall when another caller has registered the call, CallNotFound when the
        service does not know it, and what `connect` raises. A call that the service knows but that cannot be registered
        is hung up.
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
        try:
            known = self._live.find(call_id) or created_line(self._journals.read(call_id) or [])
            if known:
                check_may_touch(caller, known.caller_id)
                return known
            self._check_that_the_service_knows(endpoint, call_id)
            admission = self._admissions.adopt(caller.id, self._longest(assistant, most))
        except SwitchboardError as error:
            if error.retryable:
                self._abandon(endpoint, call_id)
            raise
        call = self._line(caller, call_id, endpoint, admission, assistant, signalling="token", continues=continues)
        self._announce(call, admission)
        log.info("call %s registered at %s", call_id, host(endpoint))
        return call

    def _check_signalling(self, way: str) -> None:
        if self._settings.signalling not in (way, "both"):
            raise SignallingDisabled

    def _longest(self, assistant: Assistant, most: int | None) -> int:
        """Return how many seconds a call may last, of which `most` may be left."""
        longest = assistant.limits.max_call_seconds or self._settings.max_call_seconds
        return longest if most is None else min(longest, most)

    def _assistant(self, name: str) -> Assistant:
        """Return the assistant, which the caller may call: that was checked when it was chosen."""
        found = self._assistants.get(name)
        if found is None:
            raise AssistantNotFound
        return found

    def _line(
        self, caller: Caller, call_id: str, endpoint: str, admission: Admission, assistant: Assistant, **more: Any
    ) -> CallCreated:
        return CallCreated(
            at=round(time(), 3),
            call_id=call_id,
            caller_id=caller.id,
            caller_name=caller.name,
            deployment=deployment(self._settings, assistant),
            endpoint=endpoint,
            protocol=self._client.protocol,
            assistant=assistant.name,
            place=admission.place,
            max_call_seconds=admission.seconds,
            max_idle_seconds=assistant.limits.max_idle_seconds or self._settings.max_idle_seconds,
            traceparent=self._telemetry.traceparent(),
            **more,
        )

    def _announce(self, call: CallCreated, admission: Admission) -> None:
        """Make the call known to storage, and wake an observer. If that fails the call is hung up."""
        self._telemetry.current().set({CALL_ID: call.call_id})
        # The visitor waits for the slower one of the two writes, not for both.
        known = self._threads.storage.submit(self._live.start, call)
        try:
            try:
                with self._telemetry.span(f"send {OBSERVE_CALLS}", {CALL_ID: call.call_id}, kind="producer"):
                    self._storage.send(OBSERVE_CALLS, observe_message(call))
            finally:
                known.result()
        except BaseException:
            log.warning("call %s could not be announced and is given up", call.call_id)
            self._abandon(call.endpoint, call.call_id, admission)
            raise
        told = {SIGNALLING: call.signalling, MODEL: call.deployment}
        self._telemetry.measure(Measurement(CALLS_STARTED, 1, told))

    def _abandon(self, endpoint: str, call_id: str, admission: Admission | None = None) -> None:
        """Hang up a call that nobody will observe, in the background, and then give its place back."""

        def work() -> None:
            for seconds in ABANDON_SECONDS:
                sleep(seconds)
                try:
                    self._client.hang_up(endpoint, call_id)
                    break
                except SwitchboardError as error:
                    log.warning("hanging up call %s failed: %s", call_id, error.code)
            else:
                log.error("call %s is unrecorded and could not be hung up", call_id)
                return
            if admission is not None:
                self._admissions.withdraw(admission)

        self._threads.service.submit(work)

    def _check_that_the_service_knows(self, endpoint: str, call_id: str) -> None:
        """Raise CallNotFound for an id that somebody made up. Only the sideband says which calls there are."""
        if self._client.protocol == "preview":
            return
        try:
            asyncio.run(self._attach(endpoint, call_id))
        except NoSuchCall as error:
            raise CallNotFound from error

    async def _attach(self, endpoint: str, call_id: str) -> None:
        for last, seconds in enumerate(KNOWN_AFTER_SECONDS, start=1 - len(KNOWN_AFTER_SECONDS)):
            await asyncio.sleep(seconds)
            try:
                async with self._dialler.dial(endpoint, call_id):
                    return
            except NoSuchCall:
                if not last:
                    raise
