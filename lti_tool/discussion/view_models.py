"""Values that the templates of the discussion show. URLs are paths.

They are not changed once built, but not declared ``frozen``: a page makes hundreds of them, and
frozen dataclasses would cost more time than reading the posts from the database.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from operator import attrgetter

from markupsafe import Markup

from courseware.page_view import PageItem
from lti_tool.discussion.languages import Choices


@dataclass(slots=True)
class Chip:
    """A language filter: ``tag`` (None for all languages, ``und``) and the number of posts."""

    tag: str | None
    name: str
    count: int
    href: str
    current: bool


@dataclass(slots=True)
class PostView:
    """A post. ``dir`` is ``auto`` while ``lang`` is unknown (empty).

    ``author_title`` is the whole of a name that is too long to be shown.

    ``in_reply_to`` (name, URL) is set on replies to other replies. URLs begin with ``ANY_SESSION``,
    so that the rendered HTML can be cached for all readers.
    """

    id: int
    anchor: str
    author: str
    author_title: str | None
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
        """Cache key: everything that the rendered post shows, without its replies."""
        return _key_fields(self)


_REPLY_FIELDS = ("replies", "more_replies_href", "reply_total")
_key_fields = attrgetter(
    *(field.name for field in fields(PostView) if field.name not in _REPLY_FIELDS)
)


@dataclass(slots=True)
class ComposerView:
    """The form for a post.

    ``draft_scope`` is the key of the locally stored draft. ``draft_action`` stores a draft and
    returns one; ``saved_at`` is the time of the draft that is shown. ``other_drafts`` are pairs of
    a label and the URL of another form with a draft. ``languages`` are (tag, endonym) of the usual
    languages, and of all others.
    """

    action: str
    draft_action: str
    token: str
    draft_key: str
    draft_scope: str
    text: str
    language: str | None
    languages: Choices
    question: PageItem | None
    reply_to: PostView | None
    error: str | None
    cancel_href: str
    author_name: str
    audience: str
    can_post: bool
    why_not: str | None
    saved_at: datetime | None = None
    other_drafts: Sequence[tuple[str, str]] = ()


@dataclass(slots=True)
class DiscussionView:
    """The discussion on the module's page.

    ``closed``: the reader may not read it (the composer says why). ``hidden``: number of posts that
    the language filter hides. ``answers``: for each question id, the number of answers and whether
    the reader wrote one.
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
    """A page of one thread, with links to the previous and the next page."""

    thread: PostView
    earlier_href: str | None
    later_href: str | None
