"""Turn a verified launch into a launch session, in one transaction.

The session ID is derived from the nonce, so a second launch with the same nonce fails at the
primary key of the sessions.
"""

from dataclasses import dataclass, replace

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from courseware.library import Library
from lti_tool.directory import wanted_pages
from lti_tool.directory.launch_record import LaunchRecord, record_launch
from lti_tool.directory.link_choice import LinkedModule
from lti_tool.discussion import deep_links as discussion_links
from lti_tool.discussion.discussions import copy_settings
from lti_tool.gradebook import deep_links as grade_links
from lti_tool.lti.launch import Launch
from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.selection_time import read_selection_time
from lti_tool.platform_notices import service as platform_notices
from lti_tool.roster import service as rosters
from lti_tool.sessions import activity_references
from lti_tool.sessions.current import session_id_for, session_token
from lti_tool.sessions.service import create_session
from lti_tool.storage.database import Database

_ACTIVITY = "LtiResourceLinkRequest"


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """What the tool decides about a launch.

    ``linked`` is the module that the resource link names, if any.
    ``own_record`` is False for a preview or an impersonation, which must not change the user.
    ``hours`` is how long the session lasts. ``activity_url`` is the activity's page in the LMS.
    """

    registration_id: int
    secret_key: str
    frame_ancestors: tuple[str, ...]
    library: Library
    linked: LinkedModule
    hours: int
    own_record: bool = True
    activity_url: str | None = None


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that was just opened. ``token`` opens it, and goes to this browser only.

    ``wanted_path`` is the page below the session's path that the user wanted to see.
    """

    id: str
    token: str
    resource_link_id: int | None
    wanted_path: str | None = None


def open_session(database: Database, launch: Launch, options: SessionOptions) -> NewSession:
    """Record the launch and open a session for it.

    Raises :class:`Refused` for a used nonce and for the reasons of :func:`record_launch`.
    """
    for last_try in (False, True):
        try:
            return _open_session(database, launch, options)
        except IntegrityError as error:
            if _is_same_session(error):
                raise Refused(Code.REPLAYED, issuer=launch.issuer) from None
            if last_try:
                raise
            # Two first launches of a user or course at the same time: now the rows exist.
    raise AssertionError


def _open_session(database: Database, launch: Launch, options: SessionOptions) -> NewSession:
    session_id = session_id_for(options.secret_key, options.registration_id, launch.nonce)
    with database.write_core() as connection:
        referred = activity_references.find_activity(
            connection, launch, options.registration_id, options.secret_key
        )
        if referred is not None:
            launch = referred.launch
        record = record_launch(
            connection,
            launch,
            options.registration_id,
            linked=options.linked,
            own_record=options.own_record,
            activity_url=options.activity_url,
            referred=referred is not None,
        )
        if referred is not None:
            record = replace(record, module=referred.module)
        wanted_path = None
        # A preview and an impersonation change nothing of the user's; other messages name the page.
        if options.own_record and launch.message_type == _ACTIVITY:
            wanted_path = wanted_pages.use_page(connection, record)
        create_session(
            connection,
            session_id,
            launch,
            record,
            registration_id=options.registration_id,
            frame_ancestors=options.frame_ancestors,
            hours=options.hours,
            own_record=options.own_record,
        )
        if record.copied_from and record.resource_link_id and record.module.id:
            copied, copy = record.copied_from, record.resource_link_id
            copy_settings(connection, copied, copy, record.module.id)
            grade_links.copy_settings(connection, options.library, copied, copy)
        _apply_options(connection, launch, record, options)
        staff = launch.roles.instructor or launch.roles.administrator
        if launch.notices and staff:
            platform_notices.request_handlers(connection, record.deployment_id, launch.notices)
        if launch.roster and launch.roles.instructor and record.course_id is not None:
            rosters.request_if_old(connection, record.course_id)
    token = session_token(options.secret_key, session_id)
    return NewSession(session_id, token, record.resource_link_id, wanted_path)


def _apply_options(
    connection: Connection, launch: Launch, record: LaunchRecord, options: SessionOptions
) -> None:
    """Apply what was chosen with the link, at its first launch since its selection."""
    link_id, custom = record.resource_link_id, launch.custom
    if link_id is None:
        return
    if record.options_at is not None or read_selection_time(custom) is None:
        grade_links.apply(connection, options.library, link_id, custom, record.options_at)
    module = options.library.get(record.module.id) if record.module.id else None
    if record.options_at is None or module is None or module.id != options.linked.id:
        return
    context_id = launch.course.id if launch.course else None
    activity = discussion_links.LinkedActivity(link_id, record.deployment_id, context_id)
    discussion_links.apply(connection, activity, module, custom, record.options_at)


def _is_same_session(error: IntegrityError) -> bool:
    message = str(error.orig)
    return "launch_sessions.id" in message or "pk_launch_sessions" in message
