"""Registers the routes of the operators' room: list calls, read a journal, add up usage, delete and export records."""

from typing import Annotated, Any, TypeVar

import azure.functions as func
import msgspec

from switchboard.callers import Caller
from switchboard.errors import CallNotArchived, CallNotFound, OperatorsOnly, QueryInvalid, StorageUnavailable
from switchboard.late import LateServices
from switchboard.operating.figures import Figures, UsageQuery, UsageReport
from switchboard.operating.rows import CallPage, CallRow
from switchboard.operating.selection import CallsQuery
from switchboard.record.summary import CallerRecord
from switchboard.record.usage import InputUsage, OutputUsage, TranscriptionTotal, Usage
from switchboard.triggers.description import Content, Guarded, Header, Reply
from switchboard.triggers.examples import CALL_ID
from switchboard.triggers.http import Answer, json_answer
from switchboard.triggers.routes import Routes

Q = TypeVar("Q")

TAG = "For operators"
# The header that tells the rest of an export; a file that is saved cannot be asked for it.
NEXT = "X-Next"
NO_MORE = "none"

CALLER_ID = "aad:4f1c2a7e"
_USAGE = Usage(1, 172, InputUsage(text=110, audio=13), OutputUsage(text=12, audio=37), TranscriptionTotal())
ROW = CallRow(
    call_id=CALL_ID,
    state="ended",
    caller=CallerRecord(CALLER_ID, "ada@example.com"),
    assistant=None,
    deployment="gpt-realtime",
    started="2026-11-21T09:30:00.000Z",
    duration_seconds=7.5,
    end_reason="hung_up_by_caller",
    observed=True,
    turns=1,
    interruptions=0,
    errors=0,
    gaps=0,
    tool_calls=0,
    handed_over=False,
    hand_over_reason=None,
    speaking=None,
    continues=None,
    latency_ms=580,
    tokens=172,
    cost=0.0034,
    seconds_left=None,
)
FIGURES = Figures(
    key="2026-11-21",
    calls=1,
    minutes=0.13,
    turns=1,
    usage=_USAGE,
    cost=0.0034,
    latency_p50_ms=580,
    latency_p95_ms=580,
    ended={"hung_up_by_caller": 1},
)
REPORT = UsageReport(
    first="2026-11-21",
    last="2026-11-21",
    by="day",
    currency="USD",
    rows=[FIGURES],
    total=msgspec.structs.replace(FIGURES, key=""),
)


class ExportQuery(msgspec.Struct, frozen=True):
    """This is the query of GET /api/export."""

    caller: Annotated[str, msgspec.Meta(min_length=1, max_length=400)] | None = None
    """The id of the caller, exactly as records have it. The request needs it."""
    after: Annotated[str, msgspec.Meta(max_length=400)] | None = None
    """What the header `X-Next` of the archive before said."""


JournalLines = Annotated[str, msgspec.Meta(description="JSON objects, each on a line of its own.")]
Archive = Annotated[
    str,
    msgspec.Meta(
        description="A zip archive of `manifest.json` and a folder for each call.",
        extra_json_schema={"format": "binary"},
    ),
]

