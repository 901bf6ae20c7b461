"""The LTI login and launch endpoints.

``/lti/login`` answers a platform's login with an authentication request; ``/lti/launch`` receives
the id_token. In between the browser is recognised by a cookie, by the platform's storage
(postMessage) where cookies are blocked, or not at all: then a new tab is offered, in which the
cookie is first-party and works.
"""

import secrets
import time
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Blueprint, Response, after_this_request, g, request, url_for

from lti_tool.directory import users
from lti_tool.directory.access import allows_guests, check_active
from lti_tool.discussion import permalinks
from lti_tool.gradebook import reviews
from lti_tool.launches.linked_module import linked_module
from lti_tool.launches.service import NewSession, SessionOptions, open_session
from lti_tool.launches.webkit import has_partitioned_cookies, is_webkit
from lti_tool.lti import login as logins
from lti_tool.lti import state as states
from lti_tool.lti.authentication_response import parse_response
from lti_tool.lti.frame_ancestors import frame_ancestors
from lti_tool.lti.launch import Launch
from lti_tool.lti.platform_storage import storage_key, storage_origin
from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.registration import Registration
from lti_tool.lti.urls import origin
from lti_tool.lti.verify import verify
from lti_tool.platforms import is_own_record
from lti_tool.sessions.current import session_id_for, session_path
from lti_tool.sessions.requests import page_of_session, session_needed, set_session_cookie
from lti_tool.sessions.service import session_exists
from lti_tool.web.context import database, library, settings, tool
from lti_tool.web.cookies import get_cookie, is_in_tab, set_cookie
from lti_tool.web.pages import prefer_languages, render
from lti_tool.web.responses import go_to
from lti_tool.web.security import allow_forms, allow_frames

blueprint = Blueprint("launches", __name__)

LAUNCH_PATH = "/lti/launch"
_CHECK = "minga_cookie_check"
_CHECK_COOKIE = "minga-check"
_LOST_COOKIE = "minga-lost"
"""Set when a launch in a frame came without the cookie of its login: the next one needs a tab."""
_DISCOVER_TARGET = ""
"""Storage target of platforms that do not name one: the script asks for their capabilities."""


@blueprint.route("/lti/login", methods=["GET", "POST"])
def login() -> Response:
    """Answer a third-party-initiated login with an authentication request (LTI Core 1.3 §5.1.1)."""
    values = request.values
    logins.check_version(values)
    login_request = logins.parse_login(values)
    logins.check_target(login_request.target_link_uri, settings().public_url)
    registration = _registration(login_request.issuer, login_request.client_id)
    # The institution's own domain is known with its launch only, and the pages of a login show
    # nobody's data.
    allow_frames("*")
    target = login_request.storage_target
    if target is None and registration.profile.storage_target_by_capabilities:
        target = _DISCOVER_TARGET
    if target is None and _is_framed_webkit():
        response = _check_cookies(registration, values.get(_CHECK))
        if response is not None:
            return response
    issued = states.issue(
        login_request,
        client_id=registration.client_id,
        redirect_uri=settings().public_url + LAUNCH_PATH,
        key=settings().secret_key.encode(),
        now=time.time(),
    )
    url = logins.authentication_request(
        registration,
        login_request,
        redirect_uri=settings().public_url + LAUNCH_PATH,
        state=issued.value,
        nonce=issued.nonce,
    )
    if target is None:
        response = go_to(url, 302)
    else:
        response = render(
            "tool/login_storage.html",
            continue_href=url,
            storage_target=target,
            platform_origin=storage_origin(registration),
            key=storage_key(issued.id),
            value=issued.binding,
        )
    _set_login_cookie(response, issued.id, issued.binding, states.LIFETIME)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post(LAUNCH_PATH)
def launch() -> Response:
    """Receive the id_token, verify it, record the launch and open its session."""
    logins.check_version(request.form)
    state = states.read_signed(request.form.get("state"), settings().secret_key.encode())
    registration = _registration(state.issuer, state.client_id)
    allow_frames("*")  # as in the login; the session's page has its own origins
    cookie = get_cookie(_login_cookie(state.id))
    by_cookie = state.is_bound_to(cookie)
    session_id = session_id_for(settings().secret_key, registration.stored_id, state.nonce)
    g.opened_path = session_path(session_id)
    # The launch deletes the login cookie: the same launch sent again comes without it, or late.
    may_be_again = not by_cookie or time.time() >= state.expires_at
    if may_be_again and session_exists(database(), session_id):
        raise Refused(Code.REPLAYED, issuer=state.issuer)
    states.check_not_expired(state, time.time())
    authentication = parse_response(request.form)
    if not by_cookie and not state.is_bound_to(request.form.get("proof")):
        return _ask_for_proof(state, registration, cookie)
    sent = verify(
        authentication.id_token,
        state=state,
        registration=registration,
        find_key=tool().jwks_cache.key_finder(registration),
        public_url=settings().public_url,
        now=time.time(),
        max_age=settings().launch_max_age,
        allow_anonymous=allows_guests(registration.guests),
    )
    verified = reviews.of_activity(database(), sent, registration.stored_id)
    prefer_languages(locale=verified.presentation.locale)
    g.return_url = verified.presentation.return_url
    _check_has_page(verified)
    session = open_session(database(), verified, _options(verified, registration))
    url = _first_page(verified, registration, session)
    by_redirect = by_cookie and not (_is_framed_webkit() and has_partitioned_cookies(_user_agent()))
    response = go_to(url) if by_redirect else page_of_session(url, session.token)
    set_session_cookie(response, session.id, session.token, session.resource_link_id)
    if get_cookie(permalinks.COOKIE):
        permalinks.forget_post(response)
    _set_login_cookie(response, state.id, "", 0)
    return response


