"""Place the answers of an import as posts under their questions, held for approval.

Each person is one transaction after another, so an import that was interrupted is completed by
repeating it: an answer that is there already is passed over (``ImportedPost``).
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware.markdown import RENDERER
from lti_tool.directory.model import User
from lti_tool.discussion import languages, names, post_texts, writer
from lti_tool.discussion.discussions import own_discussion
from lti_tool.discussion.imports.plans import Entry, PersonPlan, Place, Plan, known_entries
from lti_tool.discussion.imports.records import OfflineAnswer, SourcePerson
from lti_tool.discussion.model import Discussion, ImportedPost, Post
from lti_tool.discussion.model.posts import OFFLINE
from lti_tool.discussion.permissions import EVERYBODY
from lti_tool.discussion.settings import DiscussionSettings
from lti_tool.discussion.settings import parse as parse_settings
from lti_tool.discussion.text import render_stored
from lti_tool.roster.groups import groups_of_user
from lti_tool.roster.queries import members_by_id
from lti_tool.storage.database import Database, now

_BATCH = 20
"""Posts that are written in one transaction."""
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Result:
    """What an import did. ``added`` posts; ``known``: were there already.

    ``undecided``: people left out because somebody must choose who they are. ``unfinished``: there
    are more answers than were to be added at once.
    """

    added: int = 0
    known: int = 0
    undecided: int = 0
    unfinished: bool = False


@dataclass(frozen=True, slots=True)
class _Author:
    """The author of imported posts; ``user`` is None for somebody outside of the course."""

    user: User | None
    role: str
    name: str | None
    code: str | None
    anonymous: bool
    group_id: int


def apply(
    database: Database, secret_key: str, place: Place, plan: Plan, *, most: int | None = None
) -> Result:
    """Do what a plan says. What changed since then is looked at again.

    ``most``: about how many posts are added; the same plan made again has the rest.
    """
    result = Result(known=sum(len(each.known) for each in plan.people))
    for person in plan.people:
        if person.undecided:
            result.undecided += 1
            continue
        for start in range(0, len(person.new), _BATCH):
            if most is not None and result.added >= most:
                result.unfinished = True
                return result
            batch = person.new[start : start + _BATCH]
            with database.write() as session:
                added = _add(session, secret_key, place, person, batch)
            if added is None:
                result.undecided += 1
                break
            result.added += added
            result.known += len(batch) - added
    return result


def _add(
    session: Session,
    secret_key: str,
    place: Place,
    person: PersonPlan,
    answers: Sequence[OfflineAnswer],
) -> int | None:
    """Add posts; return their number, or None if the matched user is no longer in the course."""
    user = None
    if person.user is not None:
        query = select(User).where(User.id == person.user.user_id)
        user = session.scalars(query.with_for_update(key_share=True)).first()
        if user is None or place.course_id is None:
            return None
    discussion = own_discussion(session, place.resource_link_id, place.module.id)
    settings = parse_settings(place.module.discussion, discussion.settings)
    author = _author(session, secret_key, place, discussion, settings, person.person, user)
    if author is None:
        return None
    user_id = user.id if user else None
    entries = [Entry.of(place.module.id, answer, user_id) for answer in answers]
    known = set(known_entries(session.connection(), discussion.id, entries))
    for number, (answer, entry) in enumerate(zip(answers, entries, strict=True)):
        if number not in known:
            _add_post(session, place, discussion, author, answer, entry)
    return len(answers) - len(known)


def _author(
    session: Session,
    secret_key: str,
    place: Place,
    discussion: Discussion,
    settings: DiscussionSettings,
    person: SourcePerson,
    user: User | None,
) -> _Author | None:
    if user is None:
        anonymous = settings.anonymous
        name = None if anonymous else person.name or None
        code = None if name else _archive_code(secret_key, discussion.id, person)
        return _Author(None, "participant", name, code, anonymous, EVERYBODY)
    assert place.course_id is not None
    member = next(iter(members_by_id(session, place.course_id, [user.id])), None)
    if member is None:
        return None
    staff = member.role == "instructor"
    anonymous = settings.anonymous and not staff
    groups: tuple[int, ...] = ()
    if settings.groups != "none" and not staff:
        groups = groups_of_user(session, place.course_id, user.id)
    return _Author(
        user=user,
        role="instructor" if staff else "participant",
        name=None if anonymous else user.name,
        code=names.author_code(secret_key, user, discussion.id, anonymous),
        anonymous=anonymous,
        group_id=groups[0] if groups else EVERYBODY,
    )


def _archive_code(secret_key: str, discussion_id: int, person: SourcePerson) -> str:
    """Return a pseudonym that is stable for a person of files in a discussion."""
    number = int.from_bytes(hashlib.sha256(person.key.encode()).digest()[:4]) >> 2
    return names.pseudonym_code(f"{secret_key} archive {discussion_id}", number)


def _add_post(
    session: Session,
    place: Place,
    discussion: Discussion,
    author: _Author,
    answer: OfflineAnswer,
    entry: Entry,
) -> None:
    offered = languages.offered_languages(place.module)
    language = languages.detect_by_script(answer.text, offered)
    post = Post(
        discussion_id=discussion.id,
        group_id=author.group_id,
        question_id=answer.question,
        author_id=author.user.id if author.user else None,
        author_name=author.name,
        author_code=author.code,
        author_role=author.role,
        anonymous=author.anonymous,
        status="held",
        origin=OFFLINE,
        language=language,
        language_source=post_texts.language_source(None, language),
        draft_key=secrets.token_hex(16),
        created_at=claimed_moment(answer.written_at),
        renderer=RENDERER,
        source=answer.text,
        html=render_stored(answer.text),
    )
    writer.add(session, discussion, post)
    session.add_all(
        ImportedPost(discussion_id=discussion.id, key=key, post_id=post.id) for key in entry.keys
    )
    post_texts.queue_detection(session, post, offered)


def claimed_moment(claimed: datetime | None) -> datetime:
    """Return the time that a file claims; the present one if it claims none that can be true."""
    moment = now()
    return claimed if claimed is not None and _EARLIEST <= claimed <= moment else moment
