"""The tables that every feature refers to.

Registrations, deployments and invitations; users, courses, memberships and resource links as
launches describe them.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    column,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.directory.exchange_model import InstitutionRow
from lti_tool.storage.database import Base, Moment


class RegistrationRow(Base):
    """A platform's registration of this tool: an issuer and the client ID that it issued.

    ``status``: ``active``, ``pending`` (an operator must approve it), ``disabled`` (by an operator)
    or ``paused`` (by an administrator of the institution, whose pages remain open).
    ``unknown_deployments``: ``accept`` stores a deployment at its first launch, ``refuse`` rejects
    the launch until an operator adds it. ``guests``: what an anonymous launch may do (``none``,
    ``read``, ``post``). ``translation``: whether texts of posts may be sent to the operator's
    translation service. ``store_names``, ``store_emails``: whether the names and e-mail addresses
    that the platform sends are stored. ``observers``: what those may do whose only role in a course
    is that of an observer (``Mentor``): ``read`` or ``post``. ``test_users`` (the test user of an
    LMS's preview) and ``impersonation`` (people who act as another person): ``read``, or ``none``
    refuses the launch; they never change anything, because it would count as somebody else's.
    """

    __tablename__ = "registrations"
    __table_args__ = (UniqueConstraint("issuer", "client_id", name="uq_registrations_client"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(String(255))
    client_id: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255))
    authorization_endpoint: Mapped[str] = mapped_column(String(2000))
    token_endpoint: Mapped[str | None] = mapped_column(String(2000))
    token_audience: Mapped[str | None] = mapped_column(String(2000))
    jwks_uri: Mapped[str] = mapped_column(String(2000))
    product: Mapped[str | None] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16), default="active")
    unknown_deployments: Mapped[str] = mapped_column(String(16), default="accept")
    guests: Mapped[str] = mapped_column(String(8), default="read")
    translation: Mapped[bool] = mapped_column(default=False, server_default=false())
    store_names: Mapped[bool] = mapped_column(default=True, server_default=true())
    store_emails: Mapped[bool] = mapped_column(default=True, server_default=true())
    observers: Mapped[str] = mapped_column(String(8), default="post", server_default="post")
    test_users: Mapped[str] = mapped_column(String(8), default="read", server_default="read")
    impersonation: Mapped[str] = mapped_column(String(8), default="read", server_default="read")
    frame_origins: Mapped[str] = mapped_column(Text, default="")
    """Additional origins that may frame the tool, separated by spaces."""
    scopes: Mapped[str] = mapped_column(Text, default="")
    """The scopes that the platform granted at registration, separated by spaces."""
    configuration_url: Mapped[str | None] = mapped_column(String(2000))
    """URL of the platform's configuration at dynamic registration, without the token."""
    retention_months: Mapped[int | None]
    """Months after the last use of a discussion; None keeps discussions for ever."""
    retention_action: Mapped[str] = mapped_column(
        String(12), default="delete", server_default="delete"
    )
    """What happens then: ``delete`` the discussion, or ``anonymise`` its authors."""
    former_ids: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Row IDs of registrations that were joined to this one, separated by spaces (``erasures``)."""
    created_at: Mapped[datetime] = mapped_column(Moment)

    @classmethod
    def merged_values(cls, kept: Any, removed: Any) -> dict[str, Any]:
        """The policies of the kept one stay."""
        return {"former_ids": f"{kept.former_ids} {removed.id} {removed.former_ids}".strip()}


class Deployment(Base):
    """A deployment of the tool on a platform: for a whole site, an account or a course."""

    __tablename__ = "deployments"
    __table_args__ = (
        UniqueConstraint("registration_id", "deployment_id", name="uq_deployments_place"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id", ondelete="CASCADE"))
    deployment_id: Mapped[str] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(String(16), default="active")
    institution_id: Mapped[int | None] = mapped_column(
        ForeignKey(InstitutionRow.id, ondelete="SET NULL"), index=True
    )
    """The institution whose courses can share discussions; None until one does (``exchanges``)."""
    created_at: Mapped[datetime] = mapped_column(Moment)

    @classmethod
    def merged_values(cls, kept: Any, removed: Any) -> dict[str, Any]:
        """The institution of either."""
        return {"institution_id": kept.institution_id or removed.institution_id}


class RegistrationChange(Base):
    """A change that a dynamic registration requested, stored until an operator decides.

    The columns have the meaning of those in :class:`RegistrationRow`. An empty ``product`` or
    ``scopes`` leaves the value unchanged; ``deployment_id`` is a deployment to add. Rows are never
    updated and IDs are never reused, so an operator confirms exactly what was listed.
    """

    __tablename__ = "registration_changes"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), index=True
    )
    authorization_endpoint: Mapped[str] = mapped_column(String(2000))
    token_endpoint: Mapped[str | None] = mapped_column(String(2000))
    token_audience: Mapped[str | None] = mapped_column(String(2000))
    jwks_uri: Mapped[str] = mapped_column(String(2000))
    product: Mapped[str | None] = mapped_column(String(64))
    scopes: Mapped[str] = mapped_column(Text)
    deployment_id: Mapped[str | None] = mapped_column(String(255))
    configuration_url: Mapped[str | None] = mapped_column(String(2000))
    invitation: Mapped[str | None] = mapped_column(String(255))
    """The name of the invitation that was used; None without an invitation."""
    created_at: Mapped[datetime] = mapped_column(Moment)


class CourseCopy(Base):
    """That a course was copied from another one, as a notice of the platform said.

    ``context_id`` and ``origin_context_id`` are LTI context IDs of one deployment.
    """

    __tablename__ = "course_copies"
    __table_args__ = ({"sqlite_with_rowid": False},)

    deployment_id: Mapped[int] = mapped_column(
        ForeignKey("deployments.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    context_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    origin_context_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    announced_at: Mapped[datetime] = mapped_column(Moment)


class Invitation(Base):
    """A code with which one institution can register its platform; only its hash is stored."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(255), default="")
    uses_left: Mapped[int]
    issuer_origin: Mapped[str | None] = mapped_column(String(255))
    """Origin of the issuer that used it first; other issuers cannot use it afterwards."""
    expires_at: Mapped[datetime] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)


