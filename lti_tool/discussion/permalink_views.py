"""The page behind the lasting URL of a post."""

from flask import Blueprint, Response, abort, request

from lti_tool.directory.access import ACTIVE
from lti_tool.discussion import permalinks, recipients
from lti_tool.discussion.permalinks import Destination, PostReference
from lti_tool.lti.urls import origin
from lti_tool.sessions.current import session_path
from lti_tool.sessions.requests import open_resource_links, open_session_id
from lti_tool.sessions.service import is_session_of
from lti_tool.storage.database import now
from lti_tool.web.context import database, settings
from lti_tool.web.pages import render
from lti_tool.web.responses import go_to
from lti_tool.web.security import allow_forms

blueprint = Blueprint("permalinks", __name__)

_ROW_ID = "int(max=2147483647)"
_PATH = f"/d/<{_ROW_ID}:discussion_id>/p/<{_ROW_ID}:post_id>/<key>"


@blueprint.get(_PATH)
def show(discussion_id: int, post_id: int, key: str) -> Response:
    """Go to the post in an open session, or say which activity to open.

    The page is the same whether the post exists or was deleted; only a launch tells. A GET stores
    nothing: mail scanners follow links.
    """
    reference = _reference(discussion_id, post_id, key)
    recipient = _recipient(reference)
    found = _destination(reference, recipient)
    link_id = found.resource_link_id
    session_id = open_session_id(link_id) if link_id is not None else None
    if session_id and link_id and is_session_of(database(), session_id, link_id):
        return go_to(f"{session_path(session_id)}{permalinks.path_in_session(reference)}")
    return _page(reference, found, known=recipient is not None)


@blueprint.post(_PATH)
def want(discussion_id: int, post_id: int, key: str) -> Response:
    """Let the next launch of the recipient open the post, and go to the activity in the LMS.

    Needs no session: the value in the URL of the mail names the recipient, also if another
    person sends the form.
    """
    reference = _reference(discussion_id, post_id, key)
    recipient = _recipient(reference)
    found = _destination(reference, recipient)
    stored = recipient is not None and found.resource_link_id is not None
    if recipient is not None and found.resource_link_id is not None:
        permalinks.want_post(database(), reference, recipient, found.resource_link_id)
    if found.activity_url is None:
        return _page(reference, found, known=recipient is not None, stored=stored)
    response = go_to(found.activity_url)
    permalinks.remember_post(response, reference)
    return response


def _reference(discussion_id: int, post_id: int, key: str) -> PostReference:
    reference = PostReference(discussion_id, post_id)
    if not permalinks.is_valid(settings().secret_key, reference, key):
        abort(404)
    return reference


def _recipient(reference: PostReference) -> int | None:
    """The person to whom the mail with this URL was sent."""
    value = request.args.get(recipients.FIELD, "")
    return recipients.read_recipient(settings().secret_key, reference, value, now())


def _destination(reference: PostReference, recipient: int | None) -> Destination:
    found = permalinks.destination(database(), reference, open_resource_links(), recipient)
    if found is None or found.registration_status != ACTIVE:
        abort(404)
    return found


def _page(
    reference: PostReference, found: Destination, *, known: bool, stored: bool = False
) -> Response:
    """``known``: the URL says for whom the post is to be opened. ``stored``: it will be."""
    if found.activity_url is not None:
        # The answer to the form redirects to the LMS, which may redirect to a login elsewhere.
        allow_forms(origin(found.activity_url) or "", "https:")
    response = render(
        "tool/lasting_link.html",
        destination=found,
        opens_at_post=known and found.resource_link_id is not None,
        stored=stored,
    )
    permalinks.remember_post(response, reference)
    return response
