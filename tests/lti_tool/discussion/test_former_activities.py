"""Which former activities a new activity can take over, and what becomes of their rows."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, insert, select, update

from lti_tool.directory import audit
from lti_tool.directory.exchange_model import InstitutionRow
from lti_tool.directory.model import ActivityOpening, ResourceLink
from lti_tool.discussion import former_activities as former
from lti_tool.discussion.model import (
    Discussion,
    DiscussionCount,
    DiscussionReader,
    Post,
    SavedDraft,
)
from lti_tool.discussion.recount import wrong_discussions
from lti_tool.module_page.model import Progress
from lti_tool.sessions.current import CurrentSession
from lti_tool.sessions.service import load_session
from lti_tool.storage.database import Database, now
from tests.lti_tool.directory.test_deployment_join import FOUR, TEXTS, WRITING
from tests.lti_tool.directory.test_registration_join import Site
from tests.lti_tool.launches.test_service import KEY
from tests.support.statements import counted

pytestmark = pytest.mark.both_engines


@pytest.fixture
def site(database: Database, registration_id: int) -> Site:
    return Site(database, registration_id)


def offered(site: Site, here: CurrentSession, module: str) -> list[tuple[str | None, int]]:
    assert here.resource_link_id is not None
    with site.database.read_core() as connection:
        found = former.former_activities(connection, here.resource_link_id, module)
    return [(each.title, each.posts) for each in found]


def former_link(site: Site) -> ResourceLink:
    with site.database.read() as session:
        return session.scalars(select(ResourceLink).filter_by(lti_resource_link_id="rl1")).one()


def used(site: Site) -> None:
    """Two posts in an activity of the former registration."""
    first = site.post(site.use(site.old), "one")
    site.post(site.use(site.old, "joao"), "two", reply_to=first)


def later(site: Site, hours: float = 2) -> None:
    """Let time pass since everything was opened."""
    with site.database.write() as session:
        for each in session.scalars(select(ActivityOpening)):
            each.latest_at -= timedelta(hours=hours)


def made(site: Site, **more: str | None) -> CurrentSession:
    """A new activity, opened with the new registration."""
    return site.use(site.new, **{"link": "rl2", **more})


def simply(site: Site) -> CurrentSession:
    used(site)
    here = made(site)
    site.rejoin()
    return here


def made_after_the_join(site: Site) -> CurrentSession:
    used(site)
    made(site, link="another")
    site.rejoin()
    return made(site)


def joined_deployments(site: Site) -> CurrentSession:
    first = site.post(site.launch("old"), "one")
    site.post(site.launch("old", user="joao"), "two", reply_to=first)
    here = site.launch("new", link="rl2")
    site.join("old", "new")
    return here


def used_until_the_join(site: Site) -> CurrentSession:
    used(site)
    here = made(site)
    site.use(site.old, "li")
    with site.database.write() as session:
        audit.record(session, audit.Place(site.new), "institution.join_registration")
    site.rejoin()
    return here


def another_use_after_the_new_deployment(site: Site) -> CurrentSession:
    used(site)
    here = made(site)
    site.use(site.old, "li")
    site.rejoin()
    return here


def not_joined(site: Site) -> CurrentSession:
    used(site)
    return made(site)


def another_module(site: Site) -> CurrentSession:
    used(site)
    here = made(site, module=WRITING)
    site.rejoin()
    return here


def another_course(site: Site) -> CurrentSession:
    used(site)
    here = made(site, course="c2")
    made(site, link="another")
    site.rejoin()
    return here


def no_course(site: Site) -> CurrentSession:
    site.post(site.use(site.old, course=None), "one")
    here = made(site, course=None)
    site.rejoin()
    return here


def no_post_there(site: Site) -> CurrentSession:
    used(site)
    site.update(delete(DiscussionCount))
    site.update(delete(Post))
    here = made(site)
    site.rejoin()
    return here


def a_post_here(site: Site) -> CurrentSession:
    used(site)
    here = made(site)
    site.post(here, "here")
    site.rejoin()
    return here


def a_post_of_another_module_here(site: Site) -> CurrentSession:
    used(site)
    site.post(made(site, module=WRITING), "here")
    here = made(site)
    site.rejoin()
    return here


def a_deleted_post_here(site: Site) -> CurrentSession:
    here = a_post_here(site)
    site.update(update(Post).where(Post.source == "here").values(status="deleted"))
    return here


def opened_since_the_join(site: Site) -> CurrentSession:
    here = simply(site)
    later(site)
    site.use(site.new)
    return here


def opened_before_the_join_with_the_new_registration(site: Site) -> CurrentSession:
    used(site)
    here = made(site)
    site.use(site.new)
    site.rejoin()
    later(site, 48)
    return here


def in_an_old_activity(site: Site) -> CurrentSession:
    used(site)
    site.post(site.use(site.old, link="rl2"), "here too")
    made(site, link="another")
    site.rejoin()
    site.update(update(Post).where(Post.source == "here too").values(status="deleted"))
    return made(site)


def archived_there(site: Site) -> CurrentSession:
    here = simply(site)
    site.update(update(Discussion).values(archived_at=now()))
    return here


def deletion_has_begun_there(site: Site) -> CurrentSession:
    here = simply(site)
    site.update(update(Discussion).values(retention="delete"))
    return here


def _share(site: Site, link: int | None) -> None:
    with site.database.write() as session:
        institution = InstitutionRow(name="Here", created_at=now())
        session.add(institution)
        session.flush()
        shared = Discussion(institution_id=institution.id, module_id=FOUR, created_at=now())
        session.add(shared)
        session.flush()
        where = Discussion.resource_link_id == link
        if not session.execute(select(Discussion.id).where(where)).first():
            values = {"resource_link_id": link, "module_id": FOUR, "created_at": now()}
            session.execute(insert(Discussion).values(**values))
        session.execute(update(Discussion).where(where).values(shared_id=shared.id))


def shared_there(site: Site) -> CurrentSession:
    here = simply(site)
    _share(site, former_link(site).id)
    return here


def shared_here(site: Site) -> CurrentSession:
    here = simply(site)
    _share(site, here.resource_link_id)
    return here


OFFERED = [
    simply,
    made_after_the_join,
    joined_deployments,
    used_until_the_join,
    a_deleted_post_here,
]
NOT_OFFERED = [
    another_use_after_the_new_deployment,
    not_joined,
    another_module,
    another_course,
    no_course,
    no_post_there,
    a_post_here,
    a_post_of_another_module_here,
    opened_since_the_join,
    opened_before_the_join_with_the_new_registration,
    in_an_old_activity,
    archived_there,
    deletion_has_begun_there,
    shared_there,
    shared_here,
]


@pytest.mark.parametrize(
    ("situation", "is_offered"),
    [*((each, True) for each in OFFERED), *((each, False) for each in NOT_OFFERED)],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_where_a_former_activity_is_offered(
    site: Site, situation: Callable[[Site], CurrentSession], is_offered: bool
) -> None:
    here = situation(site)
    module = here.module_id or ""
    assert offered(site, here, module) == ([("Activity", 2)] if is_offered else [])
    with site.database.write() as session:
        found = former.find_locked(
            session, here.resource_link_id or 0, module, former_link(site).id
        )
    assert (found is not None) is is_offered


def test_several_are_listed_the_newest_first_with_the_time_of_the_last_post(site: Site) -> None:
    used(site)
    last = site.post(site.use(site.old, link="rl9"), "nine")
    here = made(site)
    site.rejoin()
    assert here.resource_link_id is not None
    with site.database.read_core() as connection:
        found = former.former_activities(connection, here.resource_link_id, FOUR)
    assert [each.posts for each in found] == [1, 2]
    assert site.all(select(Post.created_at).where(Post.id == last)) == [(found[0].latest_at,)]


def take_over(site: Site, here: CurrentSession) -> None:
    assert here.resource_link_id is not None
    with site.database.write_core() as connection:
        former.merge_activities(connection, here.resource_link_id, former_link(site).id)


def test_what_belongs_to_the_former_activity_is_that_of_the_new_one(site: Site) -> None:
    old = site.use(site.old)
    first = site.post(old, "one")
    site.draft(old, "unfinished")
    site.progress(old, "introduction")
    site.post(site.use(site.old, module=WRITING), "of another module")
    site.use(site.old)
    here = made(site)
    site.progress(here, "videos")
    site.update(update(ResourceLink).values(copied_from_id=former_link(site).id))
    site.rejoin()
    [(discussion, settings)] = site.all(
        select(Discussion.id, Discussion.settings).where(Discussion.module_id == FOUR)
    )
    site.update(
        insert(Discussion).values(
            resource_link_id=here.resource_link_id,
            module_id=FOUR,
            settings='{"must_post_first": true}',
            settings_at=now(),
            created_at=now(),
        )
    )
    reader = {"user_id": here.user_id, "discussion_id": discussion}
    site.update(insert(DiscussionReader).values(**reader, read_up_to=1))
    take_over(site, here)

    assert site.all(select(ResourceLink.id, ResourceLink.lti_resource_link_id)) == [
        (here.resource_link_id, "rl2")
    ]
    assert site.all(select(ResourceLink.copied_from_id)) == [(None,)]
    assert sorted(site.all(TEXTS)) == [
        ("rl2", WRITING, "of another module"),
        ("rl2", FOUR, "one"),
    ]
    kept = select(Discussion.id, Discussion.settings).where(Discussion.module_id == FOUR)
    assert site.all(kept) == [(discussion, settings)], "the URLs of its posts, and its settings"
    assert site.all(select(Post.discussion_id, Post.sequence).where(Post.id == first)) == [
        (discussion, 1)
    ]
    assert site.all(select(DiscussionReader.read_up_to)) == [(1,)]
    assert site.all(select(Progress.seen)) == [("introduction videos",)]
    assert site.all(select(SavedDraft.resource_link_id)) == [(here.resource_link_id,)]
    assert site.all(select(func.count()).select_from(ActivityOpening)) == [(1,)]
    assert wrong_discussions(site.database) == {}
    for session in (old, here):
        again = load_session(site.database, KEY, session.id, cookie=None, token=session.token)
        assert again is not None
        assert again.resource_link_id == here.resource_link_id


def test_no_post_of_the_former_discussion_is_written(site: Site) -> None:
    """A discussion may be large."""
    here = simply(site)
    site.update(
        insert(Discussion).values(
            resource_link_id=here.resource_link_id, module_id=FOUR, created_at=now()
        )
    )
    with counted(site.database) as statements:
        take_over(site, here)
    sets = [each for each in statements if "SET sequence" in each]
    assert sets == []
    assert len(statements) < 150, len(statements)
