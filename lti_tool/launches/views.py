"""The two addresses a platform knows, and the door through which a page opens another.

``/lti/login`` answers a platform's login with an authentication request; ``/lti/launch`` receives
the id_token. Between them the browser is recognised by a cookie, by the platform's own storage
where cookies are blocked, or else not at all: then a new tab is offered, because there a cookie is
our own and works.
"""

import secrets
import time
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Blueprint, Response, g, request

from lti_tool.launches.admission import Terms, admit
from lti_tool.lti import login as logins
from lti_tool.lti import state as states
from lti_tool.lti.authentication_response import parse_response
from lti_tool.lti.frame_ancestors import frame_ancestors
from lti_tool.lti.launch import Launch
from lti_tool.lti.platform_storage import storage_key, storage_origin
from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.registration import Registration
from lti_tool.lti.verify import verify
from lti_tool.platforms import is_own_record
from lti_tool.sessions.requests import current_session, keep, page_inside, session_needed
from lti_tool.web.context import library, settings, tool
from lti_tool.web.pages import render
from lti_tool.web.responses import go_to, set_cookie
from lti_tool.web.security import allow_frames

blueprint = Blueprint("launches", __name__)
inside = Blueprint("launches_inside", __name__)

LAUNCH_PATH = "/lti/launch"
_CHECK = "minga_cookie_check"
_ANY_FRAME = ""
"""A storage target that must be found by asking the platform for its capabilities."""


