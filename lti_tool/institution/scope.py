"""Which data belong to the institution of a session.

An institution is a registration. Where several institutions share one client ID (Blackboard, and a
hosted Canvas whose key was entered manually), it is one deployment, and nothing of the other
deployments is shown or changed.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from lti_tool.directory.audit import Place
from lti_tool.directory.model import Course, Deployment, Membership, RegistrationRow, User
from lti_tool.directory.registrations import from_row
from lti_tool.lti.registration import Registration
from lti_tool.sessions.current import CurrentSession


@dataclass(frozen=True, slots=True)
class Institution:
    """The institution of a session. ``deployment_id`` (a row ID) is None if it is a registration.

    ``name`` is what people call it; ``status`` that of the registration or the deployment.
    """

    registration: Registration
    name: str
    status: str
    deployment_id: int | None

    @property
    def registration_id(self) -> int:
        """Row ID of the registration."""
        return self.registration.stored_id

    @property
    def shared(self) -> bool:
        """Whether other institutions have the same registration."""
        return self.deployment_id is not None

    @property
    def place(self) -> Place:
        """Where acts on the institution take place, for the audit log."""
        return Place(self.registration_id, self.deployment_id)

    def has_deployment(self) -> ColumnElement[bool]:
        """Condition on :class:`Deployment`."""
        if self.deployment_id is not None:
            return Deployment.id == self.deployment_id
        return Deployment.registration_id == self.registration_id

    def has_user(self) -> ColumnElement[bool]:
        """Condition on :class:`User`: of a shared registration, those in the own courses."""
        own = User.registration_id == self.registration_id
        if self.deployment_id is None:
            return own
        in_course = exists().where(
            Membership.user_id == User.id,
            Membership.course_id == Course.id,
            Course.deployment_id == self.deployment_id,
        )
        return own & in_course


def institution_of(session: Session, launch_session: CurrentSession) -> Institution:
    """The institution of a session. Takes at most two statements."""
    row = session.get_one(RegistrationRow, launch_session.registration_id)
    registration = from_row(row)
    profile = registration.profile
    shared = profile.shared_client(registration.issuer, registration.configuration_url)
    return institution_with(session, row.id, launch_session.deployment_id if shared else None)


def institution_with(
    session: Session, registration_id: int, deployment_id: int | None
) -> Institution:
    """The institution of a registration, or of a deployment (a row ID) if that is given."""
    row = session.get_one(RegistrationRow, registration_id)
    registration = from_row(row)
    if deployment_id is None:
        return Institution(registration, row.name, row.status, None)
    deployment = session.execute(
        select(Deployment.deployment_id, Deployment.status).where(Deployment.id == deployment_id)
    ).one()
    name = f"{row.name} · {deployment.deployment_id}"
    return Institution(registration, name, deployment.status, deployment_id)
