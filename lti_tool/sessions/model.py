"""The table of launch sessions."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, false, true
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base, Moment


class LaunchSession(Base):
    """One launch, open in one browser tab. ``id`` is part of URLs and is not secret.

    ``id`` is derived from the nonce of the launch: while the row exists, the nonce cannot be used
    again. It exists for a day after the session has ended; a login must be completed within ten
    minutes.

    ``module_id`` is the module that the session was opened with, ``part`` and ``module_language``
    belong to it (see ``ResourceLink``); those that an instructor chose for the resource link take
    precedence. ``instructor``, ``administrator`` and ``content_developer``
    are the roles of the launch; they apply only where there is no membership: without a course, and
    for guests.
    """

    __tablename__ = "launch_sessions"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id", ondelete="CASCADE"))
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployments.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    course_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    resource_link_id: Mapped[int | None] = mapped_column(
        ForeignKey("resource_links.id", ondelete="CASCADE")
    )
    module_id: Mapped[str | None] = mapped_column(String(64))
    part: Mapped[str] = mapped_column(String(80), default="", server_default="")
    module_language: Mapped[str | None] = mapped_column(String(35))
    message_type: Mapped[str] = mapped_column(String(40))
    instructor: Mapped[bool] = mapped_column(default=False)
    administrator: Mapped[bool] = mapped_column(default=False)
    content_developer: Mapped[bool] = mapped_column(default=False, server_default=false())
    own_record: Mapped[bool] = mapped_column(default=True, server_default=true())
    """False for a preview as a test user, and for a user who acts as another one."""
    token_age: Mapped[int | None]
    """Seconds from the ``iat`` of the id_token, by the platform's clock, to its arrival."""
    locale: Mapped[str | None] = mapped_column(String(35))
    return_url: Mapped[str | None] = mapped_column(Text)
    frame_ancestors: Mapped[str] = mapped_column(Text, default="")
    placement: Mapped[str | None] = mapped_column(String(60))
    """The menu location in which the LMS opened the tool, where it tells that."""
    deep_linking: Mapped[str | None] = mapped_column(Text)
    """The deep-linking settings of the launch, as JSON."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    """When the session ends. Equal to ``created_at`` if its user has left it."""
