"""Values that the templates of the discussion show. URLs are paths.

They are not changed once built, but not declared ``frozen``: a page makes hundreds of them, and
frozen dataclasses would cost more time than reading the posts from the database.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from operator import attrgetter
from typing import Any, NamedTuple

from markupsafe import Markup

from courseware.i18n import Interface
from courseware.languages import direction, endonym
from courseware.page_view import PageItem
from lti_tool.attachments.file_types import ACCEPT
from lti_tool.attachments.service import MAX_ALT_LENGTH, MAX_FILES, MAX_SIZE
from lti_tool.discussion import names
from lti_tool.discussion.counts import MOST_NEW
from lti_tool.discussion.languages import Choices
from lti_tool.discussion.reactions import Reaction
from lti_tool.discussion.selects import SHOWN_COLUMNS, PostRow
from lti_tool.web.templates import ANY_SESSION


@dataclass(slots=True, unsafe_hash=True)
class Chip:
    """A language filter: ``tag`` (None for all languages, ``und``) and the number of posts."""

    tag: str | None
    name: str
    count: int
    href: str
    current: bool


@dataclass(slots=True)
class SummaryView:
    """A week's summary in one language. ``others`` are (tag, endonym, URL) of its other languages.

    ``all_href`` is the list of summaries; ``edit_href`` is None for participants.
    """

    week: date
    lang: str
    dir: str
    html: Markup
    others: Sequence[tuple[str, str, str]]
    all_href: str
    edit_href: str | None


@dataclass(frozen=True, slots=True)
class TranslationView:
    """A machine translation of a post. ``source_name`` is empty if its language is unknown."""

    lang: str
    dir: str
    lang_name: str
    source_lang: str
    source_name: str
    provider: str
    html: Markup


class MovingView(NamedTuple):
    """A thread that is moved away, or into which another is moved; ``href`` of the other one.

    ``href`` is None if the reader may not read the other one.
    """

    away: bool
    href: str | None


def _post_url(permission: str, action: str) -> Any:
    """A property of :class:`PostView`: the URL of an action; None without the permission."""

    def url(view: "PostView") -> str | None:
        return f"{ANY_SESSION}post/{view.row.id}/{action}" if getattr(view, permission) else None

    return property(url)


@dataclass(slots=True)
class PostView:
    """A post as one reader sees it: its row, and what is particular to this reader.

    Everything else is derived when a template shows it, so that a post whose fragment is cached
    costs little.

    ``visible``: the reader sees its text; else ``status`` says why not. ``own``: the reader wrote
    it. ``pending``: shown to the author of a refused edit (empty if it waits). ``moving``: on the
    first post of a thread that is being moved, or the other one. ``question``: number and URL.
    ``answered_href``: the post that this reply answers, if that is a reply too; empty if it has no
    URL. ``author_href`` lists the threads with posts of the author; None for anonymous ones, and
    for people of other institutions. ``institution`` is the name of the author's institution, if it
    is another one than the reader's. ``reactions`` are those that somebody has.

    The form for translations (``tool/_translate.html``) is posted to ``translate_href``.
    ``translation_failed``: the reader asked for a translation, and there is none.

    URLs begin with ``ANY_SESSION``, so that the rendered HTML can be cached for all readers.
    """

    row: PostRow
    ui: Interface
    visible: bool
    link_href: str
    own: bool = False
    unread: bool = False
    may_reply: bool = False
    may_react: bool = False
    may_edit: bool = False
    may_delete: bool = False
    may_see_history: bool = False
    may_moderate: bool = False
    may_report: bool = False
    may_translate: bool = False
    question: tuple[int, str] | None = None
    answered_href: str | None = None
    author_href: str | None = None
    institution: str | None = None
    group_name: str | None = None
    files: tuple["FileView", ...] = ()
    reactions: tuple[Reaction, ...] = ()
    pending: str | None = None
    moving: MovingView | None = None
    translation: TranslationView | None = None
    translation_failed: bool = False
    replies: Sequence["PostView"] = ()
    more_replies_href: str | None = None
    reply_total: int = 0

    @property
    def key(self) -> Hashable:
        """Cache key: everything that the rendered post shows, without its replies."""
        return self.row[:SHOWN_COLUMNS], _key_fields(self)

    id = property(attrgetter("row.id"))
    institution_id = property(attrgetter("row.institution_id"))
    status = property(attrgetter("row.status"))
    sequence = property(attrgetter("row.sequence"))
    created = property(attrgetter("row.created_at"))
    edited = property(attrgetter("row.edited_at"))
    origin = property(attrgetter("row.origin"))

    edit_href = _post_url("may_edit", "edit")
    delete_href = _post_url("may_delete", "delete")
    history_href = _post_url("may_see_history", "history")
    react_href = _post_url("may_react", "reaction")
    translate_href = _post_url("may_translate", "translate")
    moderate_href = _post_url("may_moderate", "moderate")
    report_href = _post_url("may_report", "report")

    @property
    def reply_href(self) -> str | None:
        """The URL of the form for a reply."""
        return f"{ANY_SESSION}compose?reply_to={self.row.id}" if self.may_reply else None

    @property
    def author(self) -> str:
        """The name under which everybody sees the author; empty if the post is not visible."""
        row = self.row
        if not self.visible:
            return ""
        return names.display_name(self.ui, row.author_name, row.author_code, row.author_role)

    @property
    def author_title(self) -> str | None:
        """The whole of a name that is too long to be shown."""
        return names.long_name(self.row.author_name) if self.visible else None

    @property
    def initials(self) -> str:
        """What the author's avatar shows."""
        return names.initials(self.row.author_name, self.row.author_code) if self.visible else ""

    @property
    def tone(self) -> int:
        """The colour of the author's avatar: 1 or 2."""
        return names.tone(self.row.author_code or self.row.author_name or "")

    @property
    def role_label(self) -> str | None:
        """What is shown beside the name of an instructor."""
        is_named_staff = self.row.author_role == "instructor" and self.row.author_name
        return self.ui.gettext("Instructor") if is_named_staff else None

    @property
    def lang(self) -> str:
        """The language's tag; empty if it is unknown."""
        return self.row.language or ""

    @property
    def dir(self) -> str:
        """``auto`` if the language is unknown."""
        return direction(self.row.language) if self.row.language else "auto"

    @property
    def lang_name(self) -> str:
        """The language's endonym; empty if it is unknown."""
        return endonym(self.row.language) if self.row.language else ""

    @property
    def html(self) -> Markup:
        """The text; empty if it is not visible."""
        return Markup(self.row.html if self.visible else "")  # noqa: S704 - sanitized by courseware.markdown

    @property
    def deleted(self) -> bool:
        """Whether something else stands in the place of the text."""
        return not self.visible

    @property
    def mine(self) -> bool:
        """Whether the reader wrote it and has not deleted it."""
        return self.own and self.row.status != "deleted"

    @property
    def hidden_reason(self) -> str | None:
        """Why an instructor has hidden, rejected or deleted it."""
        return self.row.hidden_reason if self.visible or self.own else None

    @property
    def in_reply_to(self) -> tuple[str, str] | None:
        """Name and URL of the answered post, if it is not the first post of the thread."""
        row = self.row
        if self.answered_href is None or row.answered_role is None:
            return None
        if row.answered_status != "published":
            return self.ui.gettext("a deleted post"), self.answered_href
        name = names.display_name(self.ui, row.answered_name, row.answered_code, row.answered_role)
        return name, self.answered_href

    @property
    def depth(self) -> int:
        """0 for the first post of a thread, 1 for a reply."""
        return 0 if self.row.thread_id is None else 1

    @property
    def thread_id(self) -> int:
        """The id of the thread's first post."""
        return self.row.thread_id or self.row.id

    @property
    def pinned(self) -> bool:
        """Whether it is the first post of a pinned thread."""
        return self.row.pinned_at is not None

    @property
    def locked(self) -> bool:
        """Whether it is the first post of a locked thread."""
        return self.row.locked_at is not None

    @property
    def mark(self) -> str | None:
        """``answer``, ``highlight`` or ``announcement``."""
        return self.row.mark if self.visible else None


