"""How the mail server answers: pause while it does not, and tell the operator.

Without a pause each of ten thousand waiting mails would try the server that is down.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lti_tool.mail.smtp import Refusal
from lti_tool.notifications.model import MailServerState
from lti_tool.storage.database import Database, now

_ROW = 1
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
_FAILURES_BEFORE_PAUSE = 3
"""Mails in a row without an answer; a failed connection or login pauses at once."""


def find_state(database: Database) -> MailServerState | None:
    """Return the row; None while nothing went wrong."""
    with database.read() as session:
        return session.get(MailServerState, _ROW)


def pause_until(database: Database) -> datetime | None:
    """Return until when nothing should be tried; None if the server may be tried now."""
    state = find_state(database)
    if state is None or state.retry_at is None or state.retry_at <= now():
        return None
    return state.retry_at


def record_refusal(database: Database, refusal: Refusal) -> None:
    """Record what the server refused, as far as it is not about one recipient."""
    silent = refusal.concerns_server or refusal.code == 0
    if not silent and not refusal.policy:
        return
    with database.write() as session:
        state = _locked(session)
        if refusal.policy:
            state.refused, state.refused_at = str(refusal), now()
            state.refusals += 1
        if silent:
            state.failures += 1
            state.failed, state.failed_at = str(refusal), now()
            if refusal.concerns_server or state.failures >= _FAILURES_BEFORE_PAUSE:
                doubled = min(state.failures - 1, 10)
                state.retry_at = now() + min(_FIRST_PAUSE * 2**doubled, _LONGEST_PAUSE)


def record_success(database: Database) -> None:
    """Forget the failures; writes nothing if there are none."""
    state = find_state(database)
    if state is None or not (state.failures or state.refused_at):
        return
    with database.write() as session:
        state = _locked(session)
        state.failures, state.retry_at = 0, None


def forget_refusals(database: Database) -> None:
    """Forget the refusals by policy: the operator has acted on them."""
    with database.write() as session:
        state = _locked(session)
        state.refused, state.refused_at, state.refusals = None, None, 0
        state.failures, state.retry_at, state.failed = 0, None, None


def _locked(session: Session) -> MailServerState:
    state = session.get(MailServerState, _ROW, with_for_update=True)
    if state is None:
        state = MailServerState(id=_ROW, failures=0, refusals=0)
        session.add(state)
        session.flush()
    return state
