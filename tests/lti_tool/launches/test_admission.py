"""A verified launch is recorded in one transaction; what did not change is not written again."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import event, func, select

from lti_tool.directory import registrations as directory
from lti_tool.directory.course_model import Course, LaunchSession, Membership, ResourceLink, User
from lti_tool.launches.admission import Terms, admit
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
from lti_tool.sessions.service import enter, forget_old
from lti_tool.storage.database import Database, now

INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
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


def terms(registration_id: int, **changes: object) -> Terms:
    given = Terms(
        registration_id=registration_id,
        secret_key=KEY,
        frame_ancestors=("https://lms.example.org",),
        linked_module=None,
        hours=12,
    )
    return replace(given, **changes)


def count(database: Database, table: type) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def session_of(database: Database, opened):
    return enter(database, KEY, opened.session_id, cookie=opened.token, token=None).launch_session


def test_a_first_launch_records_person_course_placement_and_membership(
    database: Database, registration_id: int
) -> None:
    opened = admit(database, a_launch(), terms(registration_id))
    launch_session = session_of(database, opened)
    assert launch_session.user_name == "Fatou N’Diaye"
    assert launch_session.course_title == "Cooperatives"
    assert launch_session.resource_link_title == "Module 4"
    assert launch_session.locale == "fr"
    assert launch_session.instructor is False
    assert launch_session.frame_ancestors == ("https://lms.example.org",)
    assert [count(database, table) for table in (User, Course, Membership, ResourceLink)] == [1] * 4


def test_a_known_launch_writes_only_the_visit(database: Database, registration_id: int) -> None:
    admit(database, a_launch("n1"), terms(registration_id))
    said: list[str] = []

    def listen(*given) -> None:
        said.append(given[2].split()[0])

    event.listen(database.engine, "before_cursor_execute", listen)
    try:
        admit(database, a_launch("n2"), terms(registration_id))
    finally:
        event.remove(database.engine, "before_cursor_execute", listen)
    assert sorted(word for word in said if word != "BEGIN") == ["INSERT", "SELECT"]


def test_a_nonce_opens_once(database: Database, registration_id: int) -> None:
    admit(database, a_launch("n1"), terms(registration_id))
    with pytest.raises(Refused) as refused:
        admit(database, a_launch("n1"), terms(registration_id))
    assert refused.value.code == Code.REPLAYED
    assert count(database, LaunchSession) == 1


def test_the_same_launch_eight_times_at_once_opens_once(
    database: Database, registration_id: int
) -> None:
    opened, refused = [], []

    def launch() -> None:
        try:
            opened.append(admit(database, a_launch("n1"), terms(registration_id)))
        except Refused as error:
            refused.append(error.code)

    together(launch, 8)
    assert len(opened) == 1
    assert refused == [Code.REPLAYED] * 7


def test_many_first_launches_at_once_make_one_person_and_one_course(
    database: Database, registration_id: int
) -> None:
    names = iter(range(100))

    def launch() -> None:
        admit(database, a_launch(f"n{next(names)}"), terms(registration_id))

    together(launch, 8)
    assert [count(database, table) for table in (User, Course, Membership, ResourceLink)] == [1] * 4
    assert count(database, LaunchSession) == 8


def test_roles_follow_the_latest_launch_both_ways(database: Database, registration_id: int) -> None:
    launch_sessions = [
        session_of(
            database, admit(database, a_launch(str(n), teaches=teaches), terms(registration_id))
        )
        for n, teaches in enumerate((False, True, False))
    ]
    assert [launch_session.instructor for launch_session in launch_sessions] == [False, True, False]
    with database.read() as session:
        assert session.query(Membership).one().roles == LEARNER


def test_changed_names_are_kept_up_to_date(database: Database, registration_id: int) -> None:
    admit(database, a_launch("n1"), terms(registration_id))
    user = LaunchUser("42", "Fatou Sow", None, None, "fatou@example.org", None)
    course = LaunchCourse("c1", "COOP", "Coopératives")
    opened = admit(database, a_launch("n2", user=user, course=course), terms(registration_id))
    launch_session = session_of(database, opened)
    assert (launch_session.user_name, launch_session.course_title) == ("Fatou Sow", "Coopératives")
    assert count(database, User) == 1


def test_a_guest_leaves_no_person_behind(database: Database, registration_id: int) -> None:
    nobody = LaunchUser(None, None, None, None, None, None)
    opened = admit(database, a_launch(user=nobody), terms(registration_id))
    launch_session = session_of(database, opened)
    assert launch_session.guest
    assert launch_session.user_id is None
    assert count(database, User) == 0
    assert count(database, Membership) == 0


def test_a_guest_is_refused_where_the_institution_wants_none(
    database: Database, registration_id: int
) -> None:
    directory.change_registration(database, registration_id, guests="none")
    nobody = LaunchUser(None, None, None, None, None, None)
    with pytest.raises(Refused) as refused:
        admit(database, a_launch(user=nobody), terms(registration_id))
    assert refused.value.code == Code.ANONYMOUS_REFUSED


def test_a_preview_of_a_participant_is_nobodys_record(
    database: Database, registration_id: int
) -> None:
    opened = admit(database, a_launch(), terms(registration_id, recorded=False))
    assert session_of(database, opened).user_kind == "test"


def test_who_was_first_met_in_a_preview_becomes_a_person_by_coming(
    database: Database, registration_id: int
) -> None:
    admit(database, a_launch("n1"), terms(registration_id, recorded=False))
    opened = admit(database, a_launch("n2"), terms(registration_id))
    assert session_of(database, opened).user_kind == "person"
    seen = admit(database, a_launch("n3"), terms(registration_id, recorded=False))
    assert session_of(database, seen).user_kind == "person"


@pytest.mark.parametrize(
    ("given", "family", "shown"),
    [
        ("Fatou", "Sow", "Fatou Sow"),
        ("Fatou", None, "Fatou"),
        (None, None, None),
        ("F" * 200, "S" * 200, "F" * 200 + " " + "S" * 54),
    ],
)
def test_the_parts_of_a_name_serve_where_the_whole_is_not_sent(
    database: Database, registration_id: int, given: str, family: str, shown: str
) -> None:
    user = LaunchUser("42", None, given, family, None, None)
    opened = admit(database, a_launch(user=user), terms(registration_id))
    assert session_of(database, opened).user_name == shown


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
def test_what_an_operator_closed_stays_closed(
    database: Database, registration_id: int, prepare, code: Code
) -> None:
    prepare(database, registration_id)
    with pytest.raises(Refused) as refused:
        admit(database, a_launch(), terms(registration_id))
    assert refused.value.code == code
    assert count(database, LaunchSession) == 0, "a refused launch may be tried again"


def test_a_link_names_the_module_until_an_instructor_chooses(
    database: Database, registration_id: int
) -> None:
    def launched(nonce: str, module: str | None):
        opened = admit(database, a_launch(nonce), terms(registration_id, linked_module=module))
        return session_of(database, opened).module_id

    assert launched("1", None) is None
    assert launched("2", "module-4") == "module-4"
    assert launched("3", "module-5") == "module-5", "the link was edited"
    assert launched("4", None) == "module-5"
    with database.write() as session:
        session.query(ResourceLink).update({"module_id": "chosen", "module_source": "instructor"})
    assert launched("5", "module-4") == "chosen"


def test_a_visit_opens_to_its_own_token_only(database: Database, registration_id: int) -> None:
    first = admit(database, a_launch("1"), terms(registration_id))
    second = admit(database, a_launch("2"), terms(registration_id))

    def entered(session_id: str, **given: str | None):
        return enter(database, KEY, session_id, **{"cookie": None, "token": None} | given)

    assert entered(first.session_id).launch_session is None
    assert entered(first.session_id, cookie=second.token).launch_session is None
    assert entered(first.session_id, token="é" * 40).launch_session is None
    by_cookie = entered(first.session_id, cookie=first.token)
    assert by_cookie.launch_session is not None
    assert not by_cookie.launch_session.cookieless
    assert not by_cookie.holds_token, "a cookie alone changes nothing"
    by_token = entered(first.session_id, token=first.token)
    assert by_token.launch_session is not None
    assert by_token.launch_session.cookieless
    assert by_token.holds_token


def test_a_visit_closes_with_its_registration_and_with_time(
    database: Database, registration_id: int
) -> None:
    opened = admit(database, a_launch("1"), terms(registration_id))
    directory.change_registration(database, registration_id, status="disabled")
    assert session_of(database, opened) is None
    directory.change_registration(database, registration_id, status="active")
    assert session_of(database, opened) is not None
    with database.write() as session:
        session.query(LaunchSession).update({"expires_at": now()})
    assert session_of(database, opened) is None
    forget_old(database)
    assert count(database, LaunchSession) == 0


def together(function, times: int) -> None:
    threads = [threading.Thread(target=function) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
