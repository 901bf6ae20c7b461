"""A verified launch is recorded in one transaction, which writes only what changed."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from courseware import resources
from courseware.library import Library
from lti_tool.directory import registrations as directory
from lti_tool.directory.link_choice import LinkedModule
from lti_tool.directory.model import Course, Membership, ResourceLink, User
from lti_tool.launches.service import NewSession, SessionOptions, open_session
from lti_tool.lti.launch import (
    Launch,
    LaunchCourse,
    LaunchPresentation,
    LaunchResourceLink,
    LaunchUser,
    Roles,
    ToolPlatform,
)
from lti_tool.lti.refusal import Code, Refused
from lti_tool.sessions.activity_references import reference_to
from lti_tool.sessions.current import CurrentSession
from lti_tool.sessions.model import LaunchSession
from lti_tool.sessions.service import load_session, purge_sessions
from lti_tool.storage.database import Database, now
from tests.support.statements import counted

pytestmark = pytest.mark.both_engines

INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
LIBRARY = Library(resources.content())
KEY = "k" * 40


def a_launch(nonce: str = "n1", *, teaches: bool = False, **changes: object) -> Launch:
    role = INSTRUCTOR if teaches else LEARNER
    launch = Launch(
        message_type="LtiResourceLinkRequest",
        issuer="https://lms.example.org",
        client_id="minga",
        deployment_id="1",
        target_link_uri="https://minga.example.org/lti/launch",
        nonce=nonce,
        issued_at=0,
        expires_at=60,
        user=LaunchUser("42", "Fatou N’Diaye", "Fatou", "N’Diaye", None, None),
        roles=Roles((role,), teaches, not teaches, False, False),
        course=LaunchCourse("c1", "COOP", "Cooperatives"),
        resource_link=LaunchResourceLink("rl1", "Module 4"),
        presentation=LaunchPresentation("iframe", "https://lms.example.org/return", "fr"),
        platform=ToolPlatform(None, None, None),
    )
    return replace(launch, **changes)


def options(registration_id: int, **changes: object) -> SessionOptions:
    given = SessionOptions(
        registration_id=registration_id,
        secret_key=KEY,
        frame_ancestors=("https://lms.example.org",),
        library=LIBRARY,
        linked=LinkedModule(),
        hours=12,
    )
    return replace(given, **changes)


def count(database: Database, table: type) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def opened(
    database: Database, registration_id: int, launch: Launch, **changes: object
) -> NewSession:
    return open_session(database, launch, options(registration_id, **changes))


def loaded(database: Database, session: NewSession) -> CurrentSession | None:
    return load_session(database, KEY, session.id, cookie=session.token, token=None)


def test_a_first_launch_records_user_course_resource_link_and_membership(
    database: Database, registration_id: int
) -> None:
    session = open_session(database, a_launch(), options(registration_id))
    launch_session = loaded(database, session)
    assert launch_session.user_name == "Fatou N’Diaye"
    assert launch_session.course_title == "Cooperatives"
    assert launch_session.resource_link_title == "Module 4"
    assert launch_session.locale == "fr"
    assert launch_session.instructor is False
    assert launch_session.frame_ancestors == ("https://lms.example.org",)
    assert [count(database, table) for table in (User, Course, Membership, ResourceLink)] == [1] * 4


def test_a_repeated_launch_writes_only_the_session(
    database: Database, registration_id: int
) -> None:
    open_session(database, a_launch("n1"), options(registration_id))
    statements: list[str] = []

    def listen(*given) -> None:
        statements.append(given[2].split()[0])

    event.listen(database.engine, "before_cursor_execute", listen)
    try:
        open_session(database, a_launch("n2"), options(registration_id))
    finally:
        event.remove(database.engine, "before_cursor_execute", listen)
    assert sorted(word for word in statements if word != "BEGIN") == ["INSERT", "SELECT"]


@pytest.mark.parametrize(("signed", "reads"), [(True, 2), (False, 1)])
def test_a_reference_costs_one_statement(
    database: Database, registration_id: int, signed: bool, reads: int
) -> None:
    first = open_session(database, a_launch("n1"), options(registration_id))
    reference = reference_to(KEY if signed else "another key", first.id)
    target = f"https://minga.example.org/lti/launch?activity={reference}"
    of_course = a_launch("n2", target_link_uri=target)
    if signed:
        of_course = replace(of_course, resource_link=LaunchResourceLink("c1", "Cooperatives"))
    with counted(database) as statements:
        second = open_session(database, of_course, options(registration_id))
    assert second.resource_link_id == first.resource_link_id
    words = [statement.split()[0] for statement in statements]
    assert sorted(words) == ["INSERT"] + ["SELECT"] * reads


def test_a_nonce_opens_one_session(database: Database, registration_id: int) -> None:
    open_session(database, a_launch("n1"), options(registration_id))
    with pytest.raises(Refused) as refused:
        open_session(database, a_launch("n1"), options(registration_id))
    assert refused.value.code == Code.REPLAYED
    assert count(database, LaunchSession) == 1


def test_the_same_launch_eight_times_at_once_opens_once(
    database: Database, registration_id: int
) -> None:
    sessions, refused = [], []

    def launch() -> None:
        try:
            sessions.append(open_session(database, a_launch("n1"), options(registration_id)))
        except Refused as error:
            refused.append(error.code)

    together(launch, 8)
    assert len(sessions) == 1
    assert refused == [Code.REPLAYED] * 7


def test_concurrent_first_launches_make_one_user_and_one_course(
    database: Database, registration_id: int
) -> None:
    names = iter(range(100))

    def launch() -> None:
        open_session(database, a_launch(f"n{next(names)}"), options(registration_id))

    together(launch, 8)
    assert [count(database, table) for table in (User, Course, Membership, ResourceLink)] == [1] * 4
    assert count(database, LaunchSession) == 8


def test_roles_follow_the_latest_launch_both_ways(database: Database, registration_id: int) -> None:
    launch_sessions = [
        loaded(
            database,
            open_session(database, a_launch(str(n), teaches=teaches), options(registration_id)),
        )
        for n, teaches in enumerate((False, True, False))
    ]
    assert [launch_session.instructor for launch_session in launch_sessions] == [False, True, False]
    with database.read() as session:
        assert session.query(Membership).one().roles == LEARNER


def test_changed_names_are_updated(database: Database, registration_id: int) -> None:
    open_session(database, a_launch("n1"), options(registration_id))
    user = LaunchUser("42", "Fatou Sow", None, None, "fatou@example.org", None)
    course = LaunchCourse("c1", "COOP", "Coopératives")
    session = open_session(
        database, a_launch("n2", user=user, course=course), options(registration_id)
    )
    launch_session = loaded(database, session)
    assert (launch_session.user_name, launch_session.course_title) == ("Fatou Sow", "Coopératives")
    assert count(database, User) == 1
    with database.read() as session_:
        assert session_.scalars(select(Membership.sort_name)).all() == ["0fatou sow"]


def test_a_guest_launch_records_no_user(database: Database, registration_id: int) -> None:
    nobody = LaunchUser(None, None, None, None, None, None)
    session = open_session(database, a_launch(user=nobody), options(registration_id))
    launch_session = loaded(database, session)
    assert launch_session.guest
    assert launch_session.user_id is None
    assert count(database, User) == 0
    assert count(database, Membership) == 0


def test_a_guest_is_refused_where_guests_are_not_allowed(
    database: Database, registration_id: int
) -> None:
    directory.change_registration(database, registration_id, guests="none")
    nobody = LaunchUser(None, None, None, None, None, None)
    with pytest.raises(Refused) as refused:
        open_session(database, a_launch(user=nobody), options(registration_id))
    assert refused.value.code == Code.ANONYMOUS_REFUSED


def test_a_preview_records_a_test_user(database: Database, registration_id: int) -> None:
    session = open_session(database, a_launch(), options(registration_id, own_record=False))
    assert loaded(database, session).user_kind == "test"


def test_a_test_user_becomes_a_person_by_a_launch_of_their_own(
    database: Database, registration_id: int
) -> None:
    open_session(database, a_launch("n1"), options(registration_id, own_record=False))
    session = open_session(database, a_launch("n2"), options(registration_id))
    assert loaded(database, session).user_kind == "person"
    seen = open_session(database, a_launch("n3"), options(registration_id, own_record=False))
    assert loaded(database, seen).user_kind == "person"


@pytest.mark.parametrize(
    ("given", "family", "shown"),
    [
        ("Fatou", "Sow", "Fatou Sow"),
        ("Fatou", None, "Fatou"),
        (None, None, None),
        ("F" * 200, "S" * 200, "F" * 200 + " " + "S" * 54),
    ],
)
def test_given_and_family_name_replace_a_missing_full_name(
    database: Database, registration_id: int, given: str, family: str, shown: str
) -> None:
    user = LaunchUser("42", None, given, family, None, None)
    session = open_session(database, a_launch(user=user), options(registration_id))
    assert loaded(database, session).user_name == shown


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (lambda d, r: directory.change_registration(d, r, status="disabled"),
         Code.INACTIVE_REGISTRATION),
        (lambda d, r: directory.change_registration(d, r, unknown_deployments="refuse"),
         Code.UNKNOWN_DEPLOYMENT),
        (lambda d, r: directory.set_deployment(d, r, "1", active=False),
         Code.INACTIVE_DEPLOYMENT),
    ],
)  # fmt: skip
def test_an_inactive_or_unknown_deployment_is_refused(
    database: Database, registration_id: int, prepare, code: Code
) -> None:
    prepare(database, registration_id)
    with pytest.raises(Refused) as refused:
        open_session(database, a_launch(), options(registration_id))
    assert refused.value.code == code
    assert count(database, LaunchSession) == 0, "the nonce of a refused launch can be used again"


def test_a_link_names_the_module_until_an_instructor_chooses(
    database: Database, registration_id: int
) -> None:
    def launched(nonce: str, module: str | None):
        session = open_session(
            database, a_launch(nonce), options(registration_id, linked=LinkedModule(module))
        )
        return loaded(database, session).module_id

    assert launched("1", None) is None
    assert launched("2", "module-4") == "module-4"
    assert launched("3", "module-5") == "module-5", "the link was edited"
    assert launched("4", None) == "module-5"
    with database.write() as session:
        session.query(ResourceLink).update({"module_id": "chosen", "module_source": "instructor"})
    assert launched("5", "module-5") == "chosen"
    assert launched("6", "module-4") == "module-4", "the link was edited later"


def test_a_session_opens_with_its_own_token_only(database: Database, registration_id: int) -> None:
    first = open_session(database, a_launch("1"), options(registration_id))
    second = open_session(database, a_launch("2"), options(registration_id))

    def load(**given: str | None) -> CurrentSession | None:
        return load_session(database, KEY, first.id, **{"cookie": None, "token": None} | given)

    assert load() is None
    assert load(cookie=second.token) is None
    assert load(token="é" * 40) is None
    by_cookie = load(cookie=first.token)
    assert by_cookie is not None
    assert (by_cookie.cookieless, by_cookie.token_sent) == (False, False)
    by_token = load(token=first.token)
    assert by_token is not None
    assert (by_token.cookieless, by_token.token_sent) == (True, True)


def test_a_session_ends_with_its_registration_and_when_it_expires(
    database: Database, registration_id: int
) -> None:
    first = open_session(database, a_launch("1"), options(registration_id))
    directory.change_registration(database, registration_id, status="disabled")
    assert loaded(database, first) is None
    directory.change_registration(database, registration_id, status="active")
    assert loaded(database, first) is not None
    with database.write() as session:
        session.query(LaunchSession).update({"expires_at": now()})
    assert loaded(database, first) is None
    purge_sessions(database)
    assert count(database, LaunchSession) == 1  # a late draft can still arrive
    with database.write() as session:
        long_ago = now() - timedelta(days=2)
        session.query(LaunchSession).update({"created_at": long_ago, "expires_at": long_ago})
    purge_sessions(database)
    assert count(database, LaunchSession) == 0


def together(function, times: int) -> None:
    threads = [threading.Thread(target=function) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
