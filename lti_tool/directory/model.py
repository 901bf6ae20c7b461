"""The tables that every feature refers to.

Registrations, deployments and invitations; users, courses, memberships and resource links as
launches describe them; the caches of platforms' key sets and access tokens.
"""

from datetime import datetime

from sqlalchemy import Double, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base, Moment


class RegistrationRow(Base):
    """A platform's registration of this tool: an issuer and the client ID that it issued.

    ``status``: ``active``, ``pending`` (an operator must approve it) or ``disabled``.
    ``unknown_deployments``: ``accept`` stores a deployment at its first launch, ``refuse`` rejects
    the launch until an operator adds it. ``guests``: what an anonymous launch may do (``none``,
    ``read``, ``post``).
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
    frame_origins: Mapped[str] = mapped_column(Text, default="")
    """Additional origins that may frame the tool, separated by spaces."""
    scopes: Mapped[str] = mapped_column(Text, default="")
    """The scopes that the platform granted at registration, separated by spaces."""
    configuration_url: Mapped[str | None] = mapped_column(String(2000))
    """URL of the platform's configuration at dynamic registration, without the token."""
    created_at: Mapped[datetime] = mapped_column(Moment)


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
    created_at: Mapped[datetime] = mapped_column(Moment)


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
    __table_args__ = (UniqueConstraint("registration_id", "subject", name="uq_users_subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id", ondelete="CASCADE"))
    subject: Mapped[str | None] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(8), default="person")
    name: Mapped[str | None] = mapped_column(String(255))
    email: Mapped[str | None] = mapped_column(String(320))
    language: Mapped[str | None] = mapped_column(String(35))
    """The module language that the user chose, if any."""
    created_at: Mapped[datetime] = mapped_column(Moment)


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
    created_at: Mapped[datetime] = mapped_column(Moment)


class Membership(Base):
    """A user in a course, with the roles of the latest launch (LTI role URIs, space-separated).

    All open launch sessions of the user in the course have the rights of these roles.
    """

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("course_id", "user_id", name="uq_memberships_pair"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    roles: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Moment)


_WITHOUT_COURSE = text("course_id IS NULL")


class ResourceLink(Base):
    """An LTI resource link (an activity in a course) and the module that it shows.

    A resource link belongs to its context: some platforms keep its ID when a course is copied or
    repeated, so the same ID in another course is another resource link.

    ``module_source`` says who chose the module: ``link`` (the URL or custom parameter of the
    resource link) or ``instructor``. The latest choice applies: a launch overrides an instructor's
    choice only when its link names another module than ``linked_module``, the one that the link
    named before (None: none; empty: not known).
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
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployments.id", ondelete="CASCADE"))
    lti_resource_link_id: Mapped[str] = mapped_column(String(255))
    course_id: Mapped[int | None] = mapped_column(
        ForeignKey("courses.id", ondelete="CASCADE"), index=True
    )
    title: Mapped[str | None] = mapped_column(String(500))
    module_id: Mapped[str | None] = mapped_column(String(64))
    module_source: Mapped[str | None] = mapped_column(String(16))
    linked_module: Mapped[str | None] = mapped_column(String(64))
    line_items_url: Mapped[str | None] = mapped_column(String(2000))
    line_item_url: Mapped[str | None] = mapped_column(String(2000))
    created_at: Mapped[datetime] = mapped_column(Moment)


class JwksCacheEntry(Base):
    """The last valid key set of a platform, available to every process and during an outage.

    Times are in seconds since 1970; ``tried_at`` is the start of the latest fetch, ``finished_at``
    its end, ``fetched_at`` the end of the latest successful one.
    """

    __tablename__ = "jwks_cache"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    raw: Mapped[str | None] = mapped_column(Text)
    fetched_at: Mapped[float] = mapped_column(Double, default=0.0)
    tried_at: Mapped[float] = mapped_column(Double, default=0.0)
    finished_at: Mapped[float] = mapped_column(Double, default=0.0)


class AccessTokenCacheEntry(Base):
    """A platform's access token for a set of scopes, encrypted with the tool's secret key."""

    __tablename__ = "access_token_cache"
    __table_args__ = (
        Index("uq_access_token_cache_scopes", "registration_id", "scopes_hash", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id", ondelete="CASCADE"))
    scopes_hash: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(Moment)
