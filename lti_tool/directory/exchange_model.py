"""The tables of institutions, and of exchanges: discussions that institutions share."""

from datetime import datetime
from typing import Literal

from sqlalchemy import ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base, Moment

ShownAs = Literal["pseudonym", "initials", "name"]
SHOWN_AS: tuple[ShownAs, ...] = ("pseudonym", "initials", "name")
"""How an author appears to people of other institutions, the most careful choice first.

Stored in databases: keep the values.
"""


class InstitutionRow(Base):
    """An institution: one or several deployments whose courses can share a discussion.

    It is made when it is needed first. ``name`` is what other institutions read; empty until an
    administrator has written it. ``shown_as``: how its people appear outside (``SHOWN_AS``).
    """

    __tablename__ = "institutions"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    shown_as: Mapped[str] = mapped_column(String(12), default="pseudonym")
    created_at: Mapped[datetime] = mapped_column(Moment)


class Exchange(Base):
    """A set of institutions whose courses can share the discussions of modules.

    ``closed_at``: since then nobody writes in its discussions, and nobody joins.
    """

    __tablename__ = "exchanges"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)


class ExchangeMember(Base):
    """An institution in an exchange; the row stays after it has left (``left_at``).

    ``nameless``: it left, and the posts of its people show neither their names nor its name.
    """

    __tablename__ = "exchange_members"
    __table_args__ = (UniqueConstraint("exchange_id", "institution_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    exchange_id: Mapped[int] = mapped_column(ForeignKey("exchanges.id", ondelete="CASCADE"))
    institution_id: Mapped[int] = mapped_column(
        ForeignKey("institutions.id", ondelete="CASCADE"), index=True
    )
    joined_at: Mapped[datetime] = mapped_column(Moment)
    left_at: Mapped[datetime | None] = mapped_column(Moment)
    nameless: Mapped[bool] = mapped_column(default=False, server_default=false())


class ExchangeInvitation(Base):
    """A code with which an administrator joins an exchange; only its hash is stored."""

    __tablename__ = "exchange_invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    exchange_id: Mapped[int] = mapped_column(
        ForeignKey("exchanges.id", ondelete="CASCADE"), index=True
    )
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    uses_left: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
