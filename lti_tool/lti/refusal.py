"""The exception for a refused login, launch or registration: a code, and facts about it.

``lti_tool.web.refusals`` maps the code to a translated message. The facts may be shown to an
administrator and written to a log: an issuer, a client id, a deployment, the name of a claim.
They never include a token or personal data.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from lti_tool.lti.sanitize import clean

FACT_LIMIT = 300
"""Characters of a fact: enough for a URL, and a bound on log lines."""


class Code(StrEnum):
    """The reasons to refuse a login, a launch or a registration."""

    # the login request
    MISSING_PARAMETER = "missing_parameter"
    BAD_PARAMETER = "bad_parameter"
    LTI_1_1 = "lti_1_1"
    """A launch of LTI 1.0 or 1.1, signed with OAuth 1."""
    UNKNOWN_ISSUER = "unknown_issuer"
    SIMILAR_ISSUER = "similar_issuer"
    """The issuer differs from a registered one in its scheme, case, port or final slash only."""
    UNKNOWN_CLIENT = "unknown_client"
    SEVERAL_CLIENTS = "several_clients"
    """The login names no client ID, and the issuer has several."""
    INACTIVE_REGISTRATION = "inactive_registration"
    PAUSED = "paused"
    """An administrator of the institution has turned the tool off; only they may launch it."""
    # the state of the launch
    STATE_MISSING = "state_missing"
    STATE_INVALID = "state_invalid"
    STATE_EXPIRED = "state_expired"
    OTHER_BROWSER = "other_browser"
    PLATFORM_REFUSED = "platform_refused"
    """The authentication response is an OpenID Connect error instead of an id_token."""
    LOGIN_REQUIRED = "login_required"
    """The platform has no session of the user in this browser (OpenID Connect Core §3.1.2.6)."""
    LAUNCH_NO_LONGER_VALID = "launch_no_longer_valid"
    """The platform has forgotten the launch, e.g. after a reload or a long wait (Canvas)."""
    PLATFORM_FAILED = "platform_failed"
    """The platform answers that it has a fault, or is too busy (OAuth 2.0 §4.1.2.1)."""
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
    """The launch has another deployment id than its login."""
    UNKNOWN_DEPLOYMENT = "unknown_deployment"
    INACTIVE_DEPLOYMENT = "inactive_deployment"
    ANONYMOUS_REFUSED = "anonymous_refused"
    TEST_USER_REFUSED = "test_user_refused"
    """The institution does not allow the test user of a preview."""
    IMPERSONATION_REFUSED = "impersonation_refused"
    """The institution does not allow to act as another person."""
    TOO_LARGE = "too_large"
    # the platform's key set
    PLATFORM_UNREACHABLE = "platform_unreachable"
    PLATFORM_KEYS_BAD = "platform_keys_bad"
    # dynamic registration
    REGISTRATION_BAD_URL = "registration_bad_url"
    REGISTRATION_FOREIGN_URL = "registration_foreign_url"
    REGISTRATION_UNREACHABLE = "registration_unreachable"
    REGISTRATION_BAD_CONFIGURATION = "registration_bad_configuration"
    REGISTRATION_UNSUPPORTED = "registration_unsupported"
    REGISTRATION_REFUSED = "registration_refused"
    REGISTRATION_BAD_RESPONSE = "registration_bad_response"
    REGISTRATION_OTHER_INVITATION = "registration_other_invitation"
    """The invitation was used by another institution, or used up a moment ago."""
    REGISTRATION_TOO_MANY_CHANGES = "registration_too_many_changes"


_NOT_400 = {
    Code.UNKNOWN_ISSUER: 403,
    Code.SIMILAR_ISSUER: 403,
    Code.UNKNOWN_CLIENT: 403,
    Code.SEVERAL_CLIENTS: 403,
    Code.INACTIVE_REGISTRATION: 403,
    Code.PAUSED: 403,
    Code.UNKNOWN_DEPLOYMENT: 403,
    Code.INACTIVE_DEPLOYMENT: 403,
    Code.WRONG_DEPLOYMENT: 403,
    Code.OTHER_BROWSER: 403,
    Code.ANONYMOUS_REFUSED: 403,
    Code.TEST_USER_REFUSED: 403,
    Code.IMPERSONATION_REFUSED: 403,
    Code.PLATFORM_REFUSED: 403,
    Code.LOGIN_REQUIRED: 403,
    Code.LAUNCH_NO_LONGER_VALID: 403,
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
    # 424 Failed Dependency: the platform is the cause, not the browser or the tool.
    Code.PLATFORM_FAILED: 424,
    Code.PLATFORM_UNREACHABLE: 424,
    Code.PLATFORM_KEYS_BAD: 424,
    Code.REGISTRATION_UNREACHABLE: 424,
    Code.REGISTRATION_BAD_CONFIGURATION: 424,
    Code.REGISTRATION_REFUSED: 424,
    Code.REGISTRATION_BAD_RESPONSE: 424,
}


class Refused(Exception):  # noqa: N818 - a refusal is a regular outcome of a check
    """A login, launch or registration is refused. ``status`` is the HTTP status to send."""

    def __init__(self, code: Code, **facts: str) -> None:
        super().__init__(code)
        self.code = code
        self.facts: Mapping[str, str] = MappingProxyType(
            {name: clean(value, FACT_LIMIT) for name, value in facts.items()}
        )

    @property
    def status(self) -> int:
        """The HTTP status, always 4xx."""
        return _NOT_400.get(self.code, 400)

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.code} ({facts})" if facts else str(self.code)
