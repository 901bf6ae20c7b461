"""Texts that explain why a login, a launch or a registration was refused.

For each code: a title, a paragraph for every reader, and advice for an administrator. The facts in
the advice (issuer, client ID…) come with the refusal.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from courseware.i18n import Interface
from courseware.i18n.marking import N_
from lti_tool.lti.refusal import Code, Refused


@dataclass(frozen=True, slots=True)
class Explanation:
    """The texts of a refusal, translated."""

    title: str
    paragraph: str
    advice: str


_AGAIN = N_("Go back to your course and open the activity again.")
_TELL = N_("If it happens again, show this page to your platform's administrator.")

_NOT_KNOWN = N_("Your platform is not registered with this tool")
_NOT_OPENED = N_("The activity could not be opened")
_NO_ANSWER = N_("Your platform did not answer as expected")
_NOT_REGISTERED = N_("The tool could not be registered")

_TEXTS: Mapping[Code, tuple[str, str, str]] = {
    Code.MISSING_PARAMETER: (
        _NOT_OPENED,
        _AGAIN,
        N_(
            "The login request is missing the parameter “%(parameter)s”. Check that the platform calls the tool's login URL (initiate login URL) with LTI 1.3."
        ),
    ),
    Code.BAD_PARAMETER: (
        _NOT_OPENED,
        _AGAIN,
        N_("The parameter “%(parameter)s” contains characters that are not allowed."),
    ),
    Code.LTI_1_1: (
        N_("This activity uses an old version of LTI"),
        N_(
            "The tool needs LTI 1.3, and your platform used LTI 1.1. Show this page to your platform's administrator."
        ),
        N_(
            "The launch was signed with a key and a secret (LTI 1.1), which this tool does not have. Register the tool with LTI 1.3 and set the activity to use that registration. The operator of the tool creates a registration URL with: lti-tool invite"
        ),
    ),
    Code.UNKNOWN_ISSUER: (
        _NOT_KNOWN,
        _TELL,
        N_(
            "There is no registration for the issuer %(issuer)s. Add it with an invitation, or run: lti-tool registrations add --issuer %(issuer)s --client-id %(client_id)s"
        ),
    ),
    Code.SIMILAR_ISSUER: (
        _NOT_KNOWN,
        _TELL,
        N_(
            "The platform calls itself %(issuer)s, but it is registered as %(known)s. Both must be the same, letter by letter: register the platform again, or run: lti-tool registrations add --issuer %(issuer)s --client-id %(client_id)s"
        ),
    ),
    Code.SEVERAL_CLIENTS: (
        _NOT_KNOWN,
        _TELL,
        N_(
            "The platform %(issuer)s is registered %(count)s times, and its login does not say which registration it means. Set the platform to send the client ID (client_id) in the login, or disable the registrations that are not used: lti-tool registrations list"
        ),
    ),
    Code.UNKNOWN_CLIENT: (
        _NOT_KNOWN,
        _TELL,
        N_(
            "The platform %(issuer)s is known, but not with the client ID “%(client_id)s”. Compare the client ID in the tool's settings on the platform with: lti-tool registrations list"
        ),
    ),
    Code.INACTIVE_REGISTRATION: (
        N_("This tool is turned off for your platform"),
        _TELL,
        N_(
            "The registration of %(issuer)s is waiting to be approved, or was disabled. An operator of the tool can enable it with: lti-tool registrations enable"
        ),
    ),
    Code.PAUSED: (
        N_("Your institution has turned off this tool"),
        N_("Ask your instructors or the administrator of your platform."),
        N_(
            "An administrator has turned off Minga for the institution. Open an activity as an administrator of the platform: the institution's page opens, where you can turn it on again."
        ),
    ),
    Code.STATE_MISSING: (
        _NOT_OPENED,
        _AGAIN,
        N_(
            "The launch did not include its state. Check that the platform sends launches through the login URL."
        ),
    ),
    Code.STATE_INVALID: (
        _NOT_OPENED,
        _AGAIN,
        N_(
            "The state of the launch was not created by this tool. If the secret key has just been changed, open the activity again."
        ),
    ),
    Code.STATE_EXPIRED: (
        N_("That took too long"),
        _AGAIN,
        N_("More than ten minutes passed between the login and the launch."),
    ),
    Code.OTHER_BROWSER: (
        N_("Your browser could not be recognised"),
        N_(
            "Go back to your course and open the activity again, in a new window if the course offers one. A browser that blocks every cookie cannot open it."
        ),
        N_(
            "The launch did not come from the browser that started it. If this happens to many people, set the platform to open the tool in a new window."
        ),
    ),
    Code.PLATFORM_REFUSED: (
        N_("Your platform did not allow the login"),
        _AGAIN,
        N_(
            "The platform answered the login with an error: %(error)s. Check the redirect URI and the client ID in the tool's settings on the platform."
        ),
    ),
    Code.LOGIN_REQUIRED: (
        N_("Your platform needs you to sign in"),
        N_("Sign in to your platform again, then open the activity from your course."),
        N_(
            "The platform answered the login with the error %(error)s: it has no session of this person in this browser. If this happens to many people, their browsers block the platform's cookies in frames: set the tool to open in a new window."
        ),
    ),
    Code.LAUNCH_NO_LONGER_VALID: (
        N_("This launch is no longer valid"),
        N_("Open the activity from your course again, in a new tab or window if it is offered."),
        N_(
            "The platform answered the login with the error %(error)s: it does not accept this launch any more. This happens after a long wait or when the page is loaded again."
        ),
    ),
    Code.PLATFORM_FAILED: (
        _NO_ANSWER,
        N_("Wait a minute, then open the activity from your course again."),
        N_(
            "The platform answered the login with the error %(error)s. The fault is in the "
            "platform; look in its log for the cause."
        ),
    ),
    Code.TOKEN_MISSING: (_NOT_OPENED, _AGAIN, N_("The launch did not include an id_token.")),
    Code.BAD_TOKEN: (
        _NOT_OPENED,
        _AGAIN,
        N_("The id_token is not a signed token (JWT)."),
    ),
    Code.NO_KEY_ID: (
        _NOT_OPENED,
        _AGAIN,
        N_("The id_token does not say which key signed it (kid)."),
    ),
    Code.UNKNOWN_KEY: (
        _NOT_OPENED,
        _AGAIN,
        N_(
            "The key that signed the launch is not in the platform's key set. If the platform has just changed its keys, try again in a minute; otherwise compare the public keyset URL with: lti-tool registrations show"
        ),
    ),
    Code.BAD_SIGNATURE: (
        _NOT_OPENED,
        _AGAIN,
        N_("The signature of the id_token does not match the platform's key."),
    ),
    Code.WRONG_ALGORITHM: (
        _NOT_OPENED,
        _AGAIN,
        N_("The id_token must be signed with RS256."),
    ),
    Code.WRONG_ISSUER: (
        _NOT_OPENED,
        _AGAIN,
        N_("The id_token names a different issuer from the one that started the login."),
    ),
    Code.WRONG_AUDIENCE: (
        _NOT_OPENED,
        _AGAIN,
        N_(
            "The id_token is not meant for the client ID %(client_id)s. Check the client ID in the tool's settings on the platform."
        ),
    ),
    Code.WRONG_PARTY: (
        _NOT_OPENED,
        _AGAIN,
        N_("The id_token's authorized party (azp) is not %(client_id)s."),
    ),
    Code.EXPIRED: (
        N_("That took too long"),
        _AGAIN,
        N_("The id_token had expired when it arrived. Check the clock of the platform."),
    ),
    Code.ISSUED_IN_FUTURE: (
        _NOT_OPENED,
        _AGAIN,
        N_(
            "The id_token says that it was issued in the future. Check the clocks of the platform and of the tool."
        ),
    ),
    Code.ISSUED_TOO_LONG_AGO: (
        N_("That took too long"),
        _AGAIN,
        N_("The id_token was issued too long ago. Check the clock of the platform."),
    ),
    Code.WRONG_NONCE: (
        _NOT_OPENED,
        _AGAIN,
        N_("The id_token does not belong to this login (its nonce is different)."),
    ),
    Code.REPLAYED: (
        N_("This activity is already open"),
        N_(
            "This page was loaded again. Continue to the activity; if that does not work, go back to your course and open it again."
        ),
        N_(
            "Each launch opens the tool once; reloading the page that sent it does not open it again."
        ),
    ),
    Code.NOT_LTI: (
        _NOT_OPENED,
        _TELL,
        N_("The id_token contains no LTI claims. Add the tool to the platform as an LTI 1.3 tool."),
    ),
    Code.WRONG_VERSION: (
        _NOT_OPENED,
        _TELL,
        N_(
            "The launch does not use LTI version 1.3.0. Add the tool to the platform as an LTI 1.3 tool."
        ),
    ),
    Code.WRONG_MESSAGE_TYPE: (
        _NOT_OPENED,
        _TELL,
        N_("This tool does not handle that kind of LTI message."),
    ),
    Code.MISSING_CLAIM: (
        _NOT_OPENED,
        _TELL,
        N_("The id_token is missing the claim “%(claim)s”, which LTI 1.3 requires."),
    ),
    Code.BAD_CLAIM: (
        _NOT_OPENED,
        _TELL,
        N_("The claim “%(claim)s” of the id_token does not have the form that LTI 1.3 requires."),
    ),
    Code.WRONG_TARGET: (
        _NOT_OPENED,
        _TELL,
        N_(
            "The target link of the activity does not match the one in its login, or is not a URL of this tool. Check the tool's URL in the activity's settings."
        ),
    ),
    Code.WRONG_DEPLOYMENT: (
        _NOT_OPENED,
        _AGAIN,
        N_("The launch names a different deployment from its login."),
    ),
    Code.UNKNOWN_DEPLOYMENT: (
        _NOT_KNOWN,
        _TELL,
        N_(
            "The deployment %(deployment_id)s of %(issuer)s is not registered with this tool. Add it with: lti-tool registrations deployments add"
        ),
    ),
    Code.INACTIVE_DEPLOYMENT: (
        N_("This tool is turned off here"),
        _TELL,
        N_(
            "The deployment %(deployment_id)s of %(issuer)s was disabled by an operator of the tool."
        ),
    ),
    Code.ANONYMOUS_REFUSED: (
        N_("Your platform did not say who you are"),
        N_(
            "Your institution does not allow guests. Sign in to your course and open the activity again."
        ),
        N_(
            "The launch did not include “sub”. Allow the platform to tell the tool who the user is, or admit guests with: lti-tool registrations guests"
        ),
    ),
    Code.TEST_USER_REFUSED: (
        N_("Your institution does not allow test users here"),
        N_(
            "Leave the preview as a participant (in Canvas: Student View), then open the activity again as yourself."
        ),
        N_(
            "The policies of the institution refuse test users. An administrator can change that: open an activity, then “Institution” and “Policies”."
        ),
    ),
    Code.IMPERSONATION_REFUSED: (
        N_("Your institution does not allow to act as another person here"),
        N_(
            "In your platform, stop acting as another person, then open the activity again as yourself."
        ),
        N_(
            "The policies of the institution refuse people who act as another person. An administrator can change that: open an activity, then “Institution” and “Policies”."
        ),
    ),
    Code.TOO_LARGE: (
        N_("That was too large"),
        _TELL,
        N_("Part of the request is too large for this tool: %(parameter)s"),
    ),
    Code.PLATFORM_UNREACHABLE: (
        _NO_ANSWER,
        _AGAIN,
        N_(
            "The tool could not fetch the platform's keys from %(jwks_uri)s. Check that this URL can be reached from the tool's server."
        ),
    ),
    Code.PLATFORM_KEYS_BAD: (
        _NO_ANSWER,
        _TELL,
        N_("The platform's key set contains no usable key (RSA of at least 2048 bits, for RS256)."),
    ),
    Code.REGISTRATION_BAD_URL: (
        _NOT_REGISTERED,
        _TELL,
        N_(
            "The URL of the platform's configuration is missing, or is not a URL that this tool can fetch."
        ),
    ),
    Code.REGISTRATION_FOREIGN_URL: (
        _NOT_REGISTERED,
        _TELL,
        N_(
            "The platform's configuration is not on the platform's own server: %(url)s is for the issuer %(issuer)s. Scheme, host and port must be the same."
        ),
    ),
    Code.REGISTRATION_UNREACHABLE: (
        _NOT_REGISTERED,
        N_("The platform could not be reached. Try again in a moment."),
        N_(
            "The tool could not reach %(url)s. Check that this URL can be reached from the tool's server."
        ),
    ),
    Code.REGISTRATION_BAD_CONFIGURATION: (
        _NOT_REGISTERED,
        _TELL,
        N_("The platform's configuration is incomplete: %(member)s"),
    ),
    Code.REGISTRATION_UNSUPPORTED: (
        _NOT_REGISTERED,
        _TELL,
        N_("The platform does not offer what LTI 1.3 needs: %(member)s"),
    ),
    Code.REGISTRATION_REFUSED: (
        _NOT_REGISTERED,
        N_("Start again from your platform: a registration URL works only once."),
        N_("The platform refused the registration with the status %(status)s."),
    ),
    Code.REGISTRATION_BAD_RESPONSE: (
        _NOT_REGISTERED,
        _TELL,
        N_("The platform's answer to the registration is incomplete: %(member)s"),
    ),
    Code.REGISTRATION_OTHER_INVITATION: (
        N_("This invitation cannot be used"),
        N_("It was used for another platform, or it has just been used up."),
        N_(
            "An invitation is for one institution. Ask the operator of this tool for a new one for %(issuer)s; they create it with: lti-tool invite"
        ),
    ),
    Code.REGISTRATION_TOO_MANY_CHANGES: (
        _NOT_REGISTERED,
        N_("Too many changes of this registration wait for the operator of this tool."),
        N_(
            "Ask the operator to confirm or reject the changes for %(issuer)s, then start again; they find them with: lti-tool registrations changes"
        ),
    ),
}


def explain(error: Refused, ui: Interface) -> Explanation:
    """Explain a refusal in the reader's language."""
    title, paragraph, advice = _TEXTS[error.code]
    facts = {name: error.facts.get(name, "—") for name in _PLACEHOLDERS}
    return Explanation(ui.gettext(title), ui.gettext(paragraph), ui.gettext(advice, **facts))


_PLACEHOLDERS = (
    "parameter",
    "issuer",
    "client_id",
    "error",
    "claim",
    "deployment_id",
    "jwks_uri",
    "status",
    "member",
    "url",
    "known",
    "count",
)
