"""Approve or reject many posts that wait: a few in each transaction, as each alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from lti_tool.discussion import discussions
from lti_tool.discussion.facets import PUBLISHED
from lti_tool.discussion.model import Post
from lti_tool.discussion.moderation import log
from lti_tool.discussion.moderation.log import Action
from lti_tool.discussion.moderation.service import Act, Moderator, checked_reason

MOST = 200
"""Posts that are decided about in one request."""
BATCH = 20
"""Posts of one transaction."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A post that was shown as waiting, in the revision that the instructor read."""

    id: int
    revision: int


@dataclass(slots=True)
class Outcome:
    """``done`` posts; ``left``: changed by their authors, or decided about by somebody else."""

    done: int = 0
    left: int = 0


def approve(moderator: Moderator, posts: Sequence[Waiting]) -> Outcome:
    """Publish posts that wait, in the order in which they were written."""

    def decide(act: Act) -> None:
        act.change(status=PUBLISHED, hidden_reason=None)
        act.tell("approved")

    return _decide(moderator, posts, Action.APPROVE, "", decide)


def reject(moderator: Moderator, posts: Sequence[Waiting], reason: str) -> Outcome:
    """Do not publish posts that wait; their authors see the reason."""
    reason = checked_reason(reason)

    def decide(act: Act) -> None:
        act.change(status="rejected", hidden_reason=reason)
        act.tell("rejected", reason)

    return _decide(moderator, posts, Action.REJECT, reason, decide)


def _decide(
    moderator: Moderator,
    posts: Sequence[Waiting],
    action: Action,
    detail: str,
    decide: Callable[[Act], None],
) -> Outcome:
    chosen = sorted({each.id: each for each in posts[:MOST]}.values(), key=lambda each: each.id)
    outcome = Outcome()
    for start in range(0, len(chosen), BATCH):
        batch = chosen[start : start + BATCH]
        done = _decide_batch(moderator, batch, action, detail, decide)
        outcome.done += done
        outcome.left += len(batch) - done
    return outcome


def _decide_batch(
    moderator: Moderator,
    batch: Sequence[Waiting],
    action: Action,
    detail: str,
    decide: Callable[[Act], None],
) -> int:
    launch_session, module = moderator.launch_session, moderator.module
    revisions = {each.id: each.revision for each in batch}
    done = 0
    with moderator.database.write() as session:
        link = launch_session.resource_link_id
        discussion = discussions.find_row(session, link, module.id, lock=True)
        if discussion is None:
            return 0
        waiting = select(Post).where(
            Post.id.in_(revisions), Post.discussion_id == discussion.id, Post.status == "held"
        )
        institution = moderator.institution_in(discussion)
        for post in session.scalars(waiting.order_by(Post.id)).all():
            act = Act(session, discussion, post, detail, institution)
            if act.is_foreign or post.revision != revisions[post.id]:
                continue
            decide(act)
            log.record(
                session, launch_session, module.id, action, post_id=post.id, detail=act.detail
            )
            done += 1
    return done
