"""Notices that a platform sends to the tool, and the registration of their handlers.

Platform Notification Service 1.0 (https://www.imsglobal.org/spec/lti-pns/v1p0/main/), with the
context copy notice: a course was copied, together with its resource links. A handler is the tool's
public URL for one type of notice; an empty URL removes it.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lti_tool.lti import claim_names, jws
from lti_tool.lti.claims import identifier, json_object, string_list
from lti_tool.lti.launch import NoticeService
from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.registration import Registration
from lti_tool.lti.sanitize import is_identifier
from lti_tool.lti.service_connector import PlatformConnector
from lti_tool.lti.timestamps import parse_time
from lti_tool.lti.verify import FindKey, check_parties, check_times, verified_claims

CONTEXT_COPY = "LtiContextCopyNotice"
NOTICES_LIMIT = 100
_SCOPES = (claim_names.NOTICE_SCOPE,)


@dataclass(frozen=True, slots=True)
class Notice:
    """A verified notice. A repeated delivery has the same ``id``."""

    id: str
    type: str
    timestamp: datetime | None
    issuer: str
    client_id: str
    deployment_id: str
    course_id: str | None
    origin_course_ids: tuple[str, ...]


def set_handler(
    connector: PlatformConnector, service: NoticeService, notice_type: str, handler: str
) -> None:
    """Register the handler URL for a notice type; an empty string removes it.

    Raises ServiceError.
    """
    connector.needing(*_SCOPES).make_service_request(
        _SCOPES,
        service.url,
        method="PUT",
        data=json.dumps({"notice_type": notice_type, "handler": handler}),
    )


def parse_notice_tokens(body: bytes) -> tuple[str, ...]:
    """The signed tokens in the body of a platform's request. Raises Refused."""
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
    """The unverified issuer and audiences of a token: only to find the registration."""
    claims = jws.unverified_claims(token)
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    issuer = identifier(claims, "iss")
    return issuer, tuple(one for one in audiences if isinstance(one, str) and is_identifier(one))


def verify_notice(
    token: str, *, registration: Registration, find_key: FindKey, now: float
) -> Notice:
    """Verify a notice like a launch, without state and nonce, which need a browser.

    Raises Refused.
    """
    claims = verified_claims(token, find_key)
    check_parties(claims, registration)
    check_times(claims, now=now)
    notice = json_object(claims, claim_names.NOTICE)
    if notice is None:
        raise Refused(Code.MISSING_CLAIM, claim="notice")
    course = json_object(claims, claim_names.CONTEXT)
    return Notice(
        id=identifier(notice, "id", "notice.id"),
        type=identifier(notice, "type", "notice.type"),
        timestamp=parse_time(notice.get("timestamp")),
        issuer=registration.issuer,
        client_id=registration.client_id,
        deployment_id=identifier(claims, claim_names.DEPLOYMENT_ID),
        course_id=identifier(course, "id", "context.id") if course else None,
        origin_course_ids=_origins(claims),
    )


def _origins(claims: dict[str, Any]) -> tuple[str, ...]:
    found = string_list(claims, claim_names.ORIGIN_CONTEXTS)
    return tuple(one for one in found if is_identifier(one))