@blueprint.get(LAUNCH_PATH)
def explain_launch() -> Response:
    """The launch URL opened directly: explain that the activity is opened from the course."""
    return session_needed(405)


@blueprint.get(f"{LAUNCH_PATH}/m/<module_id>", strict_slashes=False)
@blueprint.get(f"{LAUNCH_PATH}/m/<module_id>/<path:part>", strict_slashes=False)
def link(module_id: str, part: str = "") -> Response:
    """The URL of a resource link to a module or a part of it, opened outside the LMS.

    Moodle finds the tool of a link that has none by a registered URL that is its beginning: in a
    duplicate of an activity whose tool was deleted and added again.
    """
    return session_needed(403)


@blueprint.get("/m/<module_id>", strict_slashes=False)
@blueprint.get("/m/<module_id>/<path:part>", strict_slashes=False)
def earlier_link(module_id: str, part: str = "") -> Response:
    """The URL that such a link had in earlier versions."""
    return session_needed(403)


@blueprint.post(f"{LAUNCH_PATH}/m/<module_id>", strict_slashes=False)
@blueprint.post(f"{LAUNCH_PATH}/m/<module_id>/<path:part>", strict_slashes=False)
@blueprint.post("/m/<module_id>", strict_slashes=False)
@blueprint.post("/m/<module_id>/<path:part>", strict_slashes=False)
def launch_at_link(module_id: str, part: str = "") -> Response:
    """A launch of LTI 1.1, which is sent to the link itself; one of LTI 1.3 never is."""
    logins.check_version(request.form)
    return session_needed(405)


def _registration(issuer: str, client_id: str | None) -> Registration:
    """The active registration of a login; without a client ID, the issuer's only one."""
    found = tool().registrations.find(issuer, client_id)
    if len(found) == 1:
        [registration] = found
        # Who launches is not known yet: a paused tool is open to administrators only.
        check_active(
            registration.status,
            administrator=True,
            issuer=issuer,
            client_id=registration.client_id,
        )
        return registration
    if client_id is None and found:
        active = [each for each in found if each.may_launch]
        if len(active) == 1:
            return active[0]
        raise Refused(Code.SEVERAL_CLIENTS, issuer=issuer, count=str(len(found)))
    if client_id is not None and tool().registrations.find(issuer, None):
        raise Refused(Code.UNKNOWN_CLIENT, issuer=issuer, client_id=client_id)
    facts = {"issuer": issuer, "client_id": client_id or ""}
    similar = tool().registrations.similar_issuer(issuer)
    if similar is not None:
        raise Refused(Code.SIMILAR_ISSUER, known=similar, **facts)
    raise Refused(Code.UNKNOWN_ISSUER, **facts)


_DATA_PRIVACY = "DataPrivacyLaunchRequest"
_PAGES = {"institution": "institution.show", "self-test": "self_test.show"}
"""Pages for administrators, which a link names as ``?page=…`` or by its custom parameter."""


def _first_page(launch: Launch, registration: Registration, session: NewSession) -> str:
    """The URL of the page that the launch opens."""
    if launch.message_type == _DATA_PRIVACY:
        return _people_page(launch, registration, session)
    query = parse_qs(urlsplit(launch.target_link_uri).query)
    page = launch.custom.get("page") or "".join(query.get("page", [])[:1])
    if page in _PAGES:
        return url_for(_PAGES[page], session_id=session.id)
    path = _reviewed_person(launch, registration) or _wanted_post(session)
    return session_path(session.id) + path


def _people_page(launch: Launch, registration: Registration, session: NewSession) -> str:
    """The data of the person whom a data privacy launch is about (Data Privacy Launch 1.0)."""
    if launch.reviewed_subject == launch.user.subject and not launch.roles.administrator:
        return url_for("personal_data.show", session_id=session.id)
    found = users.find_id(database(), registration.stored_id, launch.reviewed_subject or "")
    if found is None:
        return url_for("people.find", session_id=session.id, missing="1")
    return url_for("people.person", session_id=session.id, user_id=found)


