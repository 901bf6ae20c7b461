"""Find the activity that a command names by its number."""

from dataclasses import dataclass

import click
from sqlalchemy import Connection, select

from courseware.library import Library
from lti_tool.commands.shared import Operator
from lti_tool.directory.model import Course, Deployment, RegistrationRow, ResourceLink
from lti_tool.discussion.imports.plans import Place

MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Activity:
    """An activity as an operator knows it."""

    id: int
    institution: str
    course: str | None
    title: str | None
    module_id: str | None


def listed(connection: Connection, search: str = "") -> list[Activity]:
    """Return activities with a text in one of their names, the latest first."""
    query = _SELECT.order_by(ResourceLink.id.desc())
    if search:
        query = query.where(
            RegistrationRow.name.icontains(search, autoescape=True)
            | Course.title.icontains(search, autoescape=True)
            | ResourceLink.title.icontains(search, autoescape=True)
            | ResourceLink.module_id.icontains(search, autoescape=True)
        )
    return [Activity(*row) for row in connection.execute(query.limit(MOST_LISTED))]


def find_place(operator: Operator, activity_id: int, module_id: str | None) -> Place:
    """Return the place of an activity; ``module_id``: another module than the one it shows now.

    Ends the command with an explanation if there is no discussion.
    """
    query = select(ResourceLink.course_id, ResourceLink.module_id)
    with operator.ready_database.read_core() as connection:
        row = connection.execute(query.where(ResourceLink.id == activity_id)).first()
    if row is None:
        raise click.ClickException(
            f"There is no activity {activity_id}. List them with: lti-tool discussion list"
        )
    wanted = module_id or row.module_id
    if wanted is None:
        raise click.ClickException(f"Activity {activity_id} shows no module yet. Add: --module ID")
    module = Library(operator.settings.content_dir).get(wanted)
    if module is None or module.discussion_section is None:
        raise click.ClickException(
            f"There is no module {wanted!r} with a discussion in the content folder."
        )
    return Place(activity_id, row.course_id, module)


_SELECT = (
    select(
        ResourceLink.id,
        RegistrationRow.name,
        Course.title,
        ResourceLink.title,
        ResourceLink.module_id,
    )
    .join(Deployment, Deployment.id == ResourceLink.deployment_id)
    .join(RegistrationRow, RegistrationRow.id == Deployment.registration_id)
    .outerjoin(Course, Course.id == ResourceLink.course_id)
)
