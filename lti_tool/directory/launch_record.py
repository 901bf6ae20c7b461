"""Record the user, course, membership and resource link of a launch.

One SELECT reads what is stored about the launch (``launch_query``); only what differs is written.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from lti_tool.directory.access import allows_guests, check_active, refused_preview
from lti_tool.directory.copied_links import Found, find_original
from lti_tool.directory.launch_query import read_stored
from lti_tool.directory.learner_counts import count_learners, counts_as_learner
from lti_tool.directory.link_choice import LinkChoice, LinkedModule, ShownModule
from lti_tool.directory.model import (
    ActivityOpening,
    Course,
    Deployment,
    Membership,
    ResourceLink,
    User,
)
from lti_tool.directory.sort_names import rename, sort_name
from lti_tool.lti.launch import Launch, LaunchUser
from lti_tool.lti.launch_claims import NAME_LIMIT
from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.roles import LEARNER_ROLE, TEST_ROLE, highest_role
from lti_tool.storage.database import Base, now

_OPENINGS_APART = timedelta(hours=1)
"""Launches within this time after a stored opening of the activity store no later one."""

SEEN_PRECISION = timedelta(days=1)
"""A launch sooner after the latest does not change ``Membership.seen_at``, to save the write."""


@dataclass(frozen=True, slots=True)
class LaunchRecord:
    """The rows that belong to a launch.

    ``user_id`` is None for a guest, ``course_id`` without an LTI context, ``resource_link_id``
    in a deep-linking request. ``module`` is the module to show, or to mark as selected there.
    ``copied_from`` is the resource link of which this one was recognised as a copy just now.
    ``wanted_path`` is the page that the user wants to see at the next launch (``wanted_pages``).
    ``options_at`` is the time of the link's selection, if its options have to be applied now.
    """

    deployment_id: int
    user_id: int | None
    course_id: int | None
    resource_link_id: int | None
    module: ShownModule
    copied_from: int | None = None
    wanted_path: str | None = None
    options_at: datetime | None = None


def record_launch(
    connection: Connection,
    launch: Launch,
    registration_id: int,
    *,
    linked: LinkedModule,
    own_record: bool = True,
    activity_url: str | None = None,
    referred: bool = False,
) -> LaunchRecord:
    """Write what a launch changes; call it inside the transaction of the launch.

    ``linked`` is the module that the resource link's own URL or custom parameter names; without one
    the choice stays as it is, and one that the library lacks does not override an instructor's.
    ``own_record`` is False for a preview or an impersonation, which must not change the user.
    ``activity_url`` is the URL of the activity in the LMS; None leaves what is stored.
    ``referred``: the resource link is not that of the message, but was found by a reference, so the
    message says nothing about it, and may lack services of the course.

    Raises :class:`Refused` for an inactive registration or deployment, an unknown deployment where
    the registration refuses those, and a guest, a test user or an impersonation where the
    institution does not allow them.
    """
    recorder = _Recorder(
        connection,
        launch,
        registration_id,
        linked,
        own_record,
        activity_url,
        referred,
    )
    return recorder.record()


class _Recorder:
    def __init__(
        self,
        connection: Connection,
        launch: Launch,
        registration_id: int,
        linked: LinkedModule,
        own_record: bool,
        activity_url: str | None,
        referred: bool,
    ) -> None:
        self._connection = connection
        self._launch = launch
        self._registration_id = registration_id
        self._linked = linked
        self._own_record = own_record
        self._activity_url = activity_url
        self._referred = referred
        self._now: datetime = now()
        self._stored = read_stored(connection, launch, registration_id)

    def record(self) -> LaunchRecord:
        self._check()
        deployment_id = self._deployment()
        user_id = self._user()
        course_id = self._course(deployment_id)
        self._membership(user_id, course_id)
        original = self._find_original(deployment_id)
        choice = LinkChoice(self._linked, self._stored, original, self._launch.custom)
        resource_link_id = self._resource_link(deployment_id, course_id, choice)
        self._opening(resource_link_id, user_id)
        options_at = choice.selected_at
        if resource_link_id is None or options_at == self._stored.options_at:
            options_at = None
        return LaunchRecord(
            deployment_id=deployment_id,
            user_id=user_id,
            course_id=course_id,
            resource_link_id=resource_link_id,
            module=choice.shown(),
            copied_from=int(original.id) if original else None,
            options_at=options_at,
            wanted_path=self._stored.wanted_path,
        )

    def _check(self) -> None:
        launch, stored = self._launch, self._stored
        facts = {
            "issuer": launch.issuer,
            "client_id": launch.client_id,
            "deployment_id": launch.deployment_id,
        }
        check_active(
            stored.registration_status,
            stored.deployment_status,
            administrator=launch.roles.administrator,
            **facts,
        )
        if stored.deployment_id is None and stored.unknown_deployments == "refuse":
            raise Refused(Code.UNKNOWN_DEPLOYMENT, **facts)
        if launch.user.subject is None and not allows_guests(stored.guests):
            raise Refused(Code.ANONYMOUS_REFUSED, **facts)
        if not self._own_record:
            code = refused_preview(
                is_test_user=launch.roles.test_user,
                test_users=stored.test_users,
                impersonation=stored.impersonation,
            )
            if code is not None:
                raise Refused(code, **facts)

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
        locale = self._launch.presentation.locale or user.locale
        if stored.user_id is None:
            return self._insert(
                User,
                registration_id=self._registration_id,
                subject=user.subject,
                kind="person" if self._own_record else "test",
                name=self._name(),
                email=self._email(),
                locale=locale,
            )
        if self._own_record:
            self._update(
                User,
                stored.user_id,
                old={
                    "name": stored.user_name,
                    "email": stored.user_email,
                    "kind": stored.user_kind,
                    "locale": stored.user_locale,
                },
                new={
                    "name": self._name(),
                    "email": self._email(),
                    "kind": "person",
                    "locale": locale or stored.user_locale,
                },
            )
            if stored.user_name != self._name():
                rename(self._connection, {stored.user_id: self._name()})
        return int(stored.user_id)

    def _name(self) -> str | None:
        return full_name(self._launch.user) if self._stored.store_names else None

    def _email(self) -> str | None:
        return self._launch.user.email if self._stored.store_emails else None

    def _course(self, deployment_id: int) -> int | None:
        launch, stored = self._launch, self._stored
        if launch.course is None:
            return None
        new = {
            "title": launch.course.title,
            "label": launch.course.label,
            "memberships_url": launch.roster.memberships if launch.roster else None,
            "groups_url": launch.groups.groups if launch.groups else None,
        }
        if stored.course_id is None:
            return self._insert(
                Course, deployment_id=deployment_id, context_id=launch.course.id, **new
            )
        old = {
            "title": stored.course_title,
            "label": stored.course_label,
            "memberships_url": stored.memberships_url,
            "groups_url": stored.groups_url,
        }
        if self._referred:
            new = {name: value for name, value in new.items() if value is not None}
        self._update(Course, stored.course_id, old=old, new=new)
        return int(stored.course_id)

    def _membership(self, user_id: int | None, course_id: int | None) -> None:
        if user_id is None or course_id is None:
            return
        # Roles are stored separated by spaces; one that contains a space would be read as two.
        roles = " ".join(uri for uri in self._launch.roles.uris if len(uri.split()) == 1)
        stored = self._stored
        new: dict[str, Any] = {"roles": roles, "role": self._role(), "ended_at": None}
        if stored.membership_id is None:
            if new["role"] == LEARNER_ROLE:
                count_learners(self._connection, course_id, 1)
            new["seen_at"] = self._now if self._own_record else None
            known = self._stored.user_id is not None and not self._own_record
            new["sort_name"] = sort_name(stored.user_name if known else self._name())
            self._insert(Membership, course_id=course_id, user_id=user_id, **new)
            return
        old = {name: getattr(stored, name) for name in ("roles", "role", "ended_at", "seen_at")}
        seen_at = old["seen_at"]
        if not self._own_record:
            new["ended_at"] = old["ended_at"]
        elif old["ended_at"] is not None:
            # From now on the member is known from this launch, until a roster has the user again.
            new |= {"seen_at": self._now, "roster_read_at": None}
        elif seen_at is None or self._now - seen_at > SEEN_PRECISION:
            new["seen_at"] = self._now
        if (old["role"], old["ended_at"]) != (new["role"], new["ended_at"]):
            self._count_change(stored.membership_id, course_id, new)
        self._update(Membership, stored.membership_id, old={"roster_read_at": 0, **old}, new=new)

    def _role(self) -> str:
        if not self._own_record and self._stored.user_kind in (None, "test"):
            return TEST_ROLE
        return highest_role(self._launch.roles)

    def _count_change(self, membership_id: int, course_id: int, new: dict[str, Any]) -> None:
        """Count a change of role or status, from the values at this moment.

        The order of the locks (user, course, membership) is that of ``roster.members``.
        """
        self._connection.execute(
            select(Course.id).where(Course.id == course_id).with_for_update()
        ).all()
        row = self._connection.execute(
            select(Membership.role, Membership.ended_at)
            .where(Membership.id == membership_id)
            .with_for_update()
        ).one()
        change = counts_as_learner(new["role"], new["ended_at"]) - counts_as_learner(*row)
        count_learners(self._connection, course_id, change)

    def _find_original(self, deployment_id: int) -> Found | None:
        if self._stored.module_id is not None or not self._opens_activity():
            return None
        own_id = self._stored.resource_link_id
        return find_original(self._connection, self._launch, deployment_id, own_id)

    def _opens_activity(self) -> bool:
        """Whether the launch is of a resource link; a deep-linking request may name one to edit."""
        return self._launch.resource_link is not None and self._launch.deep_linking is None

    def _resource_link(
        self, deployment_id: int, course_id: int | None, choice: LinkChoice
    ) -> int | None:
        launch, stored = self._launch, self._stored
        if launch.resource_link is None or not self._opens_activity():
            return None
        if self._referred and stored.resource_link_id is not None:
            return int(stored.resource_link_id)
        new = {
            "title": launch.resource_link.title,
            "line_items_url": launch.grades.line_items if launch.grades else stored.line_items_url,
            "line_item_url": self._line_item(),
            "activity_url": self._activity_url or stored.activity_url,
            "lti1p1_id": launch.resource_link.lti1p1_id or stored.lti1p1_id,
            "options_at": choice.selected_at or stored.options_at,
            **choice.values(),
        }
        if stored.resource_link_id is None:
            return self._insert(
                ResourceLink,
                deployment_id=deployment_id,
                course_id=course_id,
                lti_resource_link_id=launch.resource_link.id,
                **new,
            )
        old = {name: getattr(stored, name) for name in new if name != "title"}
        old["title"] = stored.resource_link_title
        self._update(ResourceLink, stored.resource_link_id, old=old, new=new)
        return int(stored.resource_link_id)

    def _line_item(self) -> str | None:
        """The resource link's own line item; a submission review names the one under review."""
        grades = self._launch.grades
        if grades is None or self._launch.message_type == "LtiSubmissionReviewRequest":
            url: str | None = self._stored.line_item_url
            return url
        return grades.line_item

    def _opening(self, resource_link_id: int | None, user_id: int | None) -> None:
        if resource_link_id is None or user_id is None or not self._own_record:
            return
        key = {"resource_link_id": resource_link_id, "user_id": user_id}
        latest: datetime | None = self._stored.opened_at
        if latest is None:
            moments = {"first_at": self._now, "latest_at": self._now}
            self._connection.execute(_INSERT_OPENING, {**key, **moments})
        elif self._now - latest > _OPENINGS_APART:
            self._connection.execute(
                update(ActivityOpening).filter_by(**key).values(latest_at=self._now)
            )

    def _insert(self, table: type[Base], **values: Any) -> int:
        result = self._connection.execute(_INSERT[table], {**values, "created_at": self._now})
        key = result.inserted_primary_key
        assert key is not None
        return int(key[0])

    def _update(self, table: Any, row_id: int, *, old: dict[str, Any], new: dict[str, Any]) -> None:
        changed = {name: value for name, value in new.items() if old[name] != value}
        if changed:
            self._connection.execute(update(table).where(table.id == row_id).values(**changed))


def full_name(user: LaunchUser) -> str | None:
    """Return the full name, or the given and family names where the platform sends only those."""
    parts = " ".join(filter(None, (user.given_name, user.family_name)))
    return user.name or parts[:NAME_LIMIT] or None


_INSERT: dict[type[Base], Any] = {
    table: insert(table) for table in (Deployment, User, Course, Membership, ResourceLink)
}

_INSERT_OPENING = insert(ActivityOpening)