def _check_has_page(launch: Launch) -> None:
    """Refuse a message without a resource link or deep linking: there is nothing to show."""
    if launch.message_type == _DATA_PRIVACY:
        return
    if launch.resource_link is None and launch.deep_linking is None:
        raise Refused(
            Code.WRONG_MESSAGE_TYPE, issuer=launch.issuer, message_type=launch.message_type
        )


def _options(launch: Launch, registration: Registration) -> SessionOptions:
    return SessionOptions(
        registration_id=registration.stored_id,
        secret_key=settings().secret_key,
        frame_ancestors=frame_ancestors(registration, launch.presentation.return_url),
        library=library(),
        linked=linked_module(launch, library(), settings().public_url),
        hours=settings().session_hours,
        own_record=is_own_record(launch),
        activity_url=registration.profile.activity_url(launch),
    )


def _reviewed_person(launch: Launch, registration: Registration) -> str:
    """The path of what the person under review has written; empty for any other message.

    Submission Review: https://www.imsglobal.org/spec/lti-ags/v2p0#submission-review-message. A
    participant may review their own submission only. A person who has never opened the activity has
    no page.
    """
    subject = launch.reviewed_subject
    if launch.message_type != "LtiSubmissionReviewRequest" or subject is None:
        return ""
    if not launch.roles.instructor:
        return "mine"
    user_id = users.find_id(database(), registration.stored_id, subject)
    return "grades" if user_id is None else f"participation/{user_id}"


def _wanted_post(session: NewSession) -> str:
    """The path of the post whose lasting URL was opened before this launch; empty for none.

    The browser's cookie is the newer one, if it also comes.
    """
    wanted = permalinks.remembered_post()
    if wanted is None or not permalinks.belongs_to(database(), wanted, session.resource_link_id):
        return session.wanted_path or ""
    return permalinks.path_in_session(wanted)


# Binding of the launch to the browser that started the login


def _login_cookie(state_id: str) -> str:
    return f"minga-login-{state_id}"


def _set_login_cookie(response: Response, state_id: str, value: str, seconds: int) -> None:
    # In a tab too, the platform sends the launch from its own site: SameSite must be None.
    set_cookie(
        response,
        _login_cookie(state_id),
        value,
        path=LAUNCH_PATH,
        seconds=seconds,
        in_tab=is_in_tab(),
        same_site="None",
    )


def _ask_for_proof(state: states.State, registration: Registration, cookie: str | None) -> Response:
    """Without the login cookie: read the platform's storage once, then refuse."""
    tried_before = "proof" in request.form
    target = state.storage_target
    if target is None and registration.profile.storage_target_by_capabilities:
        target = _DISCOVER_TARGET
    if cookie is None and target is not None and not tried_before:
        return render(
            "tool/launch_storage.html",
            action=LAUNCH_PATH,
            id_token=request.form["id_token"],
            state=request.form["state"],
            storage_target=target,
            platform_origin=storage_origin(registration),
            key=storage_key(state.id),
        )
    if _is_framed_webkit():
        after_this_request(_offer_tab_next_time)
    raise Refused(Code.OTHER_BROWSER, issuer=state.issuer)


def _offer_tab_next_time(response: Response) -> Response:
    set_cookie(response, _LOST_COOKIE, "1", path=url_for(".login"), seconds=3600)
    return response


def _user_agent() -> str:
    return request.headers.get("User-Agent", "")


def _is_framed_webkit() -> bool:
    """Whether this is WebKit in a frame, which may keep no cookies there (see ``webkit``).

    Other browsers store partitioned cookies (Chrome 114, Firefox 141), or partition all cookies.
    """
    dest = request.headers.get("Sec-Fetch-Dest", "iframe")
    return dest in ("iframe", "frame") and is_webkit(_user_agent())


def _check_cookies(registration: Registration, check: str | None) -> Response | None:
    """Test a cookie before the authentication request, because a platform answers a login once.

    The browser is redirected here with the same login. None if it sent the cookie; else the
    redirect, or the page that offers a new tab. That page comes at once after a launch whose cookie
    was lost on its way.
    """
    lost = request.cookies.get(_LOST_COOKIE) is not None
    if not lost and check is not None and request.cookies.get(_CHECK_COOKIE) == check:
        return None
    fields = {name: value for name, value in request.values.items() if name != _CHECK}
    if lost or check is not None:
        # The answer to the form redirects to the platform, which may redirect further.
        allow_forms(origin(registration.authorization_endpoint) or "", "https:")
        return render("tool/new_tab.html", new_tab_action=url_for(".login"), new_tab_fields=fields)
    check = secrets.token_urlsafe(9)
    response = go_to(f"{url_for('.login')}?{urlencode({**fields, _CHECK: check})}")
    set_cookie(response, _CHECK_COOKIE, check, path=url_for(".login"), seconds=60)
    return response
