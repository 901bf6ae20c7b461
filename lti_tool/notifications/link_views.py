"""Pages behind the links in mails, and private feeds: the token in the URL alone decides.

They work without a cookie and in any browser, with any session or none. GET and HEAD change
nothing, because mail scanners follow links; a POST does, as RFC 8058 asks.
"""

import re

from flask import Blueprint, Response, abort, request

from courseware.i18n import interface
from lti_tool.notifications import addresses, digest_links, feeds, service
from lti_tool.notifications.choices import as_choice
from lti_tool.notifications.digest_letters import digest_name, stop_words
from lti_tool.notifications.letters import names_of_choices
from lti_tool.notifications.links import read_token
from lti_tool.notifications.service import LinkedPerson
from lti_tool.web.context import database, library, settings
from lti_tool.web.pages import message_page, render, ui

blueprint = Blueprint("notice_links", __name__)

_ROW_ID = re.compile("[0-9]{1,9}")


@blueprint.route("/n/<token>", methods=["GET", "POST"])
def link(token: str) -> Response:
    """Change or stop the mail about a discussion, stop a digest, or confirm an address."""
    said = read_token(token)
    if said is not None and said.purpose == "address":
        return _address(token)
    if said is not None and said.purpose in ("daily", "weekly"):
        return _digest(token)
    with database().read() as session:
        linked = service.follow_link(session, settings().secret_key, token)
    if linked is None or linked.link.purpose != "mail":
        return _not_valid()
    if request.method == "POST":
        choice = as_choice(request.form.get("choice")) or "off"
        service.choose_by_link(database(), linked, choice)
        return _choices(linked, choice, done=True)
    return _choices(linked, linked.person.choice, done=False)


@blueprint.get("/feed/<token>")
def feed(token: str) -> Response:
    """A private Atom feed (RFC 4287) of what the person may read of a discussion."""
    with database().read() as session:
        linked = service.follow_link(session, settings().secret_key, token)
        if linked is None or linked.link.purpose != "feed":
            abort(404)
        body = feeds.atom(session, settings(), library(), linked, request.path)
    if body is None:
        abort(404)
    response = Response(body, content_type="application/atom+xml; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _choices(linked: LinkedPerson, choice: str, *, done: bool) -> Response:
    reader = interface(linked.person.language)
    return render(
        "tool/mail_choices.html",
        ui=reader,
        place=linked.place,
        choice=choice,
        choices=names_of_choices(reader),
        done=done,
    )


def _digest(token: str) -> Response:
    with database().read() as session:
        linked = digest_links.follow_digest(session, settings().secret_key, token)
    if linked is None:
        return _not_valid()
    if request.method == "POST":
        stop = request.form.get("stop")
        if stop is None or _ROW_ID.fullmatch(stop):
            digest_links.stop_digest(database(), linked, None if stop is None else int(stop))
    reader = interface(linked.language)
    with database().read() as session:
        rows = digest_links.followed_rows(session, library(), reader, linked)
    return render(
        "tool/digest_choices.html",
        ui=reader,
        title=digest_name(reader, linked.kind),
        rows=rows,
        stop=stop_words(reader, linked.kind),
        done=request.method == "POST",
    )


def _address(token: str) -> Response:
    with database().read() as session:
        recipient = addresses.address_to_confirm(session, settings().secret_key, token)
    if recipient is None:
        return _not_valid()
    if request.method == "POST":
        addresses.confirm_address(database(), recipient.user_id)
    return render("tool/confirm_address.html", done=request.method == "POST")


def _not_valid() -> Response:
    gettext = ui().gettext
    return message_page(
        gettext("This link is no longer valid"),
        [
            gettext(
                "To change which mail you receive, open the activity from your course and choose "
                "“Subscribe” at the end of the discussion."
            )
        ],
        status=404,
    )
