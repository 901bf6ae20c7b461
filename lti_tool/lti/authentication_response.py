"""The platform's answer to the authentication request: a state and a token, or an error.

LTI Security Framework 1.0 §5.1.1.3; errors as in OpenID Connect Core §3.1.2.6.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lti_tool.lti.login import storage_target
from lti_tool.lti.refusal import Code, Refused

TOKEN_LIMIT = 256 * 1024
"""Characters of an id_token. A Moodle launch has 6,000; some carry a long list of groups."""

_ERROR = re.compile(r"[a-z_]{1,60}")


@dataclass(frozen=True, slots=True)
class AuthenticationResponse:
    """What the browser brought back. The token is not shown when this value is printed."""

    state: str | None
    id_token: str = field(repr=False)
    storage_target: str | None


def parse_response(values: Mapping[str, str]) -> AuthenticationResponse:
    """Read the form of a launch. Raises Refused."""
    error = values.get("error")
    if error:
        name = error if _ERROR.fullmatch(error) else "unknown"
        raise Refused(Code.PLATFORM_REFUSED, error=name)
    id_token = values.get("id_token")
    if not id_token:
        raise Refused(Code.TOKEN_MISSING)
    if len(id_token) > TOKEN_LIMIT:
        raise Refused(Code.TOO_LARGE, parameter="id_token")
    return AuthenticationResponse(
        values.get("state") or None, id_token, storage_target(values.get("lti_storage_target"))
    )
