"""Which activity a submission review is about."""

from dataclasses import replace

from sqlalchemy import case, or_, select

from lti_tool.directory.model import Course, Deployment, ResourceLink
from lti_tool.gradebook.model import GradeColumn
from lti_tool.lti.launch import Launch, LaunchResourceLink
from lti_tool.storage.database import Database

_REVIEW = "LtiSubmissionReviewRequest"


def of_activity(database: Database, launch: Launch, registration_id: int) -> Launch:
    """Return a submission review with the activity whose line item is reviewed; others unchanged.

    The line item decides: the resource link can be absent, or that of the course, as Canvas sends
    it from SpeedGrader (https://github.com/instructure/canvas-lms/issues/1952). A line item that is
    not known in the course changes nothing. Takes one statement for a review, none otherwise.
    """
    url = launch.grades.line_item if launch.grades else None
    if launch.message_type != _REVIEW or url is None or launch.course is None:
        return launch
    named = launch.resource_link.id if launch.resource_link else ""
    # First the activity that the launch names, then one whose grades are sent there.
    order = (
        case((ResourceLink.lti_resource_link_id == named, 0), else_=1),
        case((GradeColumn.line_item_url == url, 0), else_=1),
        ResourceLink.id.desc(),
    )
    query = (
        select(ResourceLink.lti_resource_link_id, ResourceLink.title)
        .join(Deployment, Deployment.id == ResourceLink.deployment_id)
        .join(Course, Course.id == ResourceLink.course_id)
        .outerjoin(GradeColumn, GradeColumn.resource_link_id == ResourceLink.id)
        .where(
            Deployment.registration_id == registration_id,
            Deployment.deployment_id == launch.deployment_id,
            Course.context_id == launch.course.id,
            or_(GradeColumn.line_item_url == url, ResourceLink.line_item_url == url),
        )
        .order_by(*order)
        .limit(1)
    )
    with database.read_core() as connection:
        row = connection.execute(query).first()
    if row is None or row.lti_resource_link_id == named:
        return launch
    return replace(launch, resource_link=LaunchResourceLink(row.lti_resource_link_id, row.title))
