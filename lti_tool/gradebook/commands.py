"""``lti-tool grades``: the columns whose grades have not reached the LMS."""

import json
from datetime import datetime
from typing import Any

import click
from sqlalchemy import Connection, and_, func, or_, select

from lti_tool.commands.shared import Operator, as_json, pass_operator
from lti_tool.directory.model import Course, Deployment, RegistrationRow, ResourceLink
from lti_tool.gradebook.model import Grade, GradeColumn

MOST = 200


@click.command()
@as_json
@pass_operator
def grades(operator: Operator, in_json: bool) -> None:
    """List the columns with grades that wait or were refused, and why (at most 200)."""
    with operator.ready_database.read_core() as connection:
        found = waiting_columns(connection)
    if in_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for each in found:
        names = (each["institution"], each["course"], each["activity"], each["column"])
        click.echo(" · ".join(name or "—" for name in names))
        reason = each["problem"] or "no problem of the column"
        paused = f", paused until {each['paused_until']}" if each["paused_until"] else ""
        click.echo(f"    {each['waiting']} waiting, {each['refused']} refused: {reason}{paused}")
    if not found:
        click.echo("No grade waits.")


def waiting_columns(connection: Connection) -> list[dict[str, Any]]:
    """Return the columns with a problem, or with grades that are not sent."""

    def number(state: str) -> Any:
        return (
            select(func.count())
            .where(
                Grade.column_id == GradeColumn.id, Grade.state == state, Grade.due_at.is_not(None)
            )
            .correlate(GradeColumn)
            .scalar_subquery()
        )

    waiting, refused = number("waiting"), number("refused")
    rows = connection.execute(
        select(
            RegistrationRow.name.label("institution"),
            Course.title.label("course"),
            ResourceLink.title.label("activity"),
            GradeColumn.kind.label("column"),
            GradeColumn.problem,
            GradeColumn.paused_until,
            waiting.label("waiting"),
            refused.label("refused"),
        )
        .join(ResourceLink, ResourceLink.id == GradeColumn.resource_link_id)
        .join(Deployment, Deployment.id == ResourceLink.deployment_id)
        .join(RegistrationRow, RegistrationRow.id == Deployment.registration_id)
        .outerjoin(Course, Course.id == ResourceLink.course_id)
        .where(
            and_(
                GradeColumn.active,
                or_(GradeColumn.problem.is_not(None), waiting > 0, refused > 0),
            )
        )
        .order_by(GradeColumn.id)
        .limit(MOST)
    )
    return [{name: _plain(value) for name, value in row._mapping.items()} for row in rows]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
