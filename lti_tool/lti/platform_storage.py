"""Platform storage: the platform stores a login's proof for the tool where cookies are blocked.

LTI Client Side postMessages 1.0 and postMessage Storage 1.0
(https://www.imsglobal.org/spec/lti-cs-pm/v0p1, https://www.imsglobal.org/spec/lti-pm-s/v0p1).
``templates/static/platform_storage.js`` exchanges the messages; the server names the key
and the origin.
"""

from lti_tool.lti.registration import Registration
from lti_tool.lti.urls import origin


def storage_key(state_id: str) -> str:
    """The key under which a login's proof is stored."""
    return f"minga_login_{state_id}"


def storage_origin(registration: Registration) -> str | None:
    """The origin of the platform's messages: that of the authorization endpoint, not the issuer."""
    return origin(registration.authorization_endpoint)
