"""What the templates show of a discussion. Addresses are paths; texts are in the reader's language.

Frozen by custom and not by ``frozen``: a page makes hundreds of these, and freezing costs more time
than reading the posts from the database.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from operator import attrgetter

from markupsafe import Markup

from courseware.page_view import PageItem


@dataclass(slots=True)
class Chip:
    """A language to show alone (``tag``), or all of them (None), and how many posts there are."""

    tag: str | None
    name: str
    count: int
    href: str
    current: bool


@dataclass(slots=True)
class PostView:
    """A post. ``dir`` is ``auto`` while ``lang`` is unknown (empty).

    ``in_reply_to`` (name and address) is given where the thread alone does not say it. Addresses
    begin with ``ANY_VISIT``, so that a post is drawn once for all who see it alike.
    """

    id: int
    anchor: str
    author: str
    initials: str
    tone: int
    is_staff: bool
    role_label: str | None
    created: datetime
    edited: datetime | None
    lang: str
    dir: str
    lang_name: str
    html: Markup
    deleted: bool
    mine: bool
    question_number: int | None
    question_href: str | None
    in_reply_to: tuple[str, str] | None
    reply_href: str | None
    edit_href: str | None
    delete_href: str | None
    link_href: str
    depth: int
    status: str
    replies: Sequence["PostView"] = ()
    more_replies_href: str | None = None
    reply_total: int = 0

    @property
    def key(self) -> Hashable:
        """All that the post itself shows, without what stands below it."""
        return _shown(self)


_BELOW = ("replies", "more_replies_href", "reply_total")
_shown = attrgetter(*(each.name for each in fields(PostView) if each.name not in _BELOW))


@dataclass(slots=True)
class ComposerView:
    """Where one writes. ``draft_scope`` names whose local draft it is, from visit to visit."""

    action: str
    token: str
    draft_key: str
    draft_scope: str
    text: str
    language: str | None
    languages: Sequence[tuple[str, str]]
    question: PageItem | None
    reply_to: PostView | None
    error: str | None
    cancel_href: str
    author_name: str
    audience: str
    can_post: bool
    why_not: str | None


@dataclass(slots=True)
class DiscussionView:
    """The discussion on the module's page.

    ``closed``: this reader may not even read it (the composer says why). ``hidden`` counts the
    posts that the chosen language hides. ``answers``: for each question, how many posts answer it
    and whether the reader wrote one.
    """

    composer: ComposerView
    closed: bool = False
    chips: Sequence[Chip] = ()
    threads: Sequence[PostView] = ()
    newer_href: str | None = None
    more_href: str | None = None
    total: int = 0
    hidden: int = 0
    answers: Mapping[str, tuple[int, bool]] = field(default_factory=dict)
    poll_href: str | None = None
    refresh_href: str | None = None


@dataclass(slots=True)
class ThreadView:
    """A thread by itself: some of its replies, and where the others are."""

    thread: PostView
    earlier_href: str | None
    later_href: str | None
