"""Turn a verified launch into a launch session, in one transaction.

The session ID is derived from the nonce, so a second launch with the same nonce fails at the
primary key of the sessions.
"""

from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from lti_tool.directory.launch_record import record_launch
from lti_tool.lti.launch import Launch
from lti_tool.lti.refusal import Code, Refused
from lti_tool.sessions.current import session_id_for, session_token
from lti_tool.sessions.service import create_session
from lti_tool.storage.database import Database


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """What the tool decides about a launch.

    ``linked_module`` is the module that the resource link names, if any; ``linked_module_exists``
    says whether the library has it.
    ``own_record`` is False for a preview or an impersonation, which must not change the user.
    ``hours`` is how long the session lasts.
    """

    registration_id: int
    secret_key: str
    frame_ancestors: tuple[str, ...]
    linked_module: str | None
    hours: int
    linked_module_exists: bool = True
    own_record: bool = True


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that was just opened. ``token`` opens it, and goes to this browser only."""

    id: str
    token: str


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
        record = record_launch(
            connection,
            launch,
            options.registration_id,
            linked_module=options.linked_module,
            linked_module_exists=options.linked_module_exists,
            own_record=options.own_record,
        )
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
    return NewSession(session_id, session_token(options.secret_key, session_id))


def _is_same_session(error: IntegrityError) -> bool:
    message = str(error.orig)
    return "launch_sessions.id" in message or "pk_launch_sessions" in message
