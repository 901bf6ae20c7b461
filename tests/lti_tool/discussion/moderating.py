"""What the tests of moderation send, and what it left in the tables."""

from typing import Any

from sqlalchemy import select

from lti_tool.directory.audit import AuditEntry
from lti_tool.discussion import recount
from lti_tool.discussion.model import Discussion
from lti_tool.discussion.moderation.log import PREFIX
from tests.lti_tool.discussion.pages import Browser
from tests.lti_tool.discussion.scene import Scene


def moderate(browser: Browser, post: int, act: str, **fields: str) -> Any:
    return browser.send(f"post/{post}/moderate", act=act, **fields)


def decide(browser: Browser, post: int, act: str, **fields: str) -> Any:
    return browser.send(f"moderation/{post}", act=act, **fields)


def acts(scene: Scene) -> list[tuple[str, int | None, str]]:
    with scene.database.read() as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(row.action.removeprefix(PREFIX), row.object_id, row.detail) for row in rows]


def waiting(scene: Scene) -> tuple[int, int]:
    with scene.database.read() as session:
        row = session.scalars(select(Discussion).where(Discussion.archived_at.is_(None))).one()
        return row.waiting, row.reported


def is_right(scene: Scene) -> bool:
    return not recount.wrong_discussions(scene.database)
