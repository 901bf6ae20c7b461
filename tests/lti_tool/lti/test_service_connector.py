"""pylti1p3's service classes over the tool's connector, at platforms that misbehave.

Each row of ``MISBEHAVING`` is a platform and what must come of reading its roster: the number of
members read, or the kind of the error.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import requests
from pylti1p3.names_roles import NamesRolesProvisioningService
from pylti1p3.registration import Registration
from pylti1p3.service_connector import ServiceConnector

from lti_tool.lti import claim_names
from lti_tool.lti.guarded_session import MAX_BODY, GuardedSession
from lti_tool.lti.http_client import FetchError, FetchErrorKind, HttpClient
from lti_tool.lti.nrps import roster_pages
from lti_tool.lti.pauses import INVALID_CLIENT_SECONDS, THROTTLED_SECONDS, Pause
from lti_tool.lti.service_connector import PlatformConnector
from lti_tool.lti.service_errors import ServiceError
from lti_tool.lti.tokens import AccessToken, AccessTokens
from tests.lti_tool.lti.local_server import Asked, LocalServer, Reply
from tests.lti_tool.lti.moodle import Moodle

SCOPES = [claim_names.MEMBERSHIP_SCOPE]
SECRET = "María's secret"


class MemoryPauses:
    def __init__(self) -> None:
        self.kept: dict[int, Pause] = {}

    def load(self, registration_id: int) -> Pause | None:
        return self.kept.get(registration_id)

    def save(self, registration_id: int, pause: Pause) -> None:
        stored = self.kept.get(registration_id)
        if stored is None or pause.until > stored.until:
            self.kept[registration_id] = pause

    def clear(self, registration_id: int, reason: str) -> None:
        if registration_id in self.kept and self.kept[registration_id].reason == reason:
            del self.kept[registration_id]


def page(number: int, link: str = "", **headers: str) -> Reply:
    body = {"members": [{"user_id": f"u{number}", "roles": ["Learner"]}]}
    return Reply(body, 200, {**headers, **({"Link": link} if link else {})})


Answer = Callable[[Moodle, Asked], Reply]


def linked(style: str, pages: int = 3) -> Answer:
    """Pages whose ``Link`` header is written in this style."""

    def answer(moodle: Moodle, asked: Asked) -> Reply:
        number = int(asked.query.get("p", "0"))
        if number + 1 >= pages:
            return page(number)
        url = f"{moodle.roster.memberships}?a=1&p={number + 1}"
        text = style.format(url=url, path=url.removeprefix(moodle.server.url))
        return page(number, text.replace("&", "&amp;") if "“" in text else text)

    def in_latin_1(moodle: Moodle, asked: Asked) -> Reply:
        reply = answer(moodle, asked)
        if "Link" in reply.headers:
            reply.headers = {"Link": reply.headers["Link"].encode().decode("latin-1")}
        return reply

    return in_latin_1


def to(link: str) -> Answer:
    return lambda moodle, asked: page(0, link.format(own=moodle.server.url))


def replying(reply: Reply) -> Answer:
    return lambda moodle, asked: reply


MISBEHAVING: dict[str, tuple[Answer, int | FetchErrorKind]] = {
    "plain link": (linked('<{url}>; rel="next"'), 3),
    "no quotes": (linked("<{url}>; rel=next"), 3),
    "other parameters first": (linked('<{url}>; title="x"; rel="next"'), 3),
    "several links": (linked('<{url}>; rel="first", <{url}>; rel="next last"'), 3),
    "upper case": (linked('<{url}>; REL="NEXT"'), 3),
    "relative": (linked('<{path}>; rel="next"'), 3),
    "curly quotes and &amp; (Moodle)": (linked("<{url}>; rel=“next”"), 3),
    "to another host": (to('<https://evil.example/>; rel="next"'), FetchErrorKind.FOREIGN_PAGE),
    "to another port": (to('<http://127.0.0.1:1/>; rel="next"'), FetchErrorKind.FOREIGN_PAGE),
    "no URL": (to('<http://a@[::1/>; rel="next"'), FetchErrorKind.FOREIGN_PAGE),
    "to itself": (to('<{own}/m>; rel="next"'), FetchErrorKind.ENDLESS),
    "without end": (linked('<{url}>; rel="next"', 10**9), FetchErrorKind.ENDLESS),
    "500": (replying(Reply(SECRET.encode(), 500)), FetchErrorKind.BAD_STATUS),
    "404": (replying(Reply(SECRET.encode(), 404)), FetchErrorKind.BAD_STATUS),
    "a redirect": (
        replying(Reply(b"", 302, {"Location": "https://evil.example/"})),
        FetchErrorKind.BAD_STATUS,
    ),
    "a page": (replying(Reply(b"<html>")), FetchErrorKind.INVALID_RESPONSE),
    "nothing": (replying(Reply(b"")), FetchErrorKind.INVALID_RESPONSE),
    "deep nesting": (replying(Reply(b"[" * 100_000)), FetchErrorKind.INVALID_RESPONSE),
    "too much": (replying(Reply(b" " * (MAX_BODY + 1))), FetchErrorKind.TOO_LARGE),
    "a byte order mark": (replying(Reply(b'\xef\xbb\xbf{"members": []}')), 0),
    "no token is taken": (replying(Reply(b"", 401)), FetchErrorKind.BAD_STATUS),
}


@pytest.fixture
def few_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lti_tool.lti.nrps.MAX_ROSTER_PAGES", 20)


@pytest.mark.usefixtures("few_pages")
@pytest.mark.parametrize("name", MISBEHAVING)
def test_a_platform_that_misbehaves(moodle: Moodle, name: str) -> None:
    answer, expected = MISBEHAVING[name]
    service = replace(moodle.roster, memberships=f"{moodle.server.url}/m")
    moodle.roster = service
    moodle.server.routes["GET /m"] = lambda asked: answer(moodle, asked)
    if isinstance(expected, int):
        assert sum(len(each.members) for each in roster_pages(moodle.services, service)) == expected
    else:
        with pytest.raises(ServiceError) as caught:
            list(roster_pages(moodle.services, service))
        assert caught.value.kind is expected
        assert SECRET not in str(caught.value)
    assert {asked.path for asked in moodle.server.asked} <= {"/m", "/mod/lti/token.php"}


class LibraryConnector(ServiceConnector):
    """The library's own connector, with a session and a token of ours."""

    def get_access_token(self, scopes: Any) -> str:
        return "token-1"


