"""Notices of a platform, and handlers for them. Platform Notification Service."""

import json
from typing import Any

import pytest

from lti_tool.lti import claim_names
from lti_tool.lti.launch import NoticeService
from lti_tool.lti.pns import (
    CONTEXT_COPY,
    Notice,
    claimed_parties,
    parse_notice_tokens,
    set_handler,
    verify_notice,
)
from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.service_errors import ServiceError
from tests.lti_tool.launch_cases import SIGNATURES, LaunchCase, put, shifted, without
from tests.lti_tool.lti.local_server import Reply
from tests.lti_tool.lti.moodle import Moodle
from tests.lti_tool.lti.samples import NOW, REGISTRATION, find_key, forge

CLAIMS = {
    "iss": REGISTRATION.issuer,
    "aud": [REGISTRATION.client_id],
    "iat": NOW,
    "exp": NOW + 300,
    claim_names.VERSION: "1.3.0",
    claim_names.DEPLOYMENT_ID: "1",
    claim_names.NOTICE: {"id": "n-1", "timestamp": "2026-11-22T12:00:00Z", "type": CONTEXT_COPY},
    claim_names.CONTEXT: {"id": "copy"},
    claim_names.ORIGIN_CONTEXTS: ["source", "older", ""],
}


def verified(token: str) -> Notice:
    return verify_notice(token, registration=REGISTRATION, find_key=find_key, now=NOW)


def test_a_course_was_copied() -> None:
    notice = verified(forge().good(CLAIMS))
    assert (notice.id, notice.type, notice.deployment_id) == ("n-1", CONTEXT_COPY, "1")
    assert (notice.course_id, notice.origin_course_ids) == ("copy", ("source", "older"))
    assert notice.timestamp is not None


@pytest.mark.parametrize(
    "case",
    [
        *SIGNATURES,
        LaunchCase("issuer", Code.WRONG_ISSUER, put("iss", "https://evil.example")),
        LaunchCase("audience", Code.WRONG_AUDIENCE, put("aud", "another")),
        LaunchCase("party", Code.WRONG_PARTY, put("azp", "another")),
        LaunchCase("expired", Code.EXPIRED, shifted(iat=-400, exp=-400)),
        LaunchCase("no notice", Code.MISSING_CLAIM, without(claim_names.NOTICE)),
        LaunchCase("a notice that is a list", Code.MISSING_CLAIM, put(claim_names.NOTICE, [])),
        LaunchCase("no id", Code.MISSING_CLAIM, put(claim_names.NOTICE, {"type": CONTEXT_COPY})),
        LaunchCase("no deployment", Code.MISSING_CLAIM, without(claim_names.DEPLOYMENT_ID)),
    ],
    ids=lambda case: case.name,
)
def test_a_notice_that_is_refused(case: LaunchCase) -> None:
    with pytest.raises(Refused) as caught:
        verified(case.token(forge(), CLAIMS))
    assert caught.value.code is case.refused


def test_whose_keys_to_ask_for() -> None:
    assert claimed_parties(forge().good(CLAIMS)) == (REGISTRATION.issuer, ("client-1",))


def test_the_tokens_of_a_post() -> None:
    body = json.dumps({"notices": [{"jwt": "a.b.c"}, {"jwt": "d.e.f"}]}).encode()
    assert parse_notice_tokens(body) == ("a.b.c", "d.e.f")


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"[]", b"{}", b'{"notices": [7]}', b'{"notices": [{"jwt": 7}]}', b"[" * 99999],
)
def test_a_post_that_is_none(body: bytes) -> None:
    with pytest.raises(Refused):
        parse_notice_tokens(body)


@pytest.mark.parametrize("handler", ["https://tool.example.org/lti/notices", ""])
def test_a_handler_is_set_and_taken_back(moodle: Moodle, handler: str) -> None:
    moodle.granted = claim_names.NOTICE_SCOPE
    moodle.server.always("PUT /notices", Reply({}))
    service = NoticeService(f"{moodle.server.url}/notices", (claim_names.NOTICE_SCOPE,), ())
    set_handler(moodle.services, service, CONTEXT_COPY, handler)
    sent: Any = moodle.last.json()
    assert sent == {"notice_type": CONTEXT_COPY, "handler": handler}


def test_a_handler_that_is_not_taken(moodle: Moodle) -> None:
    moodle.granted = claim_names.NOTICE_SCOPE
    service = NoticeService(f"{moodle.server.url}/notices", (), ())
    with pytest.raises(ServiceError) as caught:
        set_handler(moodle.services, service, CONTEXT_COPY, "https://tool.example.org/")
    assert caught.value.status == 404
