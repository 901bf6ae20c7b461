"""The tool was removed in the LMS and registered anew: two registrations become one."""

from collections.abc import Callable

import pytest
from sqlalchemy import String, cast, func, select, update
from sqlalchemy.exc import OperationalError

from lti_tool.directory import audit, erasures, registration_join
from lti_tool.directory import registrations as directory
from lti_tool.directory.audit import AuditEntry
from lti_tool.directory.model import (
    ActivityOpening,
    Course,
    Deployment,
    Membership,
    RegistrationRow,
    ResourceLink,
    User,
)
from lti_tool.directory.registration_join import (
    check_joinable,
    extent,
    former_registrations,
    join_registrations,
)
from lti_tool.directory.registrations import InstitutionError
from lti_tool.discussion.model import AuthorCount, Discussion, Post, SavedDraft
from lti_tool.discussion.recount import wrong_discussions
from lti_tool.lti.registration import Registration
from lti_tool.models import METADATA
from lti_tool.sessions.current import CurrentSession
from lti_tool.sessions.service import load_session
from lti_tool.storage.database import Database, now
from tests.lti_tool.directory.test_deployment_join import FOUR, TEXTS, Place
from tests.lti_tool.launches.test_service import KEY

pytestmark = pytest.mark.both_engines

ISSUER = "https://lms.example.org"


class Site(Place):
    """An LMS in which the tool was registered twice: ``old`` is the former registration."""

    def __init__(self, database: Database, old: int) -> None:
        super().__init__(database, old)
        self.old = old
        self.new = self.register("minga anew")

    def register(self, client_id: str, issuer: str = ISSUER) -> int:
        return directory.register(
            self.database,
            Registration(
                issuer=issuer,
                client_id=client_id,
                authorization_endpoint="https://lms.example.org/auth",
                token_endpoint="https://lms.example.org/token",
                jwks_uri="https://lms.example.org/jwks",
            ),
        )

    def use(self, registration_id: int, user: str = "ana", **more: str | None) -> CurrentSession:
        """Launch through a registration, with a deployment that has its number."""
        self.registration_id = registration_id
        return self.launch(f"deployment {registration_id}", user=user, **more)

    def rejoin(self) -> None:
        join_registrations(self.database, self.old, self.new)

    def update(self, statement) -> None:
        with self.database.write() as session:
            session.execute(statement)


@pytest.fixture
def site(database: Database, registration_id: int) -> Site:
    return Site(database, registration_id)


def test_people_courses_and_posts_of_both_are_put_together(site: Site) -> None:
    before = site.use(site.old)
    first = site.post(before, "one")
    site.post(site.use(site.old, "joao"), "reply", reply_to=first)
    after = site.use(site.new)
    site.post(after, "two")
    assert extent(site.database, site.old, site.new) == registration_join.Extent(2, 1, 1, 1, 1)
    site.rejoin()
    assert site.all(TEXTS) == [("rl1", FOUR, text) for text in ("one", "reply", "two")]
    assert site.all(select(RegistrationRow.id)) == [(site.new,)]
    for table, number in ((Deployment, 1), (Course, 1), (ResourceLink, 1), (Discussion, 1)):
        assert site.count(table) == number, table
    assert sorted(site.all(select(User.subject, User.registration_id))) == [
        ("ana", site.new),
        ("joao", site.new),
    ]
    assert site.count(Membership) == site.count(ActivityOpening) == 2
    assert site.all(select(Course.learner_count)) == [(2,)]
    assert wrong_discussions(site.database) == {}
    [ana] = [row[0] for row in site.all(select(User.id).where(User.subject == "ana"))]
    assert {row[0] for row in site.all(select(Post.author_id).where(Post.source != "reply"))} == {
        ana
    }
    assert site.all(select(func.sum(AuthorCount.threads)).where(AuthorCount.user_id == ana)) == [
        (2,)
    ]
    for session in (before, after):
        again = load_session(site.database, KEY, session.id, cookie=None, token=session.token)
        assert again is not None, "an open page goes on"
        assert (again.registration_id, again.user_id) == (site.new, ana)


def test_what_is_in_one_of_them_only_stays_as_it_is(site: Site) -> None:
    site.post(site.use(site.old, "li", course="c7", link="rl7"), "seven")
    site.post(site.use(site.old, course=None, link="rl0"), "without a course")
    site.use(site.old)
    site.post(site.use(site.new, course="c8", link="rl8"), "eight")
    site.use(site.new)
    site.rejoin()
    assert sorted(text for *_, text in site.all(TEXTS)) == ["eight", "seven", "without a course"]
    assert sorted(site.all(select(Course.context_id))) == [("c1",), ("c7",), ("c8",)]
    assert site.all(select(Deployment.deployment_id)) == [(f"deployment {site.new}",)]
    site.rejoin()
    assert site.count(User) == 2


def test_guests_are_never_taken_for_one_another(site: Site) -> None:
    site.use(site.old)
    site.use(site.new)
    with site.database.write() as session:
        for number in (site.old, site.old, site.new):
            session.add(User(registration_id=number, kind="guest", created_at=now()))
    site.rejoin()
    assert site.all(select(func.count()).where(User.kind == "guest")) == [(3,)]


def test_two_posts_with_one_key_stay(site: Site) -> None:
    site.post(site.use(site.old), "the same key")
    site.post(site.use(site.new), "the same key")
    site.rejoin()
    assert [text for *_, text in site.all(TEXTS)] == ["the same key", "the same key"]
    assert len(set(site.all(select(Post.draft_key)))) == 2