@pytest.mark.parametrize(
    "name", ["no quotes", "other parameters first", "curly quotes and &amp; (Moodle)"]
)
def test_rows_for_which_the_request_is_overridden(moodle: Moodle, name: str) -> None:
    """The library takes the first page for the last one. If it no longer does, simplify."""
    answer, expected = MISBEHAVING[name]
    moodle.roster = replace(moodle.roster, memberships=f"{moodle.server.url}/m")
    moodle.server.routes["GET /m"] = lambda asked: answer(moodle, asked)
    data: Any = {"context_memberships_url": moodle.roster.memberships}
    session = GuardedSession(HttpClient(allow_private=True))
    library = LibraryConnector(Registration(), session)
    assert len(NamesRolesProvisioningService(library, data).get_members()) == 1
    assert len(NamesRolesProvisioningService(moodle.services, data).get_members()) == expected


# Access tokens


def tokens_of(moodle: Moodle) -> tuple[AccessTokens, MemoryPauses]:
    pauses = MemoryPauses()
    moodle.tokens = AccessTokens(
        HttpClient(allow_private=True), moodle.keys, moodle.storage, moodle.clock, pauses=pauses
    )
    moodle.services.tokens = moodle.tokens
    return moodle.tokens, pauses


def test_a_rejected_token_stays_until_there_is_another(moodle: Moodle) -> None:
    registration = moodle.services.registration
    first = moodle.tokens.get(registration, SCOPES)
    moodle.server.always("POST /mod/lti/token.php", Reply(b"", 500))
    with pytest.raises(ServiceError):
        moodle.tokens.renew(registration, SCOPES, first)
    assert moodle.tokens.get(registration, SCOPES) == first


def test_a_token_that_another_process_renewed_is_used(moodle: Moodle) -> None:
    registration = moodle.services.registration
    old = moodle.tokens.get(registration, SCOPES)
    newer = AccessToken("token-9", tuple(SCOPES), moodle.clock() + 3600)
    [key] = moodle.storage.kept
    moodle.storage.save(*key, newer)
    assert moodle.tokens.renew(registration, SCOPES, old) == newer
    assert len(moodle.token_requests) == 1


def test_threads_that_meet_a_rejected_token_renew_it_once(moodle: Moodle) -> None:
    registration = moodle.services.registration
    old = moodle.tokens.get(registration, SCOPES)
    with ThreadPoolExecutor(5) as threads:
        renewed = list(
            threads.map(lambda _: moodle.tokens.renew(registration, SCOPES, old), range(5))
        )
    assert {token.value for token in renewed} == {"token-2"}
    assert len(moodle.token_requests) == 2


def test_each_try_has_a_new_assertion(moodle: Moodle) -> None:
    seen: list[str] = []
    answer = moodle.server.routes["POST /mod/lti/token.php"]

    def once(asked: Asked) -> Reply:
        """Sakai remembers the assertions: one that was sent before is refused."""
        assertion = asked.form()["client_assertion"]
        repeated = assertion in seen
        seen.append(assertion)
        if repeated:
            return Reply({"error": "invalid_request"}, 400)
        return Reply(b"", 503) if len(seen) == 1 else answer(asked)

    moodle.server.routes["POST /mod/lti/token.php"] = once
    with pytest.raises(ServiceError):
        moodle.tokens.get(moodle.services.registration, SCOPES)
    assert moodle.tokens.get(moodle.services.registration, SCOPES).value
    assert len(set(seen)) == 2


