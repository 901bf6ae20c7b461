"""Notices that a platform sends by itself, and the registration of who receives them.

Platform Notification Service 1.0 (https://www.imsglobal.org/spec/lti-pns/v1p0/main/), with the
context copy notice: a course was copied, and the copy's placements are those of another course.
A handler is the tool's public address for one type of notice; an empty one takes it back.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lti_tool.lti import claim_names as names
from lti_tool.lti import jws
from lti_tool.lti.claims import identifier, mapping, texts
from lti_tool.lti.launch import NoticeService
from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.registration import Registration
from lti_tool.lti.sanitize import is_identifier
from lti_tool.lti.service_errors import refused
from lti_tool.lti.services import Services
from lti_tool.lti.timestamps import parse_time
from lti_tool.lti.verify import FindKey, check_parties, check_times, verified_claims

CONTEXT_COPY = "LtiContextCopyNotice"
NOTICES_LIMIT = 100
_SCOPES = (names.NOTICE_SCOPE,)


@dataclass(frozen=True, slots=True)
class Notice:
    """A verified notice. ``id`` comes again when a platform sends it again."""

    id: str
    type: str
    moment: datetime | None
    issuer: str
    client_id: str
    deployment_id: str
    course_id: str | None
    origin_course_ids: tuple[str, ...]


def set_handler(services: Services, service: NoticeService, notice_type: str, handler: str) -> None:
    """Ask to be told of a type of notice at an address; an empty one stops it.

    Raises ServiceFailed.
    """
    answer = services.call(
        "PUT",
        service.url,
        scopes=_SCOPES,
        needed=_SCOPES,
        headers={"Content-Type": "application/json", "Accept": "application/json"},
        body=json.dumps({"notice_type": notice_type, "handler": handler}).encode(),
    )
    if not answer.ok:
        raise refused(answer)


def tokens_of(body: bytes) -> tuple[str, ...]:
    """The signed notices in a platform's post. Raises Refused."""
    try:
        document = json.loads(body.decode())
    except (ValueError, RecursionError) as error:
        raise Refused(Code.BAD_TOKEN) from error
    entries = document.get("notices") if isinstance(document, dict) else None
    if not isinstance(entries, list) or len(entries) > NOTICES_LIMIT:
        raise Refused(Code.BAD_TOKEN)
    tokens = [entry.get("jwt") if isinstance(entry, dict) else None for entry in entries]
    if not all(isinstance(token, str) and token for token in tokens):
        raise Refused(Code.BAD_TOKEN)
    return tuple(str(token) for token in tokens)


def claimed_parties(token: str) -> tuple[str, tuple[str, ...]]:
    """The issuer and the audiences that a token *claims*: only to find whose keys to ask for."""
    claims = jws.unverified_claims(token)
    audience = claims.get("aud")
    many = audience if isinstance(audience, list) else [audience]
    issuer = identifier(claims, "iss")
    return issuer, tuple(one for one in many if isinstance(one, str) and is_identifier(one))


def verify_notice(
    token: str, *, registration: Registration, find_key: FindKey, now: float
) -> Notice:
    """A notice, checked like a launch but for what only a browser can bring. Raises Refused."""
    claims = verified_claims(token, find_key)
    check_parties(claims, registration)
    check_times(claims, now=now)
    told = mapping(claims, names.NOTICE)
    if told is None:
        raise Refused(Code.MISSING_CLAIM, claim="notice")
    course = mapping(claims, names.CONTEXT)
    return Notice(
        id=identifier(told, "id", "notice.id"),
        type=identifier(told, "type", "notice.type"),
        moment=parse_time(told.get("timestamp")),
        issuer=registration.issuer,
        client_id=registration.client_id,
        deployment_id=identifier(claims, names.DEPLOYMENT_ID),
        course_id=identifier(course, "id", "context.id") if course else None,
        origin_course_ids=_origins(claims),
    )


def _origins(claims: dict[str, Any]) -> tuple[str, ...]:
    found = texts(claims, names.ORIGIN_CONTEXTS) or ()
    return tuple(one for one in found if is_identifier(one))
