"""Tests how the gateway finds out who is calling, and from which site."""

import base64
import contextlib
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchboard.callers import Caller, check_may_touch, check_same_site, identify
from switchboard.errors import CrossSiteRequest, NotYourCall, SignInRequired
from tests.examples import settings


def principal(**fields: Any) -> dict[str, str]:
    value = {
        "identityProvider": "aad",
        "userId": "u1",
        "userDetails": "ada@example.com",
        "userRoles": ["anonymous", "authenticated"],
        **fields,
    }
    return {"x-ms-client-principal": base64.b64encode(json.dumps(value).encode()).decode()}


SIGN_IN = settings(REQUIRE_SIGN_IN="true")


def test_signed_in() -> None:
    """The caller's id contains the identity provider, because two providers may use the same user id."""
    assert identify(principal(), SIGN_IN) == Caller(
        "aad:u1", "ada@example.com", operator=False, roles=("anonymous", "authenticated")
    )


def test_operator() -> None:
    """A role makes a caller an operator, and a setting says which role."""
    assert identify(principal(userRoles=["authenticated", "operator"]), SIGN_IN).operator
    other = settings(REQUIRE_SIGN_IN="true", OPERATOR_ROLE="switchboard-operator")
    assert not identify(principal(userRoles=["authenticated", "operator"]), other).operator


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-ms-client-principal": ""},
        {"x-ms-client-principal": "not base64!"},
        {"x-ms-client-principal": "\u00e9"},
        {"x-ms-client-principal": "\udcc3\udca9"},
        {"x-ms-client-principal": base64.b64encode(b"[" * 10_500 + b"]" * 10_500).decode()},
        {"x-ms-client-principal": base64.b64encode(b'{"userId": "u1", "claims": ' + b"[" * 10_500).decode()},
        {"x-ms-client-principal": base64.b64encode(b"{}").decode()},
        {"x-ms-client-principal": base64.b64encode(b"\xff\xfe").decode()},
        principal(userId=""),
        principal(userRoles=["anonymous"]),
        principal(userRoles="authenticated"),
    ],
)
def test_nobody_signed_in(headers: dict[str, str]) -> None:
    """Anything but a complete principal is refused, as if nobody were signed in."""
    with pytest.raises(SignInRequired):
        identify(headers, SIGN_IN)


def test_forged_principal_where_sign_in_is_not_required() -> None:
    """Anyone can forge the header on an anonymous route, so it makes nobody an operator."""
    forged = principal(userRoles=["authenticated", "operator"])

    assert identify(forged, settings()) == Caller("anonymous")


def test_anonymous_visitors_are_told_apart() -> None:
    """Each tab has its own key and so its own caller id, and records keep only the key's hash."""
    one = identify({"x-switchboard-caller": "a" * 32}, settings())
    two = identify({"x-switchboard-caller": "b" * 32}, settings())

    assert one.id != two.id
    assert one.id.startswith("anonymous:")
    assert "a" * 32 not in one.id
    assert identify({"x-switchboard-caller": "short"}, settings()).id == "anonymous"


def test_whose_call() -> None:
    """A caller may touch only their own calls; an operator may touch all of them."""
    check_may_touch(Caller("aad:u1"), "aad:u1")
    check_may_touch(Caller("aad:u2", operator=True), "aad:u1")
    with pytest.raises(NotYourCall):
        check_may_touch(Caller("aad:u2"), "aad:u1")


ALLOWING = settings(ALLOWED_ORIGINS="https://shop.example.com,https://www.example.com")


@pytest.mark.parametrize(
    ("headers", "origin"),
    [
        ({}, None),
        ({"sec-fetch-site": "same-origin", "origin": "https://voice.example.com"}, None),
        ({"sec-fetch-site": "none"}, None),
        ({"host": "voice.example.com", "origin": "https://voice.example.com"}, None),
        (
            {
                "host": "func.example.net",
                "x-forwarded-host": "voice.example.com",
                "origin": "https://voice.example.com",
            },
            None,
        ),
        ({"x-ms-original-url": "https://voice.example.com/api/token", "origin": "https://voice.example.com"}, None),
        ({"sec-fetch-site": "cross-site", "origin": "https://shop.example.com"}, "https://shop.example.com"),
    ],
)
def test_requests_that_may_come_in(headers: dict[str, str], origin: str | None) -> None:
    """Requests of our own pages, of tools other than browsers and of allowed origins are accepted."""
    assert check_same_site(headers, ALLOWING) == origin


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "https://other.example.com"},
        {"sec-fetch-site": "cross-site", "origin": "https://evil.example.net", "host": "evil.example.net"},
        {"origin": "https://evil.example.net", "host": "voice.example.com"},
        {"origin": "null", "host": "voice.example.com"},
        {"origin": "https://shop.example.com.evil.net", "sec-fetch-site": "cross-site"},
    ],
)
def test_requests_from_other_sites(headers: dict[str, str]) -> None:
    """A page of another site cannot use the visitor's cookie to make calls."""
    with pytest.raises(CrossSiteRequest):
        check_same_site(headers, ALLOWING)


# urlsplit refuses each of these: an unclosed bracket, and letters that become other characters in a host name.
NO_URLS = ["http://[", "https://]", "http://\u2102\u2100", "http://[::1", "//[x]"]


@pytest.mark.parametrize("made_up", NO_URLS)
def test_origin_that_is_not_a_url(made_up: str) -> None:
    """An origin that cannot be read is an origin of another site."""
    with pytest.raises(CrossSiteRequest):
        check_same_site({"origin": made_up, "host": "voice.example.com"}, ALLOWING)


