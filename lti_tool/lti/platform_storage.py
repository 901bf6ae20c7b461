"""The platform's storage, which keeps a value for the tool where cookies are blocked.

LTI Client Side postMessages 1.0 and postMessage Storage 1.0
(https://www.imsglobal.org/spec/lti-cs-pm/v0p1, https://www.imsglobal.org/spec/lti-pm-s/v0p1).
The browser's side of it is ``templates/static/minga.js``; the server only says what to ask for, of
whom.
"""

from lti_tool.lti.registration import Registration
from lti_tool.lti.urls import origin


def storage_key(state_id: str) -> str:
    """The name under which a login's proof is kept."""
    return f"minga_login_{state_id}"


def storage_origin(registration: Registration) -> str | None:
    """The origin that messages are sent to, and must come from: the login's, not the issuer's."""
    return origin(registration.authorization_endpoint)
