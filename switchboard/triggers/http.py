"""Reading requests within limits, and answers as plain values; no web framework is known here."""

import re
from collections.abc import Collection, Mapping
from io import BytesIO
from typing import Annotated, Any, TypeVar

import msgspec
from multipart import MultipartError, MultipartParser, parse_options_header

from switchboard.errors import (
    BodyInvalid,
    BodyTooLarge,
    EventNotAllowed,
    EventRefused,
    FieldNotAllowed,
    OfferMissing,
    OfferTooLarge,
    SwitchboardError,
    UnsupportedMediaType,
)
from switchboard.realtime.client_events import ALLOWED, AnyClientEvent
from switchboard.sdp import MAX_OFFER_BYTES, check_offer

T = TypeVar("T")

MAX_JSON_BYTES = 16 * 1024
# The parts' own headers and boundaries, around the offer.
_MULTIPART_OVERHEAD = 8 * 1024
_MOST_PARTS = 8
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class Answer(msgspec.Struct, frozen=True):
    """What goes back: status, headers and a body that is sent as it is."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""


SdpOffer = Annotated[str, msgspec.Meta(description="An SDP offer for audio (RFC 8866), of 64 KB at the most.")]


class OfferForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A form that carries an SDP offer. Each route says which other fields may stand in it."""

    sdp: SdpOffer


class ErrorFields(msgspec.Struct, frozen=True):
    """An error in the form of the Realtime service, which OpenAI's clients read."""

    message: str | None
    type: str | None
    code: str | None
    param: str | None


class Problem(msgspec.Struct, frozen=True):
    """RFC 9457 problem details, with our stable `code` and a `hint` of what to do."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    hint: str
    request_id: str
    error: ErrorFields | msgspec.UnsetType = msgspec.UNSET


def json_answer(status: int, value: Any, **headers: str) -> Answer:
    """A JSON answer that no cache keeps."""
    return Answer(
        status, {"Content-Type": "application/json", "Cache-Control": "no-store", **headers}, msgspec.json.encode(value)
    )


def sdp_answer(location: str, sdp: bytes) -> Answer:
    """Return the 201 answer that carries the service's SDP answer; `location` is where the call now lives."""
    return Answer(201, {"Content-Type": "application/sdp", "Cache-Control": "no-store", "Location": location}, sdp)


def problem_answer(error: SwitchboardError, request_id: str, *, for_openai: bool = False) -> Answer:
    """An error as application/problem+json; `for_openai` with an `error` as OpenAI's clients read it."""
    problem = Problem(
        type=f"urn:switchboard:problem:{error.code}",
        title=error.title,
        status=error.status,
        detail=error.detail,
        code=error.code,
        hint=error.hint,
        request_id=request_id,
        error=_error_fields(error, for_openai=for_openai),
    )
    headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store"}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return Answer(error.status, headers, msgspec.json.encode(problem))


def read_offer(content_type: str, body: bytes, form: type[OfferForm]) -> tuple[bytes, dict[str, str]]:
    """Return the SDP offer of a request, and the other fields of `form` that came with it.

    The body is either the offer itself (`application/sdp`) or a `multipart/form-data` with the field `sdp`. Raises
    OfferMissing, OfferInvalid, OfferTooLarge, UnsupportedMediaType, FieldNotAllowed or BodyInvalid.
    """
    kind, options = parse_options_header(content_type)
    if kind == "application/sdp":
        return check_offer(body), {}
    if kind == "multipart/form-data":
        fields = _form(body, options.get("boundary", ""), form.__struct_fields__)
        return check_offer(fields.pop("sdp", b"")), {
            name: value.decode(errors="replace") for name, value in fields.items()
        }
    if not body:
        raise OfferMissing
    raise UnsupportedMediaType(f"{kind or 'No Content-Type'} is not read here.")


def read_json(content_type: str, body: bytes, kind: type[T]) -> T:
    """A JSON body of at most 16 KB. Raises BodyTooLarge, UnsupportedMediaType or BodyInvalid with what was wrong."""
    if len(body) > MAX_JSON_BYTES:
        raise BodyTooLarge(f"The body has {len(body)} bytes; {MAX_JSON_BYTES} are accepted.")
    media, _ = parse_options_header(content_type)
    if media != "application/json":
        raise UnsupportedMediaType(f"{media or 'No Content-Type'} is not read here.")
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise BodyInvalid(str(error) if isinstance(error, msgspec.MsgspecError) else "This is not JSON.") from error


def read_client_event(content_type: str, body: bytes) -> AnyClientEvent:
    """A client event of the allow-list. Raises EventNotAllowed for others and for fields that it does not have."""
    try:
        event: AnyClientEvent = read_json(content_type, body, AnyClientEvent)  # type: ignore[arg-type]
    except BodyInvalid as error:
        raise EventNotAllowed(error.detail, hint=f"An operator may send {', '.join(ALLOWED)}.") from error
    return event


def safe_request_id(text: str) -> str:
    """A request id from a header if it is one, else an empty text: it goes into logs and answers."""
    return text if _REQUEST_ID.fullmatch(text) else ""


def _error_fields(error: SwitchboardError, *, for_openai: bool) -> ErrorFields | msgspec.UnsetType:
    """Return what the service said of an event that it refused, or for OpenAI's clients the error in its form."""
    if isinstance(error, EventRefused):
        return ErrorFields(**error.error)
    if not for_openai:
        return msgspec.UNSET
    kind = "invalid_request_error" if error.status < 500 else "server_error"
    # These clients show the message only, so the hint belongs in it.
    return ErrorFields(f"{error.detail.rstrip('.')}. {error.hint}", kind, error.code, None)


def _form(body: bytes, boundary: str, allowed: Collection[str]) -> dict[str, bytes]:
    if not boundary:
        raise BodyInvalid("The Content-Type names no boundary.")
    if len(body) > MAX_OFFER_BYTES + _MULTIPART_OVERHEAD:
        raise OfferTooLarge(f"The form has {len(body)} bytes; an offer of {MAX_OFFER_BYTES} is accepted.")
    fields: dict[str, bytes] = {}
    try:
        parser = MultipartParser(BytesIO(body), boundary, len(body), strict=True, part_limit=_MOST_PARTS)
        for part in parser:
            name = part.name or ""
            if name not in allowed:
                raise FieldNotAllowed(
                    f"The form has a field {name[:40]!r}, which is none of {', '.join(sorted(allowed))}."
                )
            if name in fields:
                raise BodyInvalid(f"The form has the field {name} twice.")
            fields[name] = part.raw
    except MultipartError as error:
        raise BodyInvalid("The multipart body cannot be read.") from error
    return fields
