"""What the institution's pages show. Each function takes a bounded number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, or_, select

from lti_tool.directory import audit
from lti_tool.directory.cache_model import JwksCacheEntry, ServicePause
from lti_tool.directory.model import Course, Deployment, ResourceLink
from lti_tool.directory.service_uses import Use, uses_of
from lti_tool.institution.model import UsageDay
from lti_tool.institution.scope import Institution
from lti_tool.storage.database import now

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class DeploymentView:
    """A deployment and the last day on which it was used."""

    id: int
    deployment_id: str
    status: str
    created_at: datetime
    last_day: str | None

    @property
    def day_of_use(self) -> date | None:
        """The last day on which it was used, as far as it was counted."""
        return date.fromisoformat(self.last_day) if self.last_day else None


@dataclass(frozen=True, slots=True)
class PlatformState:
    """The state of the connection to the platform."""

    keys_fetched_at: datetime | None
    uses: dict[str, Use]
    paused_until: datetime | None
    pause_reason: str


@dataclass(frozen=True, slots=True)
class CourseView:
    """A course of the institution. ``learners`` is a stored count."""

    id: int
    title: str
    label: str | None
    learners: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ActivityView:
    """An activity of a course."""

    id: int
    title: str | None
    module_id: str | None
    created_at: datetime


def deployments(connection: Connection, institution: Institution) -> list[DeploymentView]:
    """The deployments of the institution, at most ``PER_PAGE``, the newest first."""
    last = (
        select(func.max(UsageDay.day))
        .where(UsageDay.deployment_id == Deployment.id, UsageDay.launches > 0)
        .correlate(Deployment)
        .scalar_subquery()
    )
    query = (
        select(
            Deployment.id, Deployment.deployment_id, Deployment.status, Deployment.created_at, last
        )
        .where(institution.has_deployment())
        .order_by(Deployment.id.desc())
        .limit(PER_PAGE)
    )
    return [DeploymentView(*row) for row in connection.execute(query).all()]


def platform_state(connection: Connection, institution: Institution) -> PlatformState:
    """When the platform's keys were fetched and its services last worked."""
    registration_id = institution.registration_id
    fetched = connection.scalar(
        select(JwksCacheEntry.fetched_at).where(JwksCacheEntry.registration_id == registration_id)
    )
    pause = connection.execute(
        select(ServicePause.until, ServicePause.reason).where(
            ServicePause.registration_id == registration_id
        )
    ).first()
    waits = pause is not None and pause.until > now().timestamp()
    return PlatformState(
        keys_fetched_at=_moment(fetched) if fetched else None,
        uses=uses_of(connection, registration_id),
        paused_until=_moment(pause.until) if pause is not None and waits else None,
        pause_reason=pause.reason if pause is not None and waits else "",
    )


def courses(
    connection: Connection, institution: Institution, *, text: str = "", before: int | None = None
) -> list[CourseView]:
    """A page of courses and one more, the newest first; ``text`` is in the title or label."""
    query = (
        select(
            Course.id,
            func.coalesce(Course.title, Course.label, Course.context_id),
            Course.label,
            Course.learner_count,
            Course.created_at,
        )
        .join(Deployment, Deployment.id == Course.deployment_id)
        .where(institution.has_deployment())
        .order_by(Course.id.desc())
        .limit(PER_PAGE + 1)
    )
    if before is not None:
        query = query.where(Course.id < before)
    if text:
        fields = (Course.title, Course.label)
        query = query.where(or_(*(each.icontains(text, autoescape=True) for each in fields)))
    return [CourseView(*row) for row in connection.execute(query).all()]


def course(connection: Connection, institution: Institution, course_id: int) -> CourseView | None:
    """One course of the institution."""
    row = connection.execute(
        select(
            Course.id,
            func.coalesce(Course.title, Course.label, Course.context_id),
            Course.label,
            Course.learner_count,
            Course.created_at,
        )
        .join(Deployment, Deployment.id == Course.deployment_id)
        .where(institution.has_deployment(), Course.id == course_id)
    ).first()
    return CourseView(*row) if row else None


def activities(
    connection: Connection, course_id: int, *, before: int | None = None
) -> list[ActivityView]:
    """A page of the activities of a course and one more, the newest first."""
    query = (
        select(ResourceLink.id, ResourceLink.title, ResourceLink.module_id, ResourceLink.created_at)
        .where(ResourceLink.course_id == course_id)
        .order_by(ResourceLink.id.desc())
        .limit(PER_PAGE + 1)
    )
    if before is not None:
        query = query.where(ResourceLink.id < before)
    return [ActivityView(*row) for row in connection.execute(query).all()]


def log(
    connection: Connection, institution: Institution, before: int | None
) -> Sequence[audit.Entry]:
    """A page of the audit log and one entry more."""
    return audit.entries(
        connection,
        institution.registration_id,
        deployment_id=institution.deployment_id,
        before=before,
    )


@dataclass(frozen=True, slots=True)
class Usage:
    """The usage of one week, which begins on ``start``."""

    start: date
    launches: int
    people: int
    posts: int


WEEKS = 26


def usage(connection: Connection, institution: Institution) -> list[Usage]:
    """The usage of the last weeks, the oldest first. ``people``: the most on one day."""
    today = now().date()
    first = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
    rows = connection.execute(
        select(
            UsageDay.day,
            func.sum(UsageDay.launches).label("launches"),
            func.sum(UsageDay.people).label("people"),
            func.sum(UsageDay.posts).label("posts"),
        )
        .join(Deployment, Deployment.id == UsageDay.deployment_id)
        .where(institution.has_deployment(), UsageDay.day >= first.isoformat())
        .group_by(UsageDay.day)
    ).all()
    weeks = {first + timedelta(weeks=number): [0, 0, 0] for number in range(WEEKS)}
    for row in rows:
        day = date.fromisoformat(row.day)
        sums = weeks.get(day - timedelta(days=day.weekday()))
        if sums is not None:
            sums[0] += row.launches
            sums[1] = max(sums[1], row.people)
            sums[2] += row.posts
    return [Usage(start, *sums) for start, sums in weeks.items()]


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, now().tzinfo)