def test_drafts_names_and_the_log(site: Site) -> None:
    old = site.use(site.old)
    site.draft(old, "Typed before")
    site.update(update(User).values(name="Ana Quispe", language="pt"))
    new = site.use(site.new)
    site.draft(new, "Typed since")
    with site.database.write() as session:
        place = audit.Place(site.old)
        entries = [("people.export", old.user_id, ""), ("people.erase", 99, "")]
        entries += [("grades.by_hand", None, f"final=3, user={old.user_id}")]
        for action, user, detail in entries:
            audit.record(session, place, action, user_id=old.user_id, object_id=user, detail=detail)
    site.rejoin()
    assert site.all(select(SavedDraft.text)) == [("Typed before\n\nTyped since",)]
    assert site.all(select(User.id, User.name, User.language)) == [(new.user_id, "ana", "pt")]
    assert site.all(
        select(AuditEntry.registration_id, AuditEntry.object_id, AuditEntry.detail).where(
            AuditEntry.user_id == new.user_id, AuditEntry.action != "registrations.add"
        )
    ) == [
        (site.new, new.user_id, ""),
        (site.new, 99, ""),
        (site.new, None, f"final=3, user={new.user_id}"),
    ]


def test_a_discussion_that_both_accounts_wrote_in(site: Site) -> None:
    """As where courses of an institution share a discussion: two authors of one thread."""
    old, new = site.use(site.old), site.use(site.new)
    first = site.post(old, "one")
    with site.database.write() as session:
        discussion = session.get_one(Post, first).discussion_id
        session.get_one(Discussion, discussion).resource_link_id = new.resource_link_id
    site.post(new, "two", reply_to=first)
    site.post(new, "three")
    assert wrong_discussions(site.database) == {}
    site.rejoin()
    assert wrong_discussions(site.database) == {}
    assert site.all(select(AuthorCount.threads, AuthorCount.replies)) == [(2, 1)]


def test_many_people_are_joined_in_steps_that_can_be_interrupted(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registration_join, "BATCH", 2)
    for user in ("ana", "joao", "li", "devika", "akua"):
        site.post(site.use(site.old, user), f"old {user}")
        site.post(site.use(site.new, user), f"new {user}")
    done = [0]
    merge = registration_join.Merger.merge

    def fail_later(self, *arguments, **named) -> None:
        done[0] += 1
        if done[0] in (3, 9, 25):
            raise OperationalError("", None, Exception("no power"))
        merge(self, *arguments, **named)

    monkeypatch.setattr(registration_join.Merger, "merge", fail_later)
    interrupted = 0
    for _ in range(5):
        try:
            site.rejoin()
            break
        except OperationalError:
            interrupted += 1
            assert wrong_discussions(site.database) == {}
    assert interrupted >= 2
    texts = {text for *_, text in site.all(TEXTS)}
    assert len(texts) == 10
    assert (site.count(User), site.count(Membership), site.count(Course)) == (5, 5, 1)
    assert site.all(select(Course.learner_count)) == [(5,)]
    assert wrong_discussions(site.database) == {}


def test_an_erased_person_stays_away_from_the_roster(site: Site) -> None:
    old = site.use(site.old)
    site.use(site.new)
    with site.database.write() as session:
        gone = User(registration_id=site.old, subject="gone", kind="person", created_at=now())
        erasures.record(session, KEY, gone)
    site.rejoin()
    with site.database.read_core() as connection:
        found = erasures.erased_among(connection, KEY, site.new, ["gone", "ana"])
    assert found == {"gone"}
    assert old.user_id is not None


@pytest.mark.parametrize(
    ("change", "offered"),
    [
        (lambda site: None, True),
        (
            lambda site: site.update(
                update(User).values(subject=User.subject + cast(User.id, String))
            ),
            False,
        ),
        (
            lambda site: site.update(update(Course).values(context_id=cast(Course.id, String))),
            False,
        ),
        (
            lambda site: site.update(
                update(RegistrationRow)
                .where(RegistrationRow.id == site.old)
                .values(jwks_uri="https://elsewhere.example.org/jwks")
            ),
            False,
        ),
        (
            lambda site: site.update(
                update(RegistrationRow).values(issuer="https://canvas.instructure.com")
            ),
            False,
        ),
    ],
    ids=["", "other people", "other courses", "other keys", "an issuer of many institutions"],
)
def test_only_a_former_registration_of_the_institution_is_offered(
    site: Site, change: Callable[[Site], None], offered: bool
) -> None:
    site.use(site.old)
    site.use(site.new)
    change(site)
    found = former_registrations(site.database, site.new)
    assert [(each.id, each.courses) for each in found] == ([(site.old, 1)] if offered else [])
    assert former_registrations(site.database, site.old) == []


def test_what_is_refused(site: Site) -> None:
    site.use(site.old)
    elsewhere = site.register("minga", "https://other.example.org")
    cases = [
        (site.old, 99, "no registration 99"),
        (site.old, site.old, "the same registration"),
        (site.old, elsewhere, "only registrations of one LMS"),
        (site.old, site.new, "no course with a person in common"),
    ]
    for old, new, message in cases:
        with (
            pytest.raises(InstitutionError, match=message),
            site.database.read() as session,
        ):
            check_joinable(session, old, new)
    with site.database.read() as session:
        check_joinable(session, site.old, site.new, unrelated=True)


RULES = {
    "registrations": {
        "dropped": set(registration_join.DROPPED),
        "moved": {"users", "deployments", "audit_entries", "launch_sessions", "erasures"},
        "kept, or moved where the new registration has none": {"mail_policies"},
    },
}


def test_every_table_of_a_registration_has_a_rule() -> None:
    """A new table here: is it joined, or does it belong to the old client ID (``DROPPED``)?"""
    found = {
        table.name
        for table in METADATA.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == "registrations"
    }
    ruled = [name for names in RULES["registrations"].values() for name in names]
    assert sorted(ruled) == sorted(found)
