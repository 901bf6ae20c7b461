"""The reader of a discussion: the user of the request, and what follows from it once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from courseware import parts
from courseware.i18n import Interface
from courseware.module import Module
from courseware.page_view import PageItem
from lti_tool.discussion import discussions, queries, thread_moves
from lti_tool.discussion.discussions import DiscussionState
from lti_tool.discussion.page_query import module_path, parse_languages
from lti_tool.discussion.permissions import Permissions, permissions_of
from lti_tool.discussion.queries import Scope
from lti_tool.discussion.shared_posts import Viewpoint, viewpoint_of
from lti_tool.discussion.thread_moves import Moving
from lti_tool.roster.groups import groups_of
from lti_tool.sessions.current import CurrentSession
from lti_tool.settings import Settings
from lti_tool.web.templates import ANY_SESSION


@dataclass(slots=True)
class Reader:
    """The user of the request, the discussion, and what is derived from them once.

    ``whole``: the argument of the page with the discussion, if the activity is a part of the module
    without it. ``translates``: the operator has a translation service, and the institution allows
    its use. ``group_names``: of the course, by id, if the discussion has groups. ``pending``: the
    reader's own edits that are not approved, by post (``PostView.pending``). ``moving``: the
    threads that are being moved, and those into which they are. ``viewpoint``: the reader's
    institution among those of an exchange; None in a discussion of one course.
    """

    launch_session: CurrentSession
    module: Module
    ui: Interface
    secret_key: str
    questions: Mapping[str, PageItem]
    state: DiscussionState
    permissions: Permissions
    section: str
    whole: str | None = None
    translates: bool = False
    group_names: Mapping[int, str] = field(default_factory=dict)
    pending: Mapping[int, str] = field(default_factory=dict)
    moving: Mapping[int, Moving] = field(default_factory=dict)
    viewpoint: Viewpoint | None = None

    def module_url(self, anchor: str, **arguments: object) -> str:
        """Return the URL of the module's page, at an anchor."""
        return f"{self.launch_session.path}{self.module_path(anchor, **arguments)}"

    def module_href(self, anchor: str, **arguments: object) -> str:
        """Return the same for a template, whose fragments are cached for all readers."""
        return f"{ANY_SESSION}{self.module_path(anchor, **arguments)}"

    def module_path(self, anchor: str, **arguments: object) -> str:
        """Return the module's page relative to the session's path."""
        return module_path(anchor, whole=self.whole, **arguments)

    @property
    def reads(self) -> tuple[str, ...]:
        """The languages that the user reads, best first: the interface's, and those remembered."""
        return (self.ui.lang, *parse_languages(self.state.languages))

    @property
    def scope(self) -> Scope | None:
        """What the reader may see; None before the discussion's first post."""
        if self.state.id is None:
            return None
        return Scope(
            discussion_id=self.state.id,
            user_id=self.launch_session.user_id,
            groups=self.permissions.groups,
            moderate=self.permissions.moderate,
            pinned=self.state.pinned,
            viewpoint=self.viewpoint,
        )

    def may_translate(self, institution_id: int | None) -> bool:
        """Whether a text may be sent to the translation service: the author's institution too."""
        if not self.translates or self.viewpoint is None:
            return self.translates
        if not self.viewpoint.is_foreign(institution_id):
            return True
        member = self.viewpoint.members.get(institution_id or 0)
        return member is not None and member.present and member.translation

    def is_as_after_a_post(self, user_id: int | None) -> bool:
        """Whether publishing a post changes nothing of what is known about the reader."""
        is_known = user_id == self.launch_session.user_id and self.state.id is not None
        return is_known and self.permissions.others

    def again(self, connection: Connection, user_id: int | None) -> "Reader":
        """Return the reader after a change; a guest gets a ``user_id`` with the first one."""
        launch_session = replace(self.launch_session, user_id=user_id)
        state = discussions.find(connection, launch_session, self.module)
        return replace(
            self,
            launch_session=launch_session,
            state=state,
            permissions=permissions_of(launch_session, self.module, state),
            pending=_pending(connection, launch_session, state),
            moving=_moving(connection, state),
            viewpoint=viewpoint_of(connection, state),
        )


def make_reader(
    connection: Connection,
    settings: Settings,
    launch_session: CurrentSession,
    module: Module,
    questions: Sequence[PageItem],
    ui: Interface,
) -> Reader | None:
    """Return the reader of a module's discussion; None if the module has no discussion.

    Takes one statement; two more if the discussion has groups, and one more each if it is an
    exchange's, if the reader's edits wait for approval, and while threads are moved.
    """
    section = module.discussion_section
    if section is None or launch_session.resource_link_id is None:
        return None
    state = discussions.find(connection, launch_session, module)
    has_discussion = parts.only(module, launch_session.part).discussion_section is not None
    return Reader(
        launch_session=launch_session,
        module=module,
        ui=ui,
        secret_key=settings.secret_key,
        questions={question.id: question for question in questions},
        state=state,
        permissions=permissions_of(launch_session, module, state),
        section=section.id,
        whole=None if has_discussion else "1",
        translates=launch_session.translation and settings.translation_url is not None,
        group_names=_group_names(connection, launch_session, state),
        pending=_pending(connection, launch_session, state),
        moving=_moving(connection, state),
        viewpoint=viewpoint_of(connection, state),
    )


def _group_names(
    connection: Connection, launch_session: CurrentSession, state: DiscussionState
) -> dict[int, str]:
    course = launch_session.course_id
    if state.settings.reading_of_groups == "none" or course is None:
        return {}
    return {group.id: group.name for group in groups_of(connection, course, with_deleted=True)}


def _pending(
    connection: Connection, launch_session: CurrentSession, state: DiscussionState
) -> dict[int, str]:
    if not state.own_edits or state.id is None or launch_session.user_id is None:
        return {}
    return queries.own_pending_edits(connection, state.id, launch_session.user_id)


def _moving(connection: Connection, state: DiscussionState) -> dict[int, Moving]:
    if not state.moving or state.id is None:
        return {}
    return thread_moves.moves_in(connection, state.id)