@blueprint.route("/lti/login", methods=["GET", "POST"])
def login() -> Response:
    """Answer a platform that wants to launch: send the browser to be authenticated."""
    values = request.values
    wanted = logins.parse_login(values)
    logins.check_target(wanted.target_link_uri, settings().public_url)
    registration = _registration(wanted.issuer, wanted.client_id)
    allow_frames(*_frames_of(registration))
    target = wanted.storage_target
    if target is None and registration.profile.storage_target_by_capabilities:
        target = _ANY_FRAME
    if target is None and _may_lose_cookies():
        answer = _check_cookies(values.get(_CHECK))
        if answer is not None:
            return answer
    issued = states.issue(
        wanted,
        client_id=registration.client_id,
        redirect_uri=settings().public_url + LAUNCH_PATH,
        key=settings().secret_key.encode(),
        now=time.time(),
    )
    url = logins.authentication_request(
        registration,
        wanted,
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
    """Receive the id_token: verify it, record the launch, open the visit."""
    state = states.read(request.form.get("state"), settings().secret_key.encode(), time.time())
    registration = _registration(state.issuer, state.client_id)
    allow_frames(*_frames_of(registration))
    answer = parse_response(request.form)
    cookie = request.cookies.get(_login_cookie(state.id))
    by_cookie = state.is_bound_to(cookie)
    if not by_cookie and not state.is_bound_to(request.form.get("proof")):
        return _ask_for_proof(state, registration, cookie)
    verified = verify(
        answer.id_token,
        state=state,
        registration=registration,
        find_key=tool().jwks_cache.key_finder(registration),
        public_url=settings().public_url,
        now=time.time(),
        max_age=settings().launch_max_age,
        allow_anonymous=registration.guests != "none",
    )
    g.launch_locale = verified.presentation.locale
    g.return_url = verified.presentation.return_url
    _check_has_page(verified)
    opened = admit(tool().database, verified, _terms(verified, registration))
    if by_cookie:
        response = go_to(f"/l/{opened.session_id}/")
    else:
        response = page_inside(opened.session_id, "", opened.token)
    keep(response, opened.session_id, opened.token)
    _set_login_cookie(response, state.id, "", 0)
    return response


@blueprint.get(LAUNCH_PATH)
def launch_by_hand() -> Response:
    """Somebody opened the launch address by itself: say where the module is really found."""
    return session_needed(405)


@blueprint.get("/m/<module_id>")
def link(module_id: str) -> Response:
    """A placement's own address, opened outside the LMS."""
    return session_needed(403)


@inside.post("/open")
def open_page() -> Response:
    """A page of the visit, for whoever holds its token: in a new tab, or without cookies."""
    launch_session = current_session()
    path = _path_inside(request.form.get("to", ""), launch_session.path)
    if "tab" not in request.form:
        return page_inside(launch_session.id, path, launch_session.token)
    response = go_to(launch_session.path + path)
    keep(response, launch_session.id, launch_session.token)
    return response


def _path_inside(wanted: str, base: str) -> str:
    """The part of an address that lies below the visit's own path; else its first page."""
    path, _, query = wanted.partition("#")[0].partition("?")
    if not path.startswith(base) or ".." in path or path == f"{base}open":
        return ""
    if not wanted.isascii() or not wanted.isprintable():  # no browser writes an address so
        return ""
    return path.removeprefix(base) + (f"?{query}" if query else "")


def _registration(issuer: str, client_id: str | None) -> Registration:
    """The registration of a login. Without a client id, it must be the issuer's only one."""
    found = tool().registrations.find(issuer, client_id)
    if len(found) == 1:
        if not found[0].active:
            raise Refused(
                Code.INACTIVE_REGISTRATION,
                issuer=issuer,
                client_id=found[0].client_id,
            )
        return found[0]
    if client_id is None and found:
        raise Refused(Code.UNKNOWN_CLIENT, issuer=issuer, client_id="")
    if client_id is not None and tool().registrations.find(issuer, None):
        raise Refused(Code.UNKNOWN_CLIENT, issuer=issuer, client_id=client_id)
    raise Refused(Code.UNKNOWN_ISSUER, issuer=issuer, client_id=client_id or "")


def _check_has_page(launch: Launch) -> None:
    """Refuse a message that belongs to no placement and places none: there is nothing to show."""
    if launch.resource_link is None and launch.deep_linking is None:
        raise Refused(
            Code.WRONG_MESSAGE_TYPE, issuer=launch.issuer, message_type=launch.message_type
        )


def _terms(launch: Launch, registration: Registration) -> Terms:
    return Terms(
        registration_id=registration.stored_id,
        secret_key=settings().secret_key,
        frame_ancestors=frame_ancestors(registration, launch.presentation.return_url),
        linked_module=_linked_module(launch),
        hours=settings().session_hours,
        recorded=is_own_record(launch),
    )


def _linked_module(launch: Launch) -> str | None:
    """The module that a placement's link names: its custom parameter, else its address."""
    for name in (launch.custom.get("module"), _module_of_target(launch.target_link_uri)):
        if name and library().get(name) is not None:
            return name
    return None


def _module_of_target(url: str) -> str | None:
    parts = urlsplit(url)
    if parts.path.startswith("/m/"):
        return parts.path.removeprefix("/m/")
    return parse_qs(parts.query).get("module", [None])[0]


def _frames_of(registration: Registration) -> tuple[str, ...]:
    return frame_ancestors(registration, None)


# The browser's proof that it is the one that began the login


def _login_cookie(state_id: str) -> str:
    return f"minga-login-{state_id}"


def _set_login_cookie(response: Response, state_id: str, value: str, seconds: int) -> None:
    set_cookie(response, _login_cookie(state_id), value, path=LAUNCH_PATH, seconds=seconds)


def _ask_for_proof(state: states.State, registration: Registration, cookie: str | None) -> Response:
    """No cookie of this login came back: ask the platform's storage, once; else give up."""
    asked_before = "proof" in request.form
    target = state.storage_target
    if target is None and registration.profile.storage_target_by_capabilities:
        target = _ANY_FRAME
    if cookie is None and target is not None and not asked_before:
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
    """Whether this browser may keep no cookie in a frame: Safari before 18.4 keeps none.

    Other browsers keep partitioned cookies (Chrome 114, Firefox 141), or partition them all.
    """
    agent = request.headers.get("User-Agent", "")
    webkit = "AppleWebKit/" in agent and not any(
        other in agent for other in ("Chrome/", "Chromium/", "Android")
    )
    return webkit and request.headers.get("Sec-Fetch-Dest", "iframe") == "iframe"


def _check_cookies(check: str | None) -> Response | None:
    """Try a cookie before the platform is asked, which answers a login only once.

    The browser is sent here again with the same login; if the cookie came along, None: go on.
    """
    if check is not None and request.cookies.get("minga-check") == check:
        return None
    fields = {name: value for name, value in request.values.items() if name != _CHECK}
    if check is not None:
        return render("tool/new_tab.html", new_tab_action="/lti/login", new_tab_fields=fields)
    check = secrets.token_urlsafe(9)
    response = go_to(f"/lti/login?{urlencode({**fields, _CHECK: check})}")
    set_cookie(response, "minga-check", check, path="/lti/login", seconds=60)
    return response