class User(Base):
    """A user of a platform, identified by the LTI ``sub`` claim, never by name or e-mail address.

    ``subject`` is None for a guest (an anonymous launch). ``kind``: ``person``, ``guest``, or
    ``test`` (a platform's preview of a participant).
    """

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("registration_id", "subject", name="uq_users_subject"),
        # For reports about failed mail, which name only the address.
        Index("ix_users_email", "email"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id", ondelete="CASCADE"))
    subject: Mapped[str | None] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(8), default="person")
    name: Mapped[str | None] = mapped_column(String(255))
    email: Mapped[str | None] = mapped_column(String(320))
    language: Mapped[str | None] = mapped_column(String(35))
    """The module language that the user chose, if any."""
    locale: Mapped[str | None] = mapped_column(String(35))
    """The locale of the latest launch: the language of mail to the user."""
    created_at: Mapped[datetime] = mapped_column(Moment)

    @classmethod
    def merged_values(cls, kept: Any, removed: Any) -> dict[str, Any]:
        """What either has; the kept user is the one of the later registration."""
        names = ("name", "email", "language", "locale")
        values = {name: getattr(kept, name) or getattr(removed, name) for name in names}
        person = "person" in (kept.kind, removed.kind)
        values["kind"] = "person" if person else kept.kind
        return {**values, "created_at": min(kept.created_at, removed.created_at)}