_NOT_IN_KEY = ("row", "ui", "replies", "more_replies_href", "reply_total")
_key_fields = attrgetter(
    *(field.name for field in fields(PostView) if field.name not in _NOT_IN_KEY)
)


@dataclass(slots=True)
class ComposerView:
    """The form for a post.

    ``draft_scope`` is the key of the locally stored draft. ``draft_action`` stores a draft and
    returns one; ``saved_at`` is the time of the draft that is shown. ``other_drafts`` are pairs of
    a label and the URL of another form with a draft. ``languages`` are (tag, endonym) of the usual
    languages, and of all others. ``groups`` are (id, name) of those for which the user can begin a
    thread, if there is a choice; ``group`` is the chosen one.
    """

    action: str
    draft_action: str
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
    groups: Sequence[tuple[int, str]] = ()
    group: int | None = None
    form: "FormView | None" = None


@dataclass(slots=True)
class FormView:
    """What the forms for writing and for editing have in common.

    ``attach_action`` stores files, ``preview_action`` returns the rendered text, ``people_href``
    names of people who can be mentioned. ``files`` are those of the draft, ``published`` those of
    the edited post, ``types`` what the file field accepts. ``preview`` is the rendered text.
    """

    attach_action: str
    preview_action: str
    people_href: str
    files: Sequence["FileView"] = ()
    published: Sequence["FileView"] = ()
    preview: Markup | None = None
    mentioned: str = ""
    types: str = ACCEPT
    max_files: int = MAX_FILES
    max_size: int = MAX_SIZE
    max_alt: int = MAX_ALT_LENGTH

    @property
    def key(self) -> Hashable:
        """Everything that an empty form shows of this."""
        return self.attach_action, self.preview_action, self.types, self.max_files, self.max_size


