"""Values that the templates of the discussion show. URLs are paths.

They are not changed once built, but not declared ``frozen``: a page makes hundreds of them, and
frozen dataclasses would cost more time than reading the posts from the database.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from operator import attrgetter
from typing import NamedTuple

from markupsafe import Markup

from courseware.page_view import PageItem
from lti_tool.attachments.file_types import ACCEPT
from lti_tool.attachments.service import MAX_ALT_LENGTH, MAX_FILES, MAX_SIZE
from lti_tool.discussion.counts import MOST_NEW
from lti_tool.discussion.languages import Choices
from lti_tool.discussion.reactions import Reaction


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


@dataclass(slots=True)
class PostView:
    """A post. ``dir`` is ``auto`` while ``lang`` is unknown (empty).

    ``deleted``: the reader does not see its text; ``status`` says why. ``mark``: ``answer`` or
    ``highlight`` or ``announcement``. ``pinned`` and ``locked`` are of the thread, on its first
    post. ``pending``: shown to the author of a refused edit (empty if it waits). ``origin``: as in
    the table. ``moving``: on the first post of a thread that is being moved, or the other one.

    ``author_href`` lists the threads with posts of the author; None for anonymous ones, and for
    people of other institutions. ``author_title`` is the whole of a name that is too long to be
    shown. ``institution`` is the name of the author's institution, if it is another one than the
    reader's.

    The form for translations (``tool/_translate.html``) is posted to ``translate_href``.
    ``translation_failed``: the reader asked for a translation, and there is none.
    ``react_href`` is None where the reader cannot react. ``reactions`` are those that somebody has.

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
    history_href: str | None
    link_href: str
    depth: int
    status: str
    hidden_reason: str | None
    unread: bool
    pinned: bool
    locked: bool
    mark: str | None
    thread_id: int
    sequence: int
    translate_href: str | None = None
    translation: TranslationView | None = None
    translation_failed: bool = False
    quote_href: str | None = None
    files: tuple["FileView", ...] = ()
    reactions: tuple[Reaction, ...] = ()
    react_href: str | None = None
    author_href: str | None = None
    institution: str | None = None
    institution_id: int | None = None
    group_name: str | None = None
    origin: str | None = None
    pending: str | None = None
    moving: MovingView | None = None
    moderate_href: str | None = None
    report_href: str | None = None
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