@pytest.mark.parametrize("header", ["x-ms-original-url", "x-forwarded-host", "host"])
@pytest.mark.parametrize("made_up", NO_URLS)
def test_host_that_is_not_a_url(header: str, made_up: str) -> None:
    """A header that cannot be read names no host; the others still count."""
    page = {"origin": "https://voice.example.com"}
    others = {"host": "voice.example.com", "x-forwarded-host": "voice.example.com"}

    assert check_same_site({**page, **others, header: made_up}, ALLOWING) is None
    with pytest.raises(CrossSiteRequest):
        check_same_site({**page, header: made_up}, ALLOWING)


HEADERS = st.dictionaries(
    st.sampled_from(["origin", "host", "x-forwarded-host", "x-ms-original-url", "sec-fetch-site"]),
    st.sampled_from(["same-origin", "null", "https://voice.example.com", *NO_URLS])
    | st.text(st.characters(), max_size=20).map("http://{}".format)
    | st.text(st.characters(), max_size=30),
)


@given(HEADERS)
def test_any_headers_of_a_site(headers: dict[str, str]) -> None:
    """Whatever the headers contain, the request is let in or refused as one of another site."""
    with contextlib.suppress(CrossSiteRequest):
        assert check_same_site(headers, ALLOWING) in (None, *ALLOWING.allowed_origins)


@given(
    st.text(st.characters(), max_size=60)
    | st.binary(max_size=60).map(lambda raw: base64.b64encode(raw).decode())
    | st.dictionaries(
        st.sampled_from(["userId", "userRoles", "identityProvider", "claims"]),
        st.none() | st.text(max_size=5) | st.lists(st.text(max_size=5) | st.just("authenticated"), max_size=2),
    ).map(lambda fields: principal(**fields)["x-ms-client-principal"]),
    st.text(st.characters(), max_size=40),
)
def test_any_caller(encoded: str, key: str) -> None:
    """Whatever the headers contain, they name a caller or nobody."""
    headers = {"x-ms-client-principal": encoded, "x-switchboard-caller": key}

    assert identify(headers, settings()).id.startswith("anonymous")
    with contextlib.suppress(SignInRequired):
        assert identify(headers, SIGN_IN).id


# ---- The direct gateway ----------------------------------------------------------------------------------------------

DIRECT = settings(DIRECT_GATEWAY="true", REQUIRE_SIGN_IN="true")
OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier"


def app_service_principal(*claims: tuple[str, str], auth_typ: str = "aad") -> dict[str, str]:
    value = {
        "auth_typ": auth_typ,
        "name_typ": "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
        "role_typ": "http://schemas.microsoft.com/ws/2008/06/identity/claims/role",
        "claims": [{"typ": typ, "val": val} for typ, val in claims],
    }
    return {"x-ms-client-principal": base64.b64encode(json.dumps(value).encode()).decode()}


SERVER = app_service_principal(("aud", "gateway"), (OBJECT_ID, "o1"), ("azp", "server"), ("roles", "operator"))


def test_a_customers_server() -> None:
    """The object id names the server, and no role of its token makes it an operator."""
    assert identify(SERVER, DIRECT) == Caller("aad:o1", roles=("operator",))
    assert identify(app_service_principal(("sub", "s1")), DIRECT) == Caller("aad:s1")
    assert identify(app_service_principal(("sub", "s1"), ("oid", "o1")), DIRECT) == Caller("aad:o1")


def test_the_visitors_that_a_server_names() -> None:
    """Each has an id of its own below the server's, and another server's visitor of the same name is somebody else."""
    ada, grace = ({"x-switchboard-caller": key * 8} for key in ("ada-", "grace-"))
    mine = {identify({**SERVER, **visitor}, DIRECT).id for visitor in (ada, grace)}
    other = identify({**app_service_principal((OBJECT_ID, "o2")), **ada}, DIRECT).id
    assert len({*mine, other}) == 3
    assert all(one.startswith("aad:o1:") and "ada" not in one for one in mine)
    assert identify({**SERVER, "x-switchboard-caller": "short"}, DIRECT).id == "aad:o1"


@pytest.mark.parametrize(
    "headers",
    [{}, {"x-ms-client-principal": "!"}, app_service_principal(), app_service_principal((OBJECT_ID, "")), principal()],
)
def test_nobody_at_the_direct_gateway(headers: dict[str, str]) -> None:
    """Without the platform's principal nobody is let in, whatever REQUIRE_SIGN_IN says."""
    for chosen in (DIRECT, settings(DIRECT_GATEWAY="true", REQUIRE_SIGN_IN="false")):
        with pytest.raises(SignInRequired):
            identify(headers, chosen)


def test_the_setting_decides_which_form_is_read() -> None:
    """Behind the site a principal in App Service's form is no principal, so that nobody can choose the weaker check."""
    with pytest.raises(SignInRequired):
        identify(SERVER, SIGN_IN)
    assert identify(SERVER, settings(REQUIRE_SIGN_IN="false")) == Caller("anonymous")


@pytest.mark.parametrize("origin", ["https://shop.example.com/", "https://shop.example.com"])
def test_a_final_slash_is_no_other_origin(origin: str) -> None:
    """The setting and the header may both have one."""
    assert check_same_site({"origin": origin, "sec-fetch-site": "cross-site"}, ALLOWING) == "https://shop.example.com"


def test_length_of_an_anonymous_id() -> None:
    """The id is the beginning of a hash, of 128 bits."""
    key = identify({"x-switchboard-caller": "a" * 32}, settings()).id

    assert re.fullmatch(r"anonymous:[0-9a-f]{32}", key)


def test_principal_between_other_characters() -> None:
    """What is not base64 as a whole is not read in part."""
    whole = principal()["x-ms-client-principal"]
    with pytest.raises(SignInRequired):
        identify({"x-ms-client-principal": f"{whole[:8]}!{whole[8:]}"}, SIGN_IN)
