"""Lasting URLs of posts: for mail, feeds and chats, and for any browser.

A lasting URL belongs to no session. In a browser with an open session of the resource link it leads
to the post there. In any other it leads to a page that names the course and leads to the activity
in the LMS. The next launch of that resource link then goes to the post:

- A cookie remembers the post. A browser that blocks third-party cookies does not send it with a
  launch in the LMS's frame.
- The URL in a mail also says who received the mail (``recipients``). The button of the page then
  stores on the server that this person wants to see the post (``directory.wanted_pages``).

The key in the URL keeps strangers from listing the courses by counting.
"""

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from flask import Response
from sqlalchemy import or_, select

from lti_tool.directory import wanted_pages
from lti_tool.directory.access import ACTIVE
from lti_tool.directory.model import Course, Deployment, RegistrationRow, ResourceLink, User
from lti_tool.discussion.model import Discussion, Post
from lti_tool.discussion.notices import find_place
from lti_tool.storage.database import Database
from lti_tool.web.cookies import get_cookie, set_cookie

PATH = "/d/{discussion}/p/{post}/{key}"
COOKIE = "minga-post"
COOKIE_PATH = "/lti/launch"
COOKIE_SECONDS = 1800
_MAX_ID = 2**31 - 1


class PostReference(NamedTuple):
    """A post and its discussion."""

    discussion_id: int
    post_id: int


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a post is, as far as anybody with its URL may know."""

    resource_link_id: int | None
    registration_status: str = ACTIVE
    course: str | None = None
    activity: str | None = None
    activity_url: str | None = None


@lru_cache(maxsize=8192)
def lasting_path(secret_key: str, reference: PostReference) -> str:
    """Return the path of a post's lasting URL."""
    return PATH.format(
        discussion=reference.discussion_id,
        post=reference.post_id,
        key=_key(secret_key, reference),
    )


def lasting_url(public_url: str, secret_key: str, reference: PostReference) -> str:
    """Return the lasting URL of a post."""
    return public_url + lasting_path(secret_key, reference)


def is_valid(secret_key: str, reference: PostReference, key: str) -> bool:
    """Whether a URL with this key is one that the tool made."""
    valid = _key(secret_key, reference)
    return hmac.compare_digest(valid.encode(), key.encode("utf-8", "replace"))


def _key(secret_key: str, reference: PostReference) -> str:
    text = f"post link\n{reference.discussion_id}\n{reference.post_id}"
    digest = hmac.digest(secret_key.encode(), text.encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:9]).decode()


def destination(
    database: Database,
    reference: PostReference,
    open_links: Sequence[int] = (),
    user_id: int | None = None,
) -> Destination | None:
    """Return where a post is; None if its discussion no longer exists.

    A post of a shared discussion is in all activities that take part: of those, the first of
    ``open_links`` (what is open in this browser), else the one in which the user reads it. Course
    and activity are not named then, because people of other courses have the URL too.
    """
    query = (
        select(
            ResourceLink.id,
            RegistrationRow.status,
            Course.title,
            ResourceLink.title,
            ResourceLink.activity_url,
        )
        .join(Discussion, Discussion.resource_link_id == ResourceLink.id)
        .join(Deployment, Deployment.id == ResourceLink.deployment_id)
        .join(RegistrationRow, RegistrationRow.id == Deployment.registration_id)
        .outerjoin(Course, Course.id == ResourceLink.course_id)
        .where(Discussion.id == reference.discussion_id)
    )
    with database.read() as session:
        row = session.execute(query).first()
        if row is not None:
            return Destination(*row)
        shared = session.get(Discussion, reference.discussion_id)
        if shared is None:
            return None
        found = session.scalar(
            select(Discussion.resource_link_id)
            .where(
                Discussion.shared_id == shared.id,
                Discussion.archived_at.is_(None),
                Discussion.resource_link_id.in_(open_links),
            )
            .order_by(Discussion.id)
            .limit(1)
        )
        if found is not None or user_id is None:
            return Destination(resource_link_id=found)
        place = find_place(session, reference.discussion_id, user_id)
        if place is None or not place.active:
            return Destination(resource_link_id=None)
        link = session.get_one(ResourceLink, place.resource_link_id)
        return Destination(resource_link_id=link.id, activity_url=link.activity_url)


def want_post(
    database: Database, reference: PostReference, user_id: int, resource_link_id: int
) -> None:
    """Open the post at the user's next launch of the resource link. See ``wanted_pages``.

    A user who no longer exists is ignored.
    """
    with database.write() as session:
        if session.get(User, user_id) is not None:
            path = path_in_session(reference)
            wanted_pages.want_page(session, user_id, resource_link_id, path)


def path_in_session(reference: PostReference) -> str:
    """Return the path of the post's page, below the path of a launch session."""
    return f"post/{reference.post_id}"


def belongs_to(database: Database, reference: PostReference, resource_link_id: int | None) -> bool:
    """Whether the post is in the discussion, own or shared, of this resource link."""
    takes_part = select(Discussion.shared_id).where(
        Discussion.resource_link_id == resource_link_id, Discussion.archived_at.is_(None)
    )
    query = (
        select(Post.id)
        .join(Discussion, Discussion.id == Post.discussion_id)
        .where(
            Post.id == reference.post_id,
            Discussion.id == reference.discussion_id,
            or_(Discussion.resource_link_id == resource_link_id, Discussion.id.in_(takes_part)),
        )
    )
    with database.read() as session:
        return session.scalar(query) is not None


def remember_post(response: Response, reference: PostReference) -> None:
    """Remember a post in this browser until the next launch, for half an hour.

    The page is opened in a tab, and the platform posts the launch from its own site, perhaps into
    a frame: the cookie is for the tab, and sent across sites.
    """
    _set(response, f"{reference.discussion_id}-{reference.post_id}", COOKIE_SECONDS)


def remembered_post() -> PostReference | None:
    """Return the post that the browser of this request remembers."""
    return read_reference(get_cookie(COOKIE) or "")


def read_reference(value: str) -> PostReference | None:
    """Parse the value of the cookie; None for anything else."""
    discussion, _, post = value.partition("-")
    try:
        reference = PostReference(int(discussion), int(post))
    except ValueError:
        return None
    ids = (reference.discussion_id, reference.post_id)
    return reference if all(0 < each <= _MAX_ID for each in ids) else None


def forget_post(response: Response) -> None:
    """Forget the post that this browser remembers."""
    _set(response, "", 0)


def _set(response: Response, value: str, seconds: int) -> None:
    set_cookie(
        response,
        COOKIE,
        value,
        path=COOKIE_PATH,
        seconds=seconds,
        in_tab=True,
        same_site="None",
    )
