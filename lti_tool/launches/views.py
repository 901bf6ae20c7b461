"""The LTI login and launch endpoints.

``/lti/login`` answers a platform's login with an authentication request; ``/lti/launch`` receives
the id_token. In between the browser is recognised by a cookie, by the platform's storage
(postMessage) where cookies are blocked, or not at all: then a new tab is offered, in which the
cookie is first-party and works.
"""

import secrets
import time
from urllib.parse import urlencode

from flask import Blueprint, Response, g, request, url_for

from lti_tool.directory.access import ACTIVE, allows_guests, check_active
from lti_tool.launches.linked_module import linked_module
from lti_tool.launches.service import SessionOptions, open_session
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
from lti_tool.web.pages import prefer_languages, render
from lti_tool.web.responses import go_to, set_cookie
from lti_tool.web.security import allow_forms, allow_frames

blueprint = Blueprint("launches", __name__)

LAUNCH_PATH = "/lti/launch"
_CHECK = "minga_cookie_check"
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
    if target is None and _may_lose_cookies():
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
    cookie = request.cookies.get(_login_cookie(state.id))
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
    verified = verify(
        authentication.id_token,
        state=state,
        registration=registration,
        find_key=tool().jwks_cache.key_finder(registration),
        public_url=settings().public_url,
        now=time.time(),
        max_age=settings().launch_max_age,
        allow_anonymous=allows_guests(registration.guests),
    )
    prefer_languages(verified.presentation.locale)
    g.return_url = verified.presentation.return_url
    _check_has_page(verified)
    session = open_session(database(), verified, _options(verified, registration))
    url = session_path(session.id)
    response = go_to(url) if by_cookie else page_of_session(url, session.token)
    set_session_cookie(response, session.id, session.token)
    _set_login_cookie(response, state.id, "", 0)
    return response


@blueprint.get(LAUNCH_PATH)
def launch_by_hand() -> Response:
    """The launch URL opened directly: explain that the activity is opened from the course."""
    return session_needed(405)


@blueprint.get("/m/<module_id>", strict_slashes=False)
def link(module_id: str) -> Response:
    """The URL of a module's resource link, opened outside the LMS."""
    return session_needed(403)


@blueprint.post("/m/<module_id>", strict_slashes=False)
def launch_at_link(module_id: str) -> Response:
    """A launch of LTI 1.1, which is sent to the link itself; one of LTI 1.3 never is."""
    logins.check_version(request.form)
    return session_needed(405)


def _registration(issuer: str, client_id: str | None) -> Registration:
    """The active registration of a login; without a client ID, the issuer's only one."""
    found = tool().registrations.find(issuer, client_id)
    if len(found) == 1:
        [registration] = found
        check_active(registration.status, issuer=issuer, client_id=registration.client_id)
        return registration
    if client_id is None and found:
        active = [each for each in found if each.status == ACTIVE]
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


def _check_has_page(launch: Launch) -> None:
    """Refuse a message without a resource link or deep linking: there is nothing to show."""
    if launch.resource_link is None and launch.deep_linking is None:
        raise Refused(
            Code.WRONG_MESSAGE_TYPE, issuer=launch.issuer, message_type=launch.message_type
        )


def _options(launch: Launch, registration: Registration) -> SessionOptions:
    module = linked_module(launch, library(), settings().public_url)
    return SessionOptions(
        registration_id=registration.stored_id,
        secret_key=settings().secret_key,
        frame_ancestors=frame_ancestors(registration, launch.presentation.return_url),
        linked_module=module,
        linked_module_exists=module is not None and library().get(module) is not None,
        hours=settings().session_hours,
        own_record=is_own_record(launch),
    )


# Binding of the launch to the browser that started the login


def _login_cookie(state_id: str) -> str:
    return f"minga-login-{state_id}"


def _set_login_cookie(response: Response, state_id: str, value: str, seconds: int) -> None:
    set_cookie(response, _login_cookie(state_id), value, path=LAUNCH_PATH, seconds=seconds)


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
    raise Refused(Code.OTHER_BROWSER, issuer=state.issuer)


def _may_lose_cookies() -> bool:
    """Whether this browser may block cookies in a frame, as Safari before 18.4 does.

    Other browsers keep partitioned cookies (Chrome 114, Firefox 141), or partition all cookies.
    """
    agent = request.headers.get("User-Agent", "")
    webkit = "AppleWebKit/" in agent and not any(
        other in agent for other in ("Chrome/", "Chromium/", "Android")
    )
    return webkit and request.headers.get("Sec-Fetch-Dest", "iframe") == "iframe"


def _check_cookies(registration: Registration, check: str | None) -> Response | None:
    """Test a cookie before the authentication request, because a platform answers a login once.

    The browser is redirected here with the same login. None if it sent the cookie; else the
    redirect, or the page that offers a new tab.
    """
    if check is not None and request.cookies.get("minga-check") == check:
        return None
    fields = {name: value for name, value in request.values.items() if name != _CHECK}
    if check is not None:
        # The answer to the form redirects to the platform, which may redirect further.
        allow_forms(origin(registration.authorization_endpoint) or "", "https:")
        return render("tool/new_tab.html", new_tab_action=url_for(".login"), new_tab_fields=fields)
    check = secrets.token_urlsafe(9)
    response = go_to(f"{url_for('.login')}?{urlencode({**fields, _CHECK: check})}")
    set_cookie(response, "minga-check", check, path=url_for(".login"), seconds=60)
    return response
