"""Tables of the grades: what counts in an activity, its columns, and each person's grade."""

from datetime import datetime
from typing import Any

from sqlalchemy import Double, ForeignKey, Index, String, Text, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.directory.row_merge import decided_later
from lti_tool.storage.database import Base, Moment

_IS_DUE = text("due_at IS NOT NULL")


class GradeRule(Base):
    """What counts in an activity: ``gradebook.settings.GradeSettings`` as JSON.

    Without a row, the defaults apply. ``settings_at``: when they were chosen last, here or with the
    link of the activity.
    """

    __tablename__ = "grade_rules"

    resource_link_id: Mapped[int] = mapped_column(
        ForeignKey("resource_links.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    settings: Mapped[str] = mapped_column(Text, default="")
    settings_at: Mapped[datetime | None] = mapped_column(Moment)

    @classmethod
    def merged_values(cls, kept: Any, removed: Any) -> dict[str, Any]:
        """The later decision: that of the kept rule may be only what its link says."""
        if not decided_later(removed, kept):
            return {}
        return {"settings": removed.settings, "settings_at": removed.settings_at}


class GradeColumn(Base):
    """A column of an activity in the gradebook, and its line item in the LMS.

    - ``kind``: ``activity``, or a checkpoint: ``first_post`` or ``replies``.
    - ``active``: the activity's settings have this column; else its grades stay as they are.
    - ``label``: the title of a line item that the tool creates. ``maximum``: of the points, None
      for that of the LMS. ``due_at``, ``released``: see ``GradeSettings``.
    - ``line_item_url``: where scores are sent; None before it is found or created.
      ``gone_url``: a URL that the LMS no longer has. ``line_item_maximum``: as the LMS has it.
    - ``changed``: names of what an instructor changed since the line item was last written
      (``maximum``, ``due``, ``released``; ``new``: nothing was written yet), separated by spaces.
    - ``problem``: why no score of the column can be sent (``gradebook.problems.Problem``), since
      ``problem_at``. After ``failures`` in sequence, nothing is sent before ``paused_until``.
    - ``queued``: an outbox row of the column waits or runs.
    - ``results_requested_at``, ``results_read_at``: of the grades that the LMS holds.
    """

    __tablename__ = "grade_columns"
    __table_args__ = (UniqueConstraint("resource_link_id", "kind", name="uq_grade_columns_kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_link_id: Mapped[int] = mapped_column(
        ForeignKey("resource_links.id", ondelete="CASCADE")
    )
    kind: Mapped[str] = mapped_column(String(12))
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    label: Mapped[str] = mapped_column(String(255), default="")
    maximum: Mapped[float | None] = mapped_column(Double)
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    released: Mapped[bool] = mapped_column(default=True, server_default=true())
    line_item_url: Mapped[str | None] = mapped_column(String(2000))
    gone_url: Mapped[str | None] = mapped_column(String(2000))
    line_item_maximum: Mapped[float | None] = mapped_column(Double)
    changed: Mapped[str] = mapped_column(String(64), default="", server_default="")
    problem: Mapped[str | None] = mapped_column(String(32))
    problem_at: Mapped[datetime | None] = mapped_column(Moment)
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    paused_until: Mapped[datetime | None] = mapped_column(Moment)
    queued: Mapped[bool] = mapped_column(default=False, server_default=false())
    results_requested_at: Mapped[datetime | None] = mapped_column(Moment)
    results_read_at: Mapped[datetime | None] = mapped_column(Moment)

    @classmethod
    def merged_values(cls, kept: Any, removed: Any) -> dict[str, Any]:
        """The line item of the removed column, if the kept one has none."""
        values = {"active": kept.active or removed.active}
        if kept.line_item_url is not None:
            return values
        names = ("line_item_url", "line_item_maximum")
        return {**values, **{name: getattr(removed, name) for name in names}}


class Grade(Base):
    """The grade of a user in a column: computed, or given by an instructor (``graded_at``).

    - ``points`` of ``maximum``; None while there is nothing to send. ``complete``: all that is
      required was done. ``submitted_at``: the latest contribution that counts.
    - ``state``: ``none``, ``waiting``, ``sent``, ``refused`` (``problem`` says why) or ``kept``:
      the LMS holds a grade that was not sent from here, and that is not replaced.
    - ``due_at``: when the grade is sent, or tried again; None if nothing is to be sent.
      ``attempts``: failed ones since the latest change. ``revision`` counts the changes.
    - ``sent_…``: what the LMS has accepted. ``tried_…``: what was tried at last, which it may have
      accepted; ``tried_at`` is its timestamp (AGS 2.0 §3.4.7), which only grows. ``announced_at``:
      when the LMS was told that there is something to grade.
    - ``held_…``: the grade that the LMS held right after it accepted ``sent_…``: it may cap, round
      or scale. ``result_…``: the grade that it held when it was read, at ``result_read_at``.
    """

    __tablename__ = "grades"
    __table_args__ = (
        Index("ix_grades_user_id", "user_id"),
        Index("ix_grades_graded_by_id", "graded_by_id"),
        Index(
            "ix_grades_due", "column_id", "due_at", sqlite_where=_IS_DUE, postgresql_where=_IS_DUE
        ),
        {"sqlite_with_rowid": False},
    )

    column_id: Mapped[int] = mapped_column(
        ForeignKey("grade_columns.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    points: Mapped[float | None] = mapped_column(Double)
    maximum: Mapped[float | None] = mapped_column(Double)
    complete: Mapped[bool] = mapped_column(default=False, server_default=false())
    comment: Mapped[str | None] = mapped_column(Text)
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    graded_at: Mapped[datetime | None] = mapped_column(Moment)
    graded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(String(8), default="none", server_default="none")
    problem: Mapped[str | None] = mapped_column(String(32))
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    sent_points: Mapped[float | None] = mapped_column(Double)
    sent_maximum: Mapped[float | None] = mapped_column(Double)
    sent_comment: Mapped[str | None] = mapped_column(Text)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    tried_points: Mapped[float | None] = mapped_column(Double)
    tried_maximum: Mapped[float | None] = mapped_column(Double)
    tried_at: Mapped[datetime | None] = mapped_column(Moment)
    announced_at: Mapped[datetime | None] = mapped_column(Moment)
    held_points: Mapped[float | None] = mapped_column(Double)
    held_maximum: Mapped[float | None] = mapped_column(Double)
    result_points: Mapped[float | None] = mapped_column(Double)
    result_maximum: Mapped[float | None] = mapped_column(Double)
    result_read_at: Mapped[datetime | None] = mapped_column(Moment)

    @classmethod
    def merged_values(cls, kept: Any, removed: Any) -> dict[str, Any]:
        """The removed grade, if the kept one is empty, or not by hand as the removed one is.

        The later timestamp of both stays.
        """
        values: dict[str, Any] = {}
        by_hand = removed.graded_at is not None and kept.graded_at is None
        if removed.points is not None and (kept.points is None or by_hand):
            names = (
                *("points", "maximum", "complete", "comment", "submitted_at", "graded_at"),
                *("graded_by_id", "state", "problem", "due_at", "sent_points", "sent_maximum"),
                *("sent_comment", "sent_at", "tried_points", "tried_maximum", "announced_at"),
                *("held_points", "held_maximum"),
            )
            values = {name: getattr(removed, name) for name in names}
        moments = [each for each in (kept.tried_at, removed.tried_at) if each is not None]
        return {**values, "tried_at": max(moments)} if moments else values


class GradeUpdate(Base):
    """That a user's work in an activity has changed since the grades were computed.

    ``waiting``: an outbox row that computes them waits. The row is locked by each change, so that
    no change is missed (``gradebook.changes``).
    """

    __tablename__ = "grade_updates"
    __table_args__ = (
        Index("ix_grade_updates_user_id", "user_id"),
        {"sqlite_with_rowid": False},
    )

    resource_link_id: Mapped[int] = mapped_column(
        ForeignKey("resource_links.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    waiting: Mapped[bool] = mapped_column(default=True, server_default=true())
    changed_at: Mapped[datetime] = mapped_column(Moment)
