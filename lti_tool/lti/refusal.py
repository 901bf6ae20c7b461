"""Why a request was turned away: a code for the program, facts for the person who can act.

No words for people live here: whoever shows the page maps the code to a translated message.
``facts`` may be shown to an administrator and written to a log: an issuer, a client id, a
deployment, the name of a claim. Never a token, never personal data.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from lti_tool.lti.sanitize import clean

FACT_LIMIT = 300
"""Characters of a fact: enough for an address, too few for a flood in a log."""


class Code(StrEnum):
    """Each reason there is to refuse a login, a launch or a registration."""

    # the login request
    MISSING_PARAMETER = "missing_parameter"
    BAD_PARAMETER = "bad_parameter"
    UNKNOWN_ISSUER = "unknown_issuer"
    UNKNOWN_CLIENT = "unknown_client"
    INACTIVE_REGISTRATION = "inactive_registration"
    # the state that comes back
    STATE_MISSING = "state_missing"
    STATE_INVALID = "state_invalid"
    STATE_EXPIRED = "state_expired"
    OTHER_BROWSER = "other_browser"
    PLATFORM_REFUSED = "platform_refused"
    """The platform answered the login with an error instead of a token."""
    # the token
    TOKEN_MISSING = "token_missing"  # noqa: S105 - a code, not a secret
    BAD_TOKEN = "bad_token"  # noqa: S105 - a code, not a secret
    NO_KEY_ID = "no_key_id"
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"
    WRONG_ALGORITHM = "wrong_algorithm"
    WRONG_ISSUER = "wrong_issuer"
    WRONG_AUDIENCE = "wrong_audience"
    WRONG_PARTY = "wrong_party"
    EXPIRED = "expired"
    ISSUED_IN_FUTURE = "issued_in_future"
    ISSUED_TOO_LONG_AGO = "issued_too_long_ago"
    WRONG_NONCE = "wrong_nonce"
    REPLAYED = "replayed"
    # the message
    NOT_LTI = "not_lti"
    WRONG_VERSION = "wrong_version"
    WRONG_MESSAGE_TYPE = "wrong_message_type"
    MISSING_CLAIM = "missing_claim"
    BAD_CLAIM = "bad_claim"
    WRONG_TARGET = "wrong_target"
    WRONG_DEPLOYMENT = "wrong_deployment"
    """The launch names another deployment than its login did."""
    UNKNOWN_DEPLOYMENT = "unknown_deployment"
    INACTIVE_DEPLOYMENT = "inactive_deployment"
    ANONYMOUS_REFUSED = "anonymous_refused"
    TOO_LARGE = "too_large"
    # the platform, seen from here
    PLATFORM_UNREACHABLE = "platform_unreachable"
    PLATFORM_KEYS_BAD = "platform_keys_bad"
    # dynamic registration
    REGISTRATION_BAD_URL = "registration_bad_address"
    REGISTRATION_FOREIGN_URL = "registration_foreign_address"
    REGISTRATION_UNREACHABLE = "registration_unreachable"
    REGISTRATION_BAD_CONFIGURATION = "registration_bad_configuration"
    REGISTRATION_UNSUPPORTED = "registration_unsupported"
    REGISTRATION_REFUSED = "registration_refused"
    REGISTRATION_BAD_ANSWER = "registration_bad_answer"
    REGISTRATION_OTHER_INVITATION = "registration_other_invitation"
    """The invitation was used by another institution, or used up a moment ago."""
    REGISTRATION_TOO_MANY_CHANGES = "registration_too_many_changes"


_NOT_400 = {
    Code.UNKNOWN_ISSUER: 403,
    Code.UNKNOWN_CLIENT: 403,
    Code.INACTIVE_REGISTRATION: 403,
    Code.UNKNOWN_DEPLOYMENT: 403,
    Code.INACTIVE_DEPLOYMENT: 403,
    Code.WRONG_DEPLOYMENT: 403,
    Code.OTHER_BROWSER: 403,
    Code.ANONYMOUS_REFUSED: 403,
    Code.PLATFORM_REFUSED: 403,
    Code.REGISTRATION_OTHER_INVITATION: 403,
    Code.REPLAYED: 409,
    Code.REGISTRATION_TOO_MANY_CHANGES: 409,
    Code.TOO_LARGE: 413,
    Code.NO_KEY_ID: 401,
    Code.UNKNOWN_KEY: 401,
    Code.BAD_SIGNATURE: 401,
    Code.WRONG_ALGORITHM: 401,
    Code.WRONG_ISSUER: 401,
    Code.WRONG_AUDIENCE: 401,
    Code.WRONG_PARTY: 401,
    Code.EXPIRED: 401,
    Code.ISSUED_IN_FUTURE: 401,
    Code.ISSUED_TOO_LONG_AGO: 401,
    Code.WRONG_NONCE: 401,
    # The request cannot be served because of somebody else: 424 Failed Dependency.
    Code.PLATFORM_UNREACHABLE: 424,
    Code.PLATFORM_KEYS_BAD: 424,
    Code.REGISTRATION_UNREACHABLE: 424,
    Code.REGISTRATION_BAD_CONFIGURATION: 424,
    Code.REGISTRATION_REFUSED: 424,
    Code.REGISTRATION_BAD_ANSWER: 424,
}


class Refused(Exception):  # noqa: N818 - it reads as what happened: refused
    """A request that is turned away, and why. ``status`` is the HTTP status to answer with."""

    def __init__(self, code: Code, **facts: str) -> None:
        super().__init__(code)
        self.code = code
        self.facts: Mapping[str, str] = MappingProxyType(
            {name: clean(value, FACT_LIMIT) for name, value in facts.items()}
        )

    @property
    def status(self) -> int:
        """A 4xx, always: 424 where the platform is the cause."""
        return _NOT_400.get(self.code, 400)

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.code} ({told})" if told else str(self.code)
