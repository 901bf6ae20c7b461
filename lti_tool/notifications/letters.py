"""Write the mail about new posts, in the reader's language and direction.

Each text has its direction in an inline style: Gmail drops ``<html>`` and ``<body>`` and ignores a
``dir`` attribute alone. Nothing is loaded from anywhere, so nothing tells that a mail was read.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup
from sqlalchemy.orm import Session

from courseware.characters import shortened
from courseware.i18n import Interface, interface
from courseware.languages import direction
from courseware.library import Library
from lti_tool.discussion.mentions import posts_mentioning
from lti_tool.discussion.notices import News, NoticedPost, Place, news, title_of
from lti_tool.discussion.permalinks import PostReference, lasting_url
from lti_tool.discussion.recipients import FIELD, recipient_value
from lti_tool.mail.messages import Letter, mail_host, message_id
from lti_tool.notifications.choices import CHOICES, Choice
from lti_tool.notifications.links import Link, token_of
from lti_tool.notifications.people import Person
from lti_tool.settings import Settings
from lti_tool.storage.database import now
from lti_tool.web.templates import render_template_text

MOST_POSTS = 20
"""Posts in one mail; the others are counted, with a link."""
LONGEST_HTML = 6000
LONGEST_TEXT = 1500
"""Characters of a post; a longer one is cut, with a link. Gmail hides what is beyond 102 kB."""


@dataclass(frozen=True, slots=True)
class NoticeLetter:
    """A letter, and the name that is shown as its sender; empty for the tool's own."""

    letter: Letter
    sender_name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A post in a mail. ``html`` is None if it is too long: then ``text`` is its beginning."""

    author: str
    in_reply_to: str | None
    when: str
    lang: str
    dir: str
    html: Markup | None
    text: str
    cut: bool
    href: str


def write(
    session: Session,
    settings: Settings,
    library: Library,
    place: Place,
    person: Person,
    first: int,
    last: int,
) -> NoticeLetter | None:
    """Write the mail about the posts from ``first`` to ``last``; None if there is none to show."""
    ui = interface(person.language)
    title = title_of(library, place, ui)
    if title is None:
        return None
    only_to = None
    if person.choice == "replies":
        only_to = posts_mentioning(session, person.user_id, place.discussion_id, first, last)
    found = news(
        session,
        library,
        person.reader,
        place,
        ui,
        after=first - 1,
        up_to=last,
        most=MOST_POSTS,
        only_to=only_to,
    )
    if not found.posts:
        return None
    return _letter(settings, place, person, ui, title, found)


def _letter(
    settings: Settings, place: Place, person: Person, ui: Interface, title: str, found: News
) -> NoticeLetter:
    unsubscribe = settings.public_url + notice_path(settings, person, place.discussion_id)
    count = found.total
    context: dict[str, Any] = {
        "heading": title,
        "course": place.course,
        "entries": [entry_of(settings, place, ui, person, post) for post in found.posts],
        "left_out": count - len(found.posts),
        "more_href": url_of(settings, place, person, found.posts[-1]),
        "manage_href": unsubscribe,
        "reason": reason(ui, person.choice),
        "count": count,
    }
    subject = subject_of(ui, title, count)
    text = render_template_text(ui, "mail/posts.txt", **context)
    html = render_template_text(ui, "mail/posts.html", subject=subject, **context)
    threads = {post.thread_id for post in found.posts}
    root = ("thread", *threads) if len(threads) == 1 else ("discussion", place.discussion_id)
    key, url = settings.secret_key, settings.public_url
    ids = (person.user_id, place.discussion_id, found.posts[0].sequence, found.posts[-1].sequence)
    letter = Letter(
        subject=subject,
        text=text,
        html=html,
        language=ui.lang,
        message_id=message_id(key, url, "notice", *ids),
        parents=(message_id(key, url, *root),),
        list_id=f"discussion-{place.discussion_id}.{mail_host(url)}",
        list_name=title,
        unsubscribe_url=unsubscribe,
    )
    return NoticeLetter(letter, shortened(found.posts[0].author, 40) if count == 1 else "")


def subject_of(ui: Interface, title: str, count: int) -> str:
    """Return the subject of a mail about one discussion."""
    name = shortened(title, 80)
    if count == 1:
        return ui.gettext("New post in “%(title)s”", title=name)
    return ui.ngettext(
        "%(n)s new post in “%(title)s”", "%(n)s new posts in “%(title)s”", count, title=name
    )


def reason(ui: Interface, choice: Choice) -> str:
    """Say why the reader gets a mail."""
    return {
        "off": ui.gettext("You receive no mail about this discussion."),
        "every": ui.gettext(
            "You receive this e-mail because you follow every post in this discussion."
        ),
        "replies": ui.gettext(
            "You receive this e-mail because someone replied to you or mentioned you."
        ),
        "daily": ui.gettext("You receive this e-mail once a day if there are new posts."),
        "weekly": ui.gettext("You receive this e-mail once a week if there are new posts."),
    }[choice]


def notice_path(settings: Settings, person: Person, discussion_id: int) -> str:
    """Return the path of the page on which a person changes or stops mail about a discussion."""
    assert person.recipient is not None
    link = Link("mail", person.user_id, discussion_id)
    return f"/n/{token_of(settings.secret_key, link, person.recipient.link_key)}"


def entry_of(
    settings: Settings,
    place: Place,
    ui: Interface,
    person: Person,
    post: NoticedPost,
    *,
    longest_html: int = LONGEST_HTML,
    longest_text: int = LONGEST_TEXT,
) -> Entry:
    """Return how a post is shown in a mail."""
    whole = len(post.html) <= longest_html
    return Entry(
        author=post.author,
        in_reply_to=post.in_reply_to,
        when=_local(ui, post.created_at, person.zone),
        lang=post.lang,
        dir=text_direction(post),
        html=Markup(post.html) if whole else None,  # noqa: S704 - sanitized by courseware.markdown
        text=shortened(post.source, longest_text),
        cut=not whole,
        href=url_of(settings, place, person, post),
    )


def _local(ui: Interface, when: datetime, zone: str) -> str:
    return ui.datetime(when, "medium", ZoneInfo(zone)) + (" UTC" if zone == "UTC" else "")


def url_of(settings: Settings, place: Place, person: Person, post: NoticedPost) -> str:
    """Return the lasting URL of a post, for the recipient of the mail."""
    reference = PostReference(place.discussion_id, post.id)
    value = recipient_value(settings.secret_key, reference, person.user_id, now())
    url = lasting_url(settings.public_url, settings.secret_key, reference)
    return f"{url}?{FIELD}={value}"


def text_direction(post: NoticedPost) -> str:
    """Return ``ltr`` or ``rtl``: of the post's language, else of its first letter."""
    if post.lang:
        return direction(post.lang)
    for character in post.source[:LONGEST_TEXT]:
        kind = unicodedata.bidirectional(character)
        if kind in ("L", "R", "AL"):
            return "ltr" if kind == "L" else "rtl"
    return "ltr"


@dataclass(frozen=True, slots=True)
class SubscribeView:
    """The line at the foot of a discussion: where to choose, and the present choice."""

    href: str
    label: str


def subscribe_view(ui: Interface, href: str, choice: Choice) -> SubscribeView:
    """Return the line at the foot of a discussion."""
    label = dict(names_of_choices(ui))[choice]
    return SubscribeView(href, ui.gettext("Mail: %(choice)s", choice=label))


def names_of_choices(ui: Interface) -> Sequence[tuple[Choice, str]]:
    """Return the choices and their names, in the order in which they are offered."""
    labels: dict[Choice, str] = {
        "off": ui.gettext("No mail"),
        "every": ui.gettext("Every post"),
        "replies": ui.gettext("Replies to me and mentions of me"),
        "daily": ui.gettext("A digest every day"),
        "weekly": ui.gettext("A digest every week"),
    }
    return [(choice, labels[choice]) for choice in CHOICES]
