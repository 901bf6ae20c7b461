"""The page on which a person chooses what to get of a discussion, inside a launch session."""

from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from courseware.i18n import Interface
from courseware.module import Module
from lti_tool.discussion import discussions
from lti_tool.notifications import addresses, service
from lti_tool.notifications.addresses import AddressError, AddressProblem
from lti_tool.notifications.choices import (
    DEFAULT,
    DIGEST_HOUR,
    as_choice,
    as_time_zone,
    time_zones,
)
from lti_tool.notifications.letters import names_of_choices
from lti_tool.notifications.people import find_person
from lti_tool.sessions.current import CurrentSession
from lti_tool.sessions.requests import current_module, current_session, see_other
from lti_tool.web.context import database, settings
from lti_tool.web.pages import message_page, render, ui

blueprint = Blueprint("notifications", __name__)

_SAVED = ("saved", "address", "feed", "again")
"""Values of ``done`` in the URL: what was just stored."""


@blueprint.get("/notices")
def show() -> Response:
    """Show what the user gets of the discussion, and where it is sent."""
    return _page()


@blueprint.post("/notices")
def save() -> BaseResponse:
    """Store what the user chose."""
    launch_session, module = _subscriber()
    follows = request.form.get("follow") == "1"
    hour = request.form.get("hour", type=int)
    preferences = service.Preferences(
        choice=as_choice(request.form.get("choice")) or DEFAULT,
        course_choice=as_choice(request.form.get("course_choice")) if follows else None,
        time_zone=as_time_zone(request.form.get("time_zone")),
        hour=hour if hour is not None and 0 <= hour < 24 else DIGEST_HOUR,
    )
    service.save_preferences(database(), launch_session, module, preferences)
    return _back("saved")


@blueprint.post("/notices/address")
def address() -> BaseResponse:
    """Store an address that the user gives (``address``), forget it, or try a dead one again."""
    launch_session, module = _subscriber()
    user_id = launch_session.user_id or 0
    match request.form.get("action"):
        case "forget":
            addresses.forget_address(database(), user_id)
        case "again":
            addresses.try_address_again(database(), user_id)
        case _:
            with database().read_core() as connection:
                found = discussions.find(connection, launch_session, module)
            given = request.form.get("address", "")
            try:
                place = service.place_of(launch_session, module, found.id)
                addresses.ask_address(database(), user_id, place, given)
            except AddressError as error:
                return _page(error=_explain(ui(), error.problem), given=given, status=400)
            return _back("address")
    return _back("again")


@blueprint.post("/notices/feed")
def feed() -> BaseResponse:
    """Make a new private feed URL, or stop the feeds (``action`` is ``stop``)."""
    launch_session, module = _subscriber()
    if request.form.get("action") == "stop":
        service.stop_feed(database(), launch_session.user_id or 0)
    else:
        service.renew_feed(database(), launch_session, module)
    return _back("feed")


def _subscriber() -> tuple[CurrentSession, Module]:
    """The session and the module of a user who can subscribe; 403 for a guest."""
    launch_session, module = current_session(), current_module()
    if module is None or module.discussion_section is None:
        abort(404)
    if launch_session.guest or launch_session.user_id is None:
        abort(403)
    return launch_session, module


def _back(done: str) -> BaseResponse:
    return see_other(url_for(".show", done=done))


def _page(*, error: str | None = None, given: str = "", status: int = 200) -> Response:
    launch_session, module = current_session(), current_module()
    if module is None or module.discussion_section is None:
        abort(404)
    interface = ui()
    back = f"{launch_session.path}#{module.discussion_section.id}"
    if launch_session.guest or launch_session.course_id is None or launch_session.user_id is None:
        return _not_for_you(interface, back)
    with database().read_core() as connection:
        found = discussions.find(connection, launch_session, module)
    place = service.place_of(launch_session, module, found.id)
    with database().read() as session:
        person = find_person(session, launch_session.user_id or 0, place)
    if person is None:
        return _not_for_you(interface, back)
    recipient = person.recipient
    path = service.feed_path(settings().secret_key, person, place.discussion_id)
    done = request.args.get("done")
    context: dict[str, Any] = {
        "person": person,
        "sends_mail": settings().sends_mail,
        "choices": names_of_choices(interface),
        "time_zones": time_zones(),
        "hours": [(hour, f"{hour:02}:00") for hour in range(24)],
        "pending_address": recipient and not recipient.confirmed_at and recipient.own_address,
        "own_address": recipient and recipient.confirmed_at and recipient.own_address,
        "stopped": person.problem == "stopped" and recipient,
        "feed_url": path and settings().public_url + path,
        "done": done if done in _SAVED else None,
        "error": error,
        "given": given,
        "back_href": back,
    }
    return render("tool/notices.html", status=status, **context)


def _not_for_you(interface: Interface, back: str) -> Response:
    gettext = interface.gettext
    return message_page(
        gettext("No notices here"),
        [gettext("Notices go to people who take part in a course with their own account.")],
        actions=[(gettext("Back to the module"), back)],
        status=403,
    )


def _explain(interface: Interface, problem: AddressProblem) -> str:
    gettext = interface.gettext
    return {
        "not an address": gettext(
            "Mail cannot be sent to this e-mail address. Check it for typing errors."
        ),
        "not allowed": gettext("Your institution does not allow other e-mail addresses here."),
        "too soon": gettext(
            "A message to confirm an e-mail address was just sent. "
            "Wait ten minutes before you try another."
        ),
    }[problem]
