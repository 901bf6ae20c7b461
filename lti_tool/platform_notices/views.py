"""The endpoint for notices of platforms.

It verifies and stores them, and answers at once: Canvas sends each notice once, without retries.
"""

import logging
import time

from flask import Blueprint, Response, jsonify, request

from lti_tool.lti.pns import claimed_parties, parse_notice_tokens, verify_notice
from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.registration import Registration
from lti_tool.platform_notices import service
from lti_tool.web.context import database, tool

log = logging.getLogger(__name__)

blueprint = Blueprint("platform_notices", __name__)


@blueprint.post("/lti/notices")
def receive() -> Response:
    """Accept the notices of a request; answer with the first refusal if none is accepted."""
    try:
        tokens = parse_notice_tokens(request.get_data())
    except Refused as error:
        return _refused(error)
    refusals = []
    for token in tokens:
        try:
            _accept(token)
        except Refused as error:
            log.warning("a notice is refused: %s", error)
            refusals.append(error)
    if refusals and len(refusals) == len(tokens):
        return _refused(refusals[0])
    return jsonify(accepted=len(tokens) - len(refusals))


def _accept(token: str) -> None:
    registration = _registration(token)
    notice = verify_notice(
        token,
        registration=registration,
        find_key=tool().jwks_cache.key_finder(registration),
        now=time.time(),
    )
    service.accept_notice(database(), registration, notice)


def _registration(token: str) -> Registration:
    """The registration for which a token says that it is; its signature is not checked yet."""
    issuer, audiences = claimed_parties(token)
    for client_id in audiences:
        found = tool().registrations.find(issuer, client_id)
        if found:
            return found[0]
    raise Refused(Code.UNKNOWN_CLIENT, issuer=issuer, client_id=" ".join(audiences))


def _refused(error: Refused) -> Response:
    response = jsonify(error=str(error.code))
    response.status_code = error.status
    return response
