"""The tables of what is cached of platforms: key sets, access tokens, and pauses of services."""

from datetime import datetime

from sqlalchemy import Double, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base, Moment


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


class ServicePause(Base):
    """Until when no service of a platform is called, in seconds since 1970, and why."""

    __tablename__ = "service_pauses"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    until: Mapped[float] = mapped_column(Double)
    reason: Mapped[str] = mapped_column(String(32))