# Pauses


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        (Reply(b"", 429, {"Retry-After": "30"}), 30),
        (Reply(b"", 503, {"Retry-After": "120"}), 120),
        (Reply(b"", 429), THROTTLED_SECONDS),
        (Reply(b"", 429, {"Retry-After": "soon"}), THROTTLED_SECONDS),
        (Reply(b"", 503), None),
        (Reply(b"", 403), None),
    ],
)
def test_a_platform_that_asks_for_a_pause(
    moodle: Moodle, reply: Reply, seconds: int | None
) -> None:
    _, pauses = tokens_of(moodle)
    route = f"GET {moodle.members_route()}"
    well = moodle.server.routes[route]
    moodle.server.always(route, reply)
    with pytest.raises(ServiceError) as caught:
        list(roster_pages(moodle.services, moodle.roster))
    assert caught.value.status == reply.status
    moodle.server.routes[route] = well
    asked = len(moodle.server.asked)
    # Another process, for another course of the registration.
    other = AccessTokens(
        HttpClient(allow_private=True), moodle.keys, moodle.storage, moodle.clock, pauses=pauses
    )
    connector = PlatformConnector(
        moodle.services.registration, HttpClient(allow_private=True), other
    )
    if seconds is None:
        assert list(roster_pages(connector, moodle.roster))
        return
    moodle.clock.now += seconds - 1
    with pytest.raises(ServiceError) as caught:
        list(roster_pages(connector, moodle.roster))
    assert (caught.value.kind, caught.value.retry_after) == (FetchErrorKind.PAUSED, 1)
    assert caught.value.is_retriable
    assert len(moodle.server.asked) == asked, "nothing was sent"
    moodle.clock.now += 1
    assert list(roster_pages(connector, moodle.roster))


def test_a_time_in_retry_after(moodle: Moodle) -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    moodle.server.always(f"GET {moodle.members_route()}", Reply(b"", 503, {"Retry-After": at}))
    with pytest.raises(ServiceError) as caught:
        list(roster_pages(moodle.services, moodle.roster))
    assert 80 <= (caught.value.retry_after or 0) <= 90


def test_a_tool_that_is_switched_off_tries_seldom_and_resumes(moodle: Moodle) -> None:
    tokens, pauses = tokens_of(moodle)
    moodle.taken_tokens = {f"token-{number}" for number in range(200)}
    well = moodle.server.routes["POST /mod/lti/token.php"]
    moodle.server.always("POST /mod/lti/token.php", Reply({"error": "invalid_client"}, 401))
    for _ in range(24 * 60):  # once a minute, for a day
        with pytest.raises(ServiceError) as caught:
            tokens.get(moodle.services.registration, SCOPES)
        assert caught.value.oauth_error == "invalid_client"
        moodle.clock.now += 60
    day = 24 * 3600
    assert len(moodle.token_requests) <= day / INVALID_CLIENT_SECONDS + 1
    moodle.server.routes["POST /mod/lti/token.php"] = well
    moodle.clock.now += INVALID_CLIENT_SECONDS
    assert list(roster_pages(moodle.services, moodle.roster))
    assert pauses.kept == {}


# The session that the library is given


def test_the_session_sends_nothing_of_its_own(server: LocalServer) -> None:
    server.always("GET /a", Reply(b"{}", 200, {"Set-Cookie": "a=b"}))
    session = GuardedSession(HttpClient(allow_private=True))
    for _ in range(2):
        assert session.get(f"{server.url}/a").json() == {}
    sent = {name.lower() for name in server.asked[-1].headers}
    assert sent == {"host", "user-agent", "accept", "accept-encoding"}
    assert "Minga" in server.asked[-1].headers["User-Agent"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_session_follows_no_redirect(server: LocalServer, method: str) -> None:
    server.always(f"{method} /a", Reply(b"", 302, {"Location": f"{server.url}/b"}))
    response = GuardedSession(HttpClient(allow_private=True)).request(method, f"{server.url}/a")
    assert response.status_code == 302
    assert [asked.path for asked in server.asked] == ["/a"]


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "https://127.0.0.1/", "ftp://lms.example/"])
def test_the_session_has_the_guard(url: str) -> None:
    with pytest.raises((FetchError, requests.RequestException)):
        GuardedSession(HttpClient()).get(url)


def test_a_slow_body_ends(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def slowly(handler: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not ended.wait(0.05):
            handler.wfile.write(b" ")

    monkeypatch.setattr(
        HttpClient.request,
        "__kwdefaults__",
        {**HttpClient.request.__kwdefaults__, "total_seconds": 0.5},
    )
    server.raw["GET /slow"] = slowly
    began = time.monotonic()
    with pytest.raises(FetchError) as caught:
        GuardedSession(HttpClient(allow_private=True)).get(f"{server.url}/slow")
    ended.set()
    assert caught.value.kind is FetchErrorKind.TIMEOUT
    assert time.monotonic() - began < 5
