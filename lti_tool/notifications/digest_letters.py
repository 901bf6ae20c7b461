"""Write a digest: the new posts of several discussions, by course, in the reader's language.

Its size is bounded: the first discussions have posts, the longer the fewer they are; of the next
ones only the number of posts is said, and of the last ones only how many there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session

from courseware.i18n import Interface, interface
from courseware.library import Library
from lti_tool.discussion.notices import Place, news, title_of
from lti_tool.mail.messages import Letter, mail_host, message_id
from lti_tool.notifications import letters
from lti_tool.notifications.letters import Entry, NoticeLetter
from lti_tool.notifications.links import DigestKind, Link, token_of
from lti_tool.notifications.model import Digest, Mailing, due_key
from lti_tool.notifications.people import Person
from lti_tool.settings import Settings
from lti_tool.web.templates import render_template_text

MOST_SECTIONS = 20
"""Discussions whose posts are shown."""
MOST_LINES = 40
"""Further discussions that are named, with the number of their posts."""
MOST_POSTS = 30
LONGEST = 40_000
"""Characters of the HTML of all posts. Gmail hides what is beyond 102 kB of a mail."""


@dataclass(frozen=True, slots=True)
class Section:
    """The part of one discussion. ``count``: all its new posts; ``left_out`` are not shown."""

    course: str
    heading: str
    entries: Sequence[Entry]
    count: int
    left_out: int
    more_href: str
    manage_href: str


class DigestWriter:
    """Takes the discussions one by one, and holds only what the mail shows.

    ``candidates``: the number of discussions that will be added, of which some may have nothing to
    show.
    """

    def __init__(
        self, settings: Settings, library: Library, digest: Digest, candidates: int
    ) -> None:
        assert digest.due_at is not None
        self._settings = settings
        self._library = library
        self._kind: DigestKind = "weekly" if digest.kind == "weekly" else "daily"
        self._id = (digest.id, due_key(digest.due_at))
        sections = min(max(candidates, 1), MOST_SECTIONS)
        self._posts = min(max(MOST_POSTS // sections, 1), letters.MOST_POSTS)
        self._longest = min(LONGEST // (sections * self._posts), letters.LONGEST_HTML)
        self._sections: list[Section] = []
        self._unnamed = 0
        self._count = 0

    def add(self, session: Session, place: Place, person: Person, mailing: Mailing) -> None:
        """Add what is new in a discussion for its reader, if anything is."""
        ui = interface(person.language)
        title = title_of(self._library, place, ui)
        if title is None:
            return
        shown = len(self._sections) < MOST_SECTIONS
        found = news(
            session,
            self._library,
            person.reader,
            place,
            ui,
            after=(mailing.first or 1) - 1,
            up_to=mailing.last,
            most=self._posts if shown else 1,
        )
        if not found.posts:
            return
        self._count += found.total
        if len(self._sections) >= MOST_SECTIONS + MOST_LINES:
            self._unnamed += 1
            return
        settings, posts = self._settings, found.posts
        entries = [
            letters.entry_of(
                settings,
                place,
                ui,
                person,
                post,
                longest_html=self._longest,
                longest_text=min(letters.LONGEST_TEXT, max(self._longest // 3, 200)),
            )
            for post in (posts if shown else ())
        ]
        self._sections.append(
            Section(
                course=place.course or "",
                heading=title,
                entries=entries,
                count=found.total,
                left_out=found.total - len(entries),
                more_href=letters.url_of(settings, place, person, posts[-1]),
                manage_href=settings.public_url
                + letters.notice_path(settings, person, place.discussion_id),
            )
        )

    def letter(self, person: Person) -> NoticeLetter | None:
        """Return the mail; None if there is nothing new."""
        if not self._sections:
            return None
        ui, settings = interface(person.language), self._settings
        stop_href = settings.public_url + digest_path(settings, person, self._kind)
        name = digest_name(ui, self._kind)
        if len(self._sections) == 1:
            subject = letters.subject_of(ui, self._sections[0].heading, self._count)
        else:
            subject = ui.ngettext(
                "%(n)s new post in your discussions",
                "%(n)s new posts in your discussions",
                self._count,
            )
        context: dict[str, Any] = {
            "name": name,
            "courses": _by_course([each for each in self._sections if each.entries]),
            "others": [each for each in self._sections if not each.entries],
            "unnamed": self._unnamed,
            "reason": letters.reason(ui, self._kind),
            "stop": stop_words(ui, self._kind),
            "stop_href": stop_href,
        }
        key, url = settings.secret_key, settings.public_url
        letter = Letter(
            subject=subject,
            text=render_template_text(ui, "mail/digest.txt", **context),
            html=render_template_text(ui, "mail/digest.html", subject=subject, **context),
            language=ui.lang,
            message_id=message_id(key, url, "digest", *self._id),
            list_id=f"{self._kind}-digest.{mail_host(url)}",
            list_name=name,
            unsubscribe_url=stop_href,
        )
        return NoticeLetter(letter, "")


def digest_name(ui: Interface, kind: DigestKind) -> str:
    """Return the name of a kind of digest."""
    return {"daily": ui.gettext("Daily digest"), "weekly": ui.gettext("Weekly digest")}[kind]


def stop_words(ui: Interface, kind: DigestKind) -> str:
    """Say what the unsubscribe link of a digest ends."""
    return {
        "daily": ui.gettext("Stop the daily digest of all discussions"),
        "weekly": ui.gettext("Stop the weekly digest of all discussions"),
    }[kind]


def digest_path(settings: Settings, person: Person, kind: DigestKind) -> str:
    """Return the path of the page on which a person stops a digest."""
    assert person.recipient is not None
    link = Link(kind, person.user_id, 0)
    return f"/n/{token_of(settings.secret_key, link, person.recipient.link_key)}"


def _by_course(sections: Sequence[Section]) -> list[tuple[str, list[Section]]]:
    return [(name, list(each)) for name, each in groupby(sections, key=lambda one: one.course)]