@dataclass(slots=True, unsafe_hash=True)
class FileView:
    """A file of a post. ``width`` and ``height`` are set for pictures, which are shown."""

    id: int
    href: str
    name: str
    extension: str
    size: int
    alt: str
    width: int | None
    height: int | None


@dataclass(slots=True, unsafe_hash=True)
class FilterForm:
    """The form that chooses which threads are listed, and how.

    ``posts`` are the chosen languages as in a URL, ``languages`` those to choose from. ``by`` is
    ``me``, ``staff`` or empty. ``remembers``: the reader's languages can be stored. ``changed``:
    something is chosen.
    """

    action: str
    posts: str
    questions: tuple[PageItem, ...]
    question: str | None
    by: str
    unanswered: bool
    order: str
    languages: tuple[Chip, ...]
    remembers: bool
    changed: bool
    groups: tuple[tuple[int, str], ...] = ()
    group: int | None = None


@dataclass(slots=True)
class UnreadView:
    """What is new for the reader: ``count`` unread posts, ``since_visit`` new ones; up to ``most``.

    ``action`` and ``up_to`` are for the form that marks all as read.
    """

    action: str
    up_to: int
    next_href: str
    count: int = 0
    since_visit: int = 0
    most: int = MOST_NEW


@dataclass(slots=True)
class DiscussionView:
    """The discussion on the module's page.

    ``closed``: the reader may not read it (the composer says why). ``post_first``: the reader sees
    the posts of others after writing one. ``translate_fields``: hidden fields of the form for
    translations; None without a translation service. ``hidden``: number of posts in other
    languages than the chosen ones. ``filtered``: threads may be left out; ``all_href`` shows all.
    ``answers``: for each question id, the number of answers and whether the reader wrote one.
    """

    composer: ComposerView
    closed: bool = False
    post_first: bool = False
    chips: tuple[Chip, ...] = ()
    filters: FilterForm | None = None
    unread: UnreadView | None = None
    threads: Sequence[PostView] = ()
    newer_href: str | None = None
    more_href: str | None = None
    total: int = 0
    hidden: int = 0
    filtered: bool = False
    all_href: str | None = None
    answers: Mapping[str, tuple[int, bool]] = field(default_factory=dict)
    poll_href: str | None = None
    refresh_href: str | None = None
    translate_fields: Mapping[str, str] | None = None
    summary: SummaryView | None = None
    summaries_href: str | None = None
    tools: Sequence[tuple[str, str]] = ()


@dataclass(slots=True)
class ThreadView:
    """A page of one thread, with links to the previous and the next page."""

    thread: PostView
    earlier_href: str | None
    later_href: str | None
    translate_fields: Mapping[str, str] | None = None
