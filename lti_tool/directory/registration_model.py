"""The platforms that institutions have added to the tool, and the invitations to add one."""

from datetime import datetime

from sqlalchemy import Double, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base, Moment


class RegistrationRow(Base):
    """A platform that knows this tool: an issuer and the client id it gave us.

    ``status``: ``active``, ``pending`` (an operator must approve it) or ``disabled``.
    ``unknown_deployments``: ``accept`` records a deployment at its first launch, ``refuse`` asks
    the operator to add it. ``guests``: what an anonymous launch may do (``none``, ``read``,
    ``post``).
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
    """More origins that may frame the tool, separated by spaces."""
    scopes: Mapped[str] = mapped_column(Text, default="")
    """The scopes that the platform said it grants, separated by spaces."""
    configuration_url: Mapped[str | None] = mapped_column(String(2000))
    """Where the platform's configuration was at its dynamic registration, without the token."""
    created_at: Mapped[datetime] = mapped_column(Moment)


class Deployment(Base):
    """A place where a platform has put the tool (a whole site, an account, a course)."""

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
    """What a dynamic registration would change in a registration, until an operator decides.

    The columns mean what they mean in :class:`RegistrationRow`. An empty ``product`` or ``scopes``
    leaves the value as it is; ``deployment_id`` is a deployment to add. Rows are never updated,
    and their ids never used again, so an operator confirms what was shown.
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
    """A code that lets one institution add its platform; only its hash is stored."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(255), default="")
    uses_left: Mapped[int]
    issuer_origin: Mapped[str | None] = mapped_column(String(255))
    """The origin of the issuer that used it first; no other issuer can use it any more."""
    expires_at: Mapped[datetime] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)


class JwksCacheEntry(Base):
    """The last good key set of a platform: it outlives an outage and serves every process.

    Times are in seconds since 1970; ``tried_at`` is the beginning of the latest attempt.
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
    """A platform's access token for a set of scopes, sealed with the tool's secret key."""

    __tablename__ = "access_token_cache"
    __table_args__ = (
        Index("uq_access_token_cache_scopes", "registration_id", "scopes_hash", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id", ondelete="CASCADE"))
    scopes_hash: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(Moment)
