"""Record the user, course, membership and resource link of a launch.

One SELECT reads everything that is stored about the launch; only what differs is written.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Row,
    and_,
    bindparam,
    insert,
    select,
    update,
)

from lti_tool.directory.access import allows_guests, check_active
from lti_tool.directory.model import (
    Course,
    Deployment,
    Membership,
    RegistrationRow,
    ResourceLink,
    User,
)
from lti_tool.lti.launch import Launch, LaunchUser
from lti_tool.lti.launch_claims import NAME_LIMIT
from lti_tool.lti.refusal import Code, Refused
from lti_tool.storage.database import Base, now


@dataclass(frozen=True, slots=True)
class LaunchRecord:
    """The rows that belong to a launch.

    ``user_id`` is None for a guest, ``course_id`` without an LTI context, ``resource_link_id``
    without a resource link (deep linking). ``module_id`` is the module to show, if there is one.
    """

    deployment_id: int
    user_id: int | None
    course_id: int | None
    resource_link_id: int | None
    module_id: str | None


def record_launch(
    connection: Connection,
    launch: Launch,
    registration_id: int,
    *,
    linked_module: str | None = None,
    linked_module_exists: bool = True,
    own_record: bool = True,
) -> LaunchRecord:
    """Write what a launch changes; call it inside the transaction of the launch.

    ``linked_module`` is the module that the resource link's own URL or custom parameter names, or
    None to leave the choice as it is; one that the library lacks does not override an instructor's.
    ``own_record`` is False for a preview or an impersonation, which must not change the user.

    Raises :class:`Refused` for an inactive registration or deployment, an unknown deployment where
    the registration refuses those, and a guest where guests are not allowed.
    """
    recorder = _Recorder(
        connection, launch, registration_id, linked_module, linked_module_exists, own_record
    )
    return recorder.record()


class _Recorder:
    def __init__(
        self,
        connection: Connection,
        launch: Launch,
        registration_id: int,
        linked_module: str | None,
        linked_module_exists: bool,
        own_record: bool,
    ) -> None:
        self._connection = connection
        self._launch = launch
        self._registration_id = registration_id
        self._linked_module = linked_module
        self._linked_module_exists = linked_module_exists
        self._own_record = own_record
        self._now: datetime = now()
        self._stored: Row[Any] = self._read()

    def record(self) -> LaunchRecord:
        self._check()
        deployment_id = self._deployment()
        user_id = self._user()
        course_id = self._course(deployment_id)
        self._membership(user_id, course_id)
        resource_link_id = self._resource_link(deployment_id, course_id)
        return LaunchRecord(deployment_id, user_id, course_id, resource_link_id, self._module())

    def _read(self) -> Row[Any]:
        launch = self._launch
        row = self._connection.execute(
            _STORED if launch.course else _STORED_WITHOUT_COURSE,
            {
                "registration": self._registration_id,
                "deployment": launch.deployment_id,
                "subject": launch.user.subject,
                "context": launch.course.id if launch.course else None,
                "link": launch.resource_link.id if launch.resource_link else None,
            },
        ).first()
        if row is None:
            raise Refused(Code.UNKNOWN_CLIENT, issuer=launch.issuer, client_id=launch.client_id)
        return row

    def _check(self) -> None:
        launch, stored = self._launch, self._stored
        facts = {
            "issuer": launch.issuer,
            "client_id": launch.client_id,
            "deployment_id": launch.deployment_id,
        }
        check_active(stored.registration_status, stored.deployment_status, **facts)
        if stored.deployment_id is None and stored.unknown_deployments == "refuse":
            raise Refused(Code.UNKNOWN_DEPLOYMENT, **facts)
        if launch.user.subject is None and not allows_guests(stored.guests):
            raise Refused(Code.ANONYMOUS_REFUSED, **facts)

    def _deployment(self) -> int:
        if self._stored.deployment_id is not None:
            return int(self._stored.deployment_id)
        return self._insert(
            Deployment,
            registration_id=self._registration_id,
            deployment_id=self._launch.deployment_id,
            status="active",
        )

    def _user(self) -> int | None:
        user, stored = self._launch.user, self._stored
        if user.subject is None:
            return None
        if stored.user_id is None:
            return self._insert(
                User,
                registration_id=self._registration_id,
                subject=user.subject,
                kind="person" if self._own_record else "test",
                name=_full_name(user),
                email=user.email,
            )
        if self._own_record:
            self._update(
                User,
                stored.user_id,
                old={
                    "name": stored.user_name,
                    "email": stored.user_email,
                    "kind": stored.user_kind,
                },
                new={"name": _full_name(user), "email": user.email, "kind": "person"},
            )
        return int(stored.user_id)

    def _course(self, deployment_id: int) -> int | None:
        launch, stored = self._launch, self._stored
        if launch.course is None:
            return None
        new = {
            "title": launch.course.title,
            "label": launch.course.label,
            "memberships_url": launch.roster.memberships if launch.roster else None,
        }
        if stored.course_id is None:
            return self._insert(
                Course, deployment_id=deployment_id, context_id=launch.course.id, **new
            )
        old = {
            "title": stored.course_title,
            "label": stored.course_label,
            "memberships_url": stored.memberships_url,
        }
        self._update(Course, stored.course_id, old=old, new=new)
        return int(stored.course_id)

    def _membership(self, user_id: int | None, course_id: int | None) -> None:
        if user_id is None or course_id is None:
            return
        # Roles are stored separated by spaces; one that contains a space would be read as two.
        roles = " ".join(uri for uri in self._launch.roles.uris if len(uri.split()) == 1)
        if self._stored.membership_id is None:
            self._insert(Membership, course_id=course_id, user_id=user_id, roles=roles)
        else:
            self._update(
                Membership,
                self._stored.membership_id,
                old={"roles": self._stored.roles},
                new={"roles": roles},
            )

    def _resource_link(self, deployment_id: int, course_id: int | None) -> int | None:
        launch, stored = self._launch, self._stored
        if launch.resource_link is None:
            return None
        new = {
            "title": launch.resource_link.title,
            "line_items_url": launch.grades.line_items if launch.grades else None,
            "line_item_url": launch.grades.line_item if launch.grades else None,
        }
        if self._linked_module is not None and self._linked_module_exists:
            new |= {"linked_module": self._linked_module}
        if self._link_decides():
            new |= {"module_id": self._linked_module, "module_source": "link"}
        if stored.resource_link_id is None:
            return self._insert(
                ResourceLink,
                deployment_id=deployment_id,
                course_id=course_id,
                lti_resource_link_id=launch.resource_link.id,
                **new,
            )
        old = {
            "title": stored.resource_link_title,
            "line_items_url": stored.line_items_url,
            "line_item_url": stored.line_item_url,
            "module_id": stored.module_id,
            "module_source": stored.module_source,
            "linked_module": stored.linked_module,
        }
        self._update(ResourceLink, stored.resource_link_id, old=old, new=new)
        return int(stored.resource_link_id)

    def _link_decides(self) -> bool:
        """Whether the module that the link names applies, and not an earlier instructor's choice.

        A link that names another module than before was changed in the LMS after that choice.
        """
        if self._linked_module is None:
            return False
        if self._stored.module_source != "instructor":
            return True
        changed = self._stored.linked_module not in (self._linked_module, "")
        return self._linked_module_exists and changed

    def _module(self) -> str | None:
        """The module that the link names or an instructor chose, or that was stored before."""
        if self._launch.resource_link is None:
            return None
        stored: str | None = self._stored.module_id
        return self._linked_module if self._link_decides() else stored

    def _insert(self, table: type[Base], **values: Any) -> int:
        result = self._connection.execute(_INSERT[table], {**values, "created_at": self._now})
        key = result.inserted_primary_key
        assert key is not None
        return int(key[0])

    def _update(self, table: Any, row_id: int, *, old: dict[str, Any], new: dict[str, Any]) -> None:
        changed = {name: value for name, value in new.items() if old[name] != value}
        if changed:
            self._connection.execute(update(table).where(table.id == row_id).values(**changed))


def _full_name(user: LaunchUser) -> str | None:
    """The full name, or the given and family names where the platform sends only those."""
    parts = " ".join(filter(None, (user.given_name, user.family_name)))
    return user.name or parts[:NAME_LIMIT] or None


_INSERT: dict[type[Base], Any] = {
    table: insert(table) for table in (Deployment, User, Course, Membership, ResourceLink)
}

_ROWS = (
    select(
        RegistrationRow.status.label("registration_status"),
        RegistrationRow.guests,
        RegistrationRow.unknown_deployments,
        Deployment.id.label("deployment_id"),
        Deployment.status.label("deployment_status"),
        User.id.label("user_id"),
        User.name.label("user_name"),
        User.email.label("user_email"),
        User.kind.label("user_kind"),
        Course.id.label("course_id"),
        Course.title.label("course_title"),
        Course.label.label("course_label"),
        Course.memberships_url,
        Membership.id.label("membership_id"),
        Membership.roles,
        ResourceLink.id.label("resource_link_id"),
        ResourceLink.title.label("resource_link_title"),
        ResourceLink.module_id,
        ResourceLink.module_source,
        ResourceLink.linked_module,
        ResourceLink.line_items_url,
        ResourceLink.line_item_url,
    )
    .select_from(RegistrationRow)
    .outerjoin(
        Deployment,
        and_(
            Deployment.registration_id == RegistrationRow.id,
            Deployment.deployment_id == bindparam("deployment"),
        ),
    )
    .outerjoin(
        User,
        and_(User.registration_id == RegistrationRow.id, User.subject == bindparam("subject")),
    )
    .outerjoin(
        Course,
        and_(Course.deployment_id == Deployment.id, Course.context_id == bindparam("context")),
    )
    .outerjoin(Membership, and_(Membership.course_id == Course.id, Membership.user_id == User.id))
    .where(RegistrationRow.id == bindparam("registration"))
)


def _with_resource_link(where: ColumnElement[bool]) -> Executable:
    return _ROWS.outerjoin(
        ResourceLink,
        and_(
            ResourceLink.deployment_id == Deployment.id,
            ResourceLink.lti_resource_link_id == bindparam("link"),
            where,
        ),
    )


# Two statements, so that each finds the resource link by a unique index.
_STORED = _with_resource_link(ResourceLink.course_id == Course.id)
_STORED_WITHOUT_COURSE = _with_resource_link(ResourceLink.course_id.is_(None))