class Course(Base):
    """A course: the LTI context of a deployment."""

    __tablename__ = "courses"
    __table_args__ = (UniqueConstraint("deployment_id", "context_id", name="uq_courses_context"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployments.id", ondelete="CASCADE"))
    context_id: Mapped[str] = mapped_column(String(255))
    title: Mapped[str | None] = mapped_column(String(500))
    label: Mapped[str | None] = mapped_column(String(255))
    memberships_url: Mapped[str | None] = mapped_column(String(2000))
    retention_months: Mapped[int | None]
    """Overrides the registration's rule if ``retention_action`` is set."""
    retention_action: Mapped[str | None] = mapped_column(String(12))
    groups_url: Mapped[str | None] = mapped_column(String(2000))
    learner_count: Mapped[int] = mapped_column(default=0, server_default="0")
    """Memberships with the role ``learner`` that have not ended; changed with each of them."""
    created_at: Mapped[datetime] = mapped_column(Moment)


_IS_ACTIVE = text("ended_at IS NULL")
SORT_NAME_LIMIT = 100
NAMELESS = "1"
"""``sort_name`` of a user without a name; those of all others begin with 0."""


class Membership(Base):
    """A user in a course, as the latest launch or the roster of the LMS says.

    - ``roles``: LTI role URIs, separated by spaces. All open launch sessions of the user in the
      course have the rights of these roles.
    - ``role``: the highest of them, one of ``lti.roles.ROLES``; ``test`` for a test user.
    - ``roster_read_at``: start of the latest read of the roster that listed the user; None for
      someone of whom only launches are known.
    - ``seen_at``: the day of the latest launch (a time that is at most a day old then).
    - ``sort_name``: the user's name as lists are sorted (``sort_names``).
    - ``ended_at``: when a roster of the course no longer had the user, whose launch sessions are
      closed since; a launch clears it.
    """

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("course_id", "user_id", name="uq_memberships_pair"),
        Index(
            "ix_memberships_active",
            *("course_id", "role", "user_id"),
            sqlite_where=_IS_ACTIVE,
            postgresql_where=_IS_ACTIVE,
        ),
        Index(
            "ix_memberships_by_name",
            *("course_id", "sort_name", "user_id", "role"),
            sqlite_where=_IS_ACTIVE,
            postgresql_where=_IS_ACTIVE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(12), default="other", server_default="other")
    roster_read_at: Mapped[datetime | None] = mapped_column(Moment)
    roles: Mapped[str] = mapped_column(Text, default="")
    # Sorted by code points in both engines, regardless of the locale of the database.
    sort_name: Mapped[str] = mapped_column(
        String(SORT_NAME_LIMIT).with_variant(String(SORT_NAME_LIMIT, collation="C"), "postgresql"),
        default=NAMELESS,
        server_default=NAMELESS,
    )
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


_WITHOUT_COURSE = column("course_id").is_(None)
_WAS_MIGRATED = text("lti1p1_id IS NOT NULL")
_IS_COPY = text("copied_from_id IS NOT NULL")


class ResourceLink(Base):
    """An LTI resource link (an activity in a course) and the module that it shows.

    A resource link belongs to its context: some platforms keep its ID when a course is copied or
    repeated, so the same ID in another course is another resource link.

    ``module_source`` says who chose the module: ``link`` (the URL or custom parameter of the
    resource link) or ``instructor``. The latest choice applies. A link that this tool made has the
    time of its selection, which is compared with ``chosen_at``, the time of the instructor's choice
    (None: not known, and earlier). Any other link overrides an instructor's choice only when it
    names another module than ``linked_module``, the one that it named before (None: none; empty:
    not known). Where several links have one ID, they name their
    modules in turn: ``linked_before`` has the modules that were named before ``linked_module``, and
    ``linked_again`` those that were named again after another one; these are no change. Both are
    IDs separated by spaces.

    ``part`` is the part of the module that is shown (``courseware.parts``; empty: the whole), and
    ``module_language`` its language for readers who have chosen none. They are chosen with the
    module. ``options_at`` is the time of the selection whose other options were applied last.

    ``copied_from_id`` is the resource link of which this one is a copy, while it shows its module.
    ``lti1p1_id`` is its ID in LTI 1.1, where the platform was migrated: what the platform says of
    copies may name either.
    """

    __tablename__ = "resource_links"
    __table_args__ = (
        UniqueConstraint(
            "deployment_id", "course_id", "lti_resource_link_id", name="uq_resource_links_link"
        ),
        # NULLs are distinct in a unique constraint: links without a course need their own index.
        Index(
            "uq_resource_links_without_course",
            *("deployment_id", "lti_resource_link_id"),
            unique=True,
            sqlite_where=_WITHOUT_COURSE,
            postgresql_where=_WITHOUT_COURSE,
        ),
        Index("ix_resource_links_lti_id", "lti_resource_link_id", "deployment_id"),
        Index(
            "ix_resource_links_lti1p1_id",
            *("lti1p1_id", "deployment_id"),
            sqlite_where=_WAS_MIGRATED,
            postgresql_where=_WAS_MIGRATED,
        ),
        Index(
            "ix_resource_links_copies",
            "copied_from_id",
            sqlite_where=_IS_COPY,
            postgresql_where=_IS_COPY,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployments.id", ondelete="CASCADE"))
    lti_resource_link_id: Mapped[str] = mapped_column(String(255))
    lti1p1_id: Mapped[str | None] = mapped_column(String(255))
    course_id: Mapped[int | None] = mapped_column(
        ForeignKey("courses.id", ondelete="CASCADE"), index=True
    )
    title: Mapped[str | None] = mapped_column(String(500))
    module_id: Mapped[str | None] = mapped_column(String(64))
    module_source: Mapped[str | None] = mapped_column(String(16))
    part: Mapped[str] = mapped_column(String(80), default="", server_default="")
    module_language: Mapped[str | None] = mapped_column(String(35))
    chosen_at: Mapped[datetime | None] = mapped_column(Moment)
    linked_module: Mapped[str | None] = mapped_column(String(64))
    linked_before: Mapped[str] = mapped_column(Text, default="", server_default="")
    linked_again: Mapped[str] = mapped_column(Text, default="", server_default="")
    options_at: Mapped[datetime | None] = mapped_column(Moment)
    copied_from_id: Mapped[int | None] = mapped_column(
        ForeignKey("resource_links.id", ondelete="SET NULL")
    )
    line_items_url: Mapped[str | None] = mapped_column(String(2000))
    line_item_url: Mapped[str | None] = mapped_column(String(2000))
    activity_url: Mapped[str | None] = mapped_column(String(2000))
    """The activity in the LMS, or the nearest page to it that a launch tells, for links in mail."""
    created_at: Mapped[datetime] = mapped_column(Moment)

    @classmethod
    def merged_values(cls, kept: Any, removed: Any) -> dict[str, Any]:
        """The module of the removed link, if the kept one has none."""
        if kept.module_id is not None:
            return {}
        choice = ("module_id", "module_source", "part", "module_language", "chosen_at")
        linked = ("linked_module", "linked_before", "linked_again")
        return {name: getattr(removed, name) for name in (*choice, *linked)}


class ActivityOpening(Base):
    """That a user has opened an activity: the first time, and the latest one to an hour."""

    __tablename__ = "activity_openings"
    __table_args__ = (
        Index("ix_activity_openings_user_id", "user_id"),
        Index("ix_activity_openings_latest", "resource_link_id", "latest_at", "user_id"),
        {"sqlite_with_rowid": False},
    )

    resource_link_id: Mapped[int] = mapped_column(
        ForeignKey("resource_links.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    first_at: Mapped[datetime] = mapped_column(Moment)
    latest_at: Mapped[datetime] = mapped_column(Moment)

    @classmethod
    def merged_values(cls, kept: Any, removed: Any) -> dict[str, Any]:
        """The first and the latest opening of either."""
        return {
            "first_at": min(kept.first_at, removed.first_at),
            "latest_at": max(kept.latest_at, removed.latest_at),
        }


class WantedPage(Base):
    """The page that a user wants to see at the next launch of an activity: see ``wanted_pages``.

    ``path`` is below the path of the launch session. The row applies until ``expires_at``.
    """

    __tablename__ = "wanted_pages"
    __table_args__ = (
        Index("ix_wanted_pages_user_id", "user_id"),
        {"sqlite_with_rowid": False},
    )

    resource_link_id: Mapped[int] = mapped_column(
        ForeignKey("resource_links.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    path: Mapped[str] = mapped_column(String(100))
    expires_at: Mapped[datetime] = mapped_column(Moment)


class Erasure(Base):
    """That a user was erased: holds after a restored backup, and against a roster (``erasures``).

    ``user_hash`` is a keyed hash of the LTI subject, so that the row names nobody.
    """

    __tablename__ = "erasures"
    __table_args__ = ({"sqlite_with_rowid": False},)

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True
    )
    user_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    erased_at: Mapped[datetime] = mapped_column(Moment)