LIST_CALLS = Guarded(
    name="list_calls",
    method="GET",
    path="calls",
    tag=TAG,
    summary="List calls, live and archived, the newest first",
    description=(
        "For operators; with `mine`, for any caller who can be told apart from others. The order never changes, so "
        "that a call which begins meanwhile moves nothing to another page. One request reads the indexes of 31 days at "
        "most and, with `words`, 256 summaries: a page may be short, or empty, although `next` says that the list goes "
        "on."
    ),
    query=CallsQuery,
    replies=(Reply(200, "A page of calls.", Content("application/json", CallPage, CallPage([ROW], None))),),
    errors=(OperatorsOnly, QueryInvalid, StorageUnavailable),
)
GET_JOURNAL = Guarded(
    name="get_journal",
    method="GET",
    path="calls/{call_id}/journal",
    tag=TAG,
    summary="Read the journal of a call",
    description="For operators. Where words are not archived, those of older journals are left out.",
    replies=(
        Reply(
            200,
            "The lines of the journal.",
            Content(
                "application/x-ndjson", JournalLines, '{"type":"call.ended","at":1795253400.5,"reason":"unknown"}\n'
            ),
        ),
    ),
    errors=(OperatorsOnly, CallNotFound, StorageUnavailable),
)
GET_USAGE = Guarded(
    name="get_usage",
    method="GET",
    path="usage",
    tag=TAG,
    summary="Add up what archived calls used, by day, caller or assistant",
    description="For operators. Of at most 92 days.",
    query=UsageQuery,
    replies=(Reply(200, "The figures.", Content("application/json", UsageReport, REPORT)),),
    errors=(OperatorsOnly, QueryInvalid, StorageUnavailable),
)
DELETE_RECORD = Guarded(
    name="delete_record",
    method="DELETE",
    path="calls/{call_id}/record",
    tag=TAG,
    summary="Delete the record of a call with everything that names the call",
    description="For operators. A note of the deletion stays, which names the call by a hash alone.",
    replies=(Reply(204, "Nothing in the archive container names the call any more."),),
    errors=(OperatorsOnly, CallNotFound, CallNotArchived, StorageUnavailable),
)
EXPORT_CALLER = Guarded(
    name="export_caller",
    method="GET",
    path="export",
    tag=TAG,
    summary="Export the summaries and the journals of a caller's archived calls",
    description=(
        "For operators. An archive holds at most 100 calls and 32 MB, the newest calls first; `X-Next` says how to go "
        f"on, or `{NO_MORE}`."
    ),
    query=ExportQuery,
    replies=(
        Reply(
            200,
            "A zip archive.",
            Content("application/zip", Archive, "PK"),
            {NEXT: Header("What to send as `after` for the next archive.", NO_MORE, "^[A-Za-z0-9_-]+$")},
        ),
    ),
    errors=(OperatorsOnly, QueryInvalid, StorageUnavailable),
)
OPERATIONS = (LIST_CALLS, GET_JOURNAL, GET_USAGE, DELETE_RECORD, EXPORT_CALLER)


def operators_blueprint(services: LateServices) -> func.Blueprint:
    """Return the blueprint with the handlers of OPERATIONS."""
    # The function that registers a call at POST /api/calls already answers the preflights of this path.
    routes = Routes(services.settings, lambda: services.now().telemetry, answered={LIST_CALLS.path})

    @routes.guarded(LIST_CALLS)
    def list_calls(req: func.HttpRequest, caller: Caller) -> Answer:
        return json_answer(200, services.now().room.calls(caller, read_query(req.params, CallsQuery)))

    @routes.guarded(GET_JOURNAL)
    def get_journal(req: func.HttpRequest, caller: Caller) -> Answer:
        journal = services.now().room.journal(caller, req.route_params["call_id"])
        return Answer(200, {"Content-Type": "application/x-ndjson", "Cache-Control": "no-store"}, journal)

    @routes.guarded(GET_USAGE)
    def get_usage(req: func.HttpRequest, caller: Caller) -> Answer:
        return json_answer(200, services.now().room.usage(caller, read_query(req.params, UsageQuery)))

    @routes.guarded(DELETE_RECORD)
    def delete_record(req: func.HttpRequest, caller: Caller) -> Answer:
        services.now().room.erase(caller, req.route_params["call_id"])
        return Answer(204)

    @routes.guarded(EXPORT_CALLER)
    def export_caller(req: func.HttpRequest, caller: Caller) -> Answer:
        query = read_query(req.params, ExportQuery)
        if query.caller is None and caller.operator:
            raise QueryInvalid("The query names no `caller`.")
        archive, rest = services.now().room.export(caller, query.caller or "", query.after)
        headers = {
            "Content-Type": "application/zip",
            "Content-Disposition": 'attachment; filename="calls.zip"',
            "Cache-Control": "no-store",
            NEXT: rest or NO_MORE,
        }
        return Answer(200, headers, archive)

    return routes.blueprint


def read_query(params: Any, kind: type[Q]) -> Q:
    """Return the query parameters as `kind`. Raises QueryInvalid, which says what is wrong."""
    try:
        return msgspec.convert(dict(params), type=kind, strict=False)
    except msgspec.ValidationError as error:
        raise QueryInvalid(str(error)) from error
