"""Dynamic registration cannot take a registration over: attempts, and changes that are allowed.

The attacker can publish files on the LMS's host (a home page, another port) and holds a valid
invitation, or registration is open. The configuration names the issuer of the LMS, and the answer
to the registration names its client id.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import requests

from demo_lms.register_tool import register_tool
from demo_lms.signing_keys import Key
from lti_tool.directory import registrations as directory
from lti_tool.lti.dynamic_registration import TOOL
from lti_tool.registrations.changes import CHANGES_LIMIT, configuration_url
from tests.lti_tool.lti.local_server import Reply
from tests.lti_tool.registrations.campus import (
    ATTACKER,
    HOME_PAGE,
    REAL_PATH,
    Campus,
    standing_campus,
)
from tests.support import databases
from tests.support.rsa_keys import generate_private_key
from tests.support.tool import RunningTool, running_tool


@pytest.fixture(scope="module")
def tool(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTool]:
    folder = tmp_path_factory.mktemp("tool")
    with (
        databases.migrated_database(engine, folder) as database_url,
        running_tool(folder, registration="open", database_url=database_url) as running,
    ):
        for endpoint in ("registrations.show", "registrations.register"):
            limited = running.app.view_functions[endpoint]
            running.app.view_functions[endpoint] = limited.__wrapped__  # type: ignore[attr-defined]
        yield running


@pytest.fixture
def campus(tool: RunningTool) -> Iterator[Campus]:
    with standing_campus(tool) as standing:
        register_tool(standing.lms.state, tool.invite())
        yield standing


ENDPOINTS = (
    "authorization_endpoint",
    "token_endpoint",
    "token_audience",
    "jwks_uri",
    "product",
    "scopes",
    "configuration_url",
    "status",
)


def held(campus: Campus) -> tuple[Any, ...]:
    """All that an attacker would like to change."""
    row = campus.row
    deployments = directory.deployments_of(campus.tool.database, row.id)
    return (
        *(getattr(row, name) for name in ENDPOINTS),
        *((each.deployment_id, each.status) for each in deployments),
    )


@contextmanager
def unharmed(campus: Campus) -> Iterator[None]:
    """The registration is the same afterwards, and only the LMS can launch."""
    before = held(campus)
    yield
    assert held(campus) == before
    assert campus.launch_status() == 200
    assert campus.launch_status(ATTACKER) == 401


WAITS, REFUSED = "waits", "refused"


@pytest.mark.parametrize("invited", [True, False], ids=["invited", "open"])
@pytest.mark.parametrize(
    ("path", "prefix", "expected"),
    [
        pytest.param(HOME_PAGE, "http://localhost:{port}", WAITS, id="other path"),
        pytest.param(REAL_PATH + "?f=1", "http://localhost:{port}", WAITS, id="other query"),
        pytest.param(HOME_PAGE, "HTTP://LOCALHOST:{port}", WAITS, id="case of host"),
        pytest.param(HOME_PAGE, "http://localhost:{other}", REFUSED, id="other port"),
        pytest.param(HOME_PAGE, "http://localhost:80", REFUSED, id="default port"),
        pytest.param(HOME_PAGE, "http://localhost", REFUSED, id="no port"),
        pytest.param(HOME_PAGE, "https://localhost:{port}", REFUSED, id="https for http"),
        pytest.param(HOME_PAGE, "http://127.0.0.1:{port}", REFUSED, id="other name"),
        pytest.param(HOME_PAGE, "http://www.localhost:{port}", REFUSED, id="same domain"),
        pytest.param(HOME_PAGE, "http://localhost.:{port}", REFUSED, id="trailing dot"),
        pytest.param(HOME_PAGE, "http://localhost@127.0.0.1:{other}", REFUSED, id="userinfo"),
        pytest.param(HOME_PAGE, "http://me:pw@localhost:{port}", REFUSED, id="password"),
    ],
)
def test_a_takeover_from_another_configuration(
    campus: Campus, path: str, prefix: str, expected: str, invited: bool
) -> None:
    other = campus.elsewhere.url.rpartition(":")[2]
    port = campus.lms.url.rpartition(":")[2]
    campus.publish(path)
    url = prefix.format(port=port, other=other) + path
    with unharmed(campus):
        page = campus.register(url, invitation=campus.tool.invite(name="X") if invited else None)
    if expected == REFUSED:
        assert 400 <= page.status_code < 500
        assert campus.changes() == []
        return
    assert page.status_code == 200
    assert "The change waits for the operator" in page.text
    assert "lti-tool registrations changes" in page.text
    [change] = campus.changes()
    assert change["invitation"] == ("X" if invited else None)
    assert change["fields"]["jwks_uri"] == {
        "now": f"{campus.lms.url}/lti/keys",
        "new": f"{campus.elsewhere.url}/keys",
    }


@pytest.mark.parametrize(
    ("changes", "differs"),
    [
        ({"authorization_endpoint": "http://127.0.0.1:9/auth"}, "authorization_endpoint"),
        ({"token_endpoint": "http://127.0.0.1:9/token"}, "token_endpoint"),
        ({"jwks_uri": "http://127.0.0.1:9/keys"}, "jwks_uri"),
        ({"authorization_server": "http://127.0.0.1:9/"}, "token_audience"),
        ({"product": "canvas"}, "product"),
        ({"deployment": "another"}, "deployment_id"),
        ({"scope": "https://purl.imsglobal.org/spec/lti-ags/scope/score"}, "scopes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_part_of_a_registration_waits(
    campus: Campus, changes: dict[str, str], differs: str
) -> None:
    body = campus.configuration()
    for name in changes.keys() & body.keys() | changes.keys() & {"authorization_server"}:
        body[name] = changes[name]
    if "product" in changes:
        platform = "https://purl.imsglobal.org/spec/lti-platform-configuration"
        body[platform]["product_family_code"] = changes["product"]
    campus.files[HOME_PAGE] = body
    campus.answer(changes.get("deployment", campus.deployment), changes.get("scope"))
    with unharmed(campus):
        assert campus.register(campus.lms.url + HOME_PAGE).status_code == 200
    [change] = campus.changes()
    assert differs in change["fields"]
    campus.run("confirm", str(change["id"]))
    assert campus.changes() == []
    if differs == "deployment_id":
        deployments = directory.deployments_of(campus.tool.database, campus.row.id)
        assert [each.deployment_id for each in deployments][1:] == ["another"]
    else:
        assert getattr(campus.row, differs) == change["fields"][differs]["new"]


def test_an_invitation_of_another_institution(campus: Campus) -> None:
    url = campus.tool.invite(uses=5)
    with standing_campus(campus.tool) as another:
        register_tool(another.lms.state, url)
    campus.publish()
    with unharmed(campus):
        page = campus.register(campus.lms.url + HOME_PAGE, invitation=url)
    assert page.status_code == 403
    assert campus.changes() == []


def test_the_invitation_that_made_the_registration_changes_nothing_either(
    tool: RunningTool,
) -> None:
    url = tool.invite(uses=2)
    with standing_campus(tool) as campus:
        register_tool(campus.lms.state, url)
        campus.publish()
        with unharmed(campus):
            campus.register(campus.lms.url + HOME_PAGE, invitation=url)
        assert len(campus.changes()) == 1


def test_the_issuer_in_another_spelling_is_another_registration(campus: Campus) -> None:
    loud = campus.lms.url.replace("localhost", "LOCALHOST")
    campus.publish(issuer=loud)
    with unharmed(campus):
        page = campus.register(campus.lms.url + HOME_PAGE, invitation=campus.tool.invite())
    assert page.status_code == 200
    rows = directory.all_registrations(campus.tool.database)
    assert [row.status for row in rows if row.issuer == loud] == ["active"]


@pytest.mark.parametrize(
    ("path", "status"),
    [(HOME_PAGE, "pending"), (REAL_PATH + "?f=1", "pending"), (REAL_PATH, "active")],
)
def test_another_client_of_the_issuer_comes_from_where_the_first_one_came_from(
    campus: Campus, path: str, status: str
) -> None:
    campus.publish(path)
    answer = {"client_id": "another", TOOL: {"deployment_id": "9"}}
    campus.elsewhere.always("POST /register", Reply(answer))
    with ExitStack() as stack:
        if status == "pending":
            stack.enter_context(unharmed_without_client_id(campus))
        page = campus.register(campus.lms.url + path, invitation=campus.tool.invite())
    assert page.status_code == 200
    assert ("must approve the registration" in page.text) == (status == "pending")
    rows = directory.all_registrations(campus.tool.database)
    [second] = [row for row in rows if row.issuer == campus.lms.url and row.id != campus.row.id]
    assert (second.client_id, second.status) == ("another", status)


@contextmanager
def unharmed_without_client_id(campus: Campus) -> Iterator[None]:
    """Afterwards a login that names no client still finds the registration."""
    client_id = campus.row.client_id
    yield
    login = {"iss": campus.lms.url, "login_hint": "1", "target_link_uri": campus.tool.url}
    answer = requests.post(f"{campus.tool.url}/lti/login", data=login, allow_redirects=False)
    assert client_id in answer.headers["Location"]


@pytest.mark.parametrize("status", ["pending", "disabled"])
@pytest.mark.parametrize("path", [HOME_PAGE, REAL_PATH])
def test_a_registration_that_is_not_active(campus: Campus, status: str, path: str) -> None:
    """Nothing changes while the operator looks at a change, and nothing is switched on."""
    lms_keys = tuple(campus.lms.state.keys.keys)
    campus.publish(path, keys=(*lms_keys, ATTACKER))
    directory.change_registration(campus.tool.database, campus.row.id, status=status)
    before = held(campus)
    page = campus.register(campus.lms.url + path, invitation=campus.tool.invite())
    assert page.status_code == 200
    assert held(campus) == before
    [change] = campus.changes()
    campus.run("confirm", str(change["id"]))
    assert campus.row.status == status
    assert campus.row.jwks_uri == f"{campus.elsewhere.url}/keys"


def test_a_pending_registration_that_is_approved_is_the_one_that_was_shown(
    tool: RunningTool,
) -> None:
    with standing_campus(tool) as campus:
        register_tool(campus.lms.state, f"{tool.url}/lti/register")
        assert campus.row.status == "pending"
        shown = held(campus)
        campus.publish()
        campus.register(campus.lms.url + HOME_PAGE)
        assert held(campus) == shown
        told = campus.run("enable", str(campus.row.id)).stdout
        assert "Changes that wait for you: 1" in told
        assert campus.launch_status() == 200
        assert campus.launch_status(ATTACKER) == 401


# Changes that the platform itself makes


@pytest.mark.parametrize("invited", [True, False], ids=["invited", "open"])
def test_the_same_configuration_url_with_a_key_of_before_changes_at_once(
    campus: Campus, invited: bool
) -> None:
    assert campus.launch_status() == 200
    fresh = Key("c", generate_private_key(65537, 2048))
    campus.publish(REAL_PATH, keys=(*campus.lms.state.keys.keys, fresh))
    page = campus.register(
        campus.lms.url + REAL_PATH, invitation=campus.tool.invite() if invited else None
    )
    assert page.status_code == 200
    assert "The change waits" not in page.text
    assert campus.changes() == []
    assert campus.row.jwks_uri == f"{campus.elsewhere.url}/keys"
    assert campus.row.status == "active"


def test_without_stored_keys_those_of_the_old_url_are_fetched(campus: Campus) -> None:
    campus.publish(REAL_PATH, keys=tuple(campus.lms.state.keys.keys))
    campus.register(campus.lms.url + REAL_PATH)
    assert campus.row.jwks_uri == f"{campus.elsewhere.url}/keys"


@pytest.mark.parametrize("seen", [True, False], ids=["keys stored", "keys not stored"])
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"keys": [ATTACKER.jwk()]}, id="no shared key"),
        pytest.param({"keys": []}, id="no key"),
        pytest.param(b"<html>", id="no key set"),
    ],
)
def test_the_same_configuration_url_without_a_key_of_before_waits(
    campus: Campus, answer: Any, seen: bool
) -> None:
    if seen:
        assert campus.launch_status() == 200
    campus.publish(REAL_PATH)
    campus.elsewhere.always("GET /keys", Reply(answer))
    with unharmed(campus):
        page = campus.register(campus.lms.url + REAL_PATH, invitation=campus.tool.invite())
    assert "The change waits" in page.text
    assert len(campus.changes()) == 1


def test_a_key_id_of_before_with_another_key_waits(campus: Campus) -> None:
    [first, *_] = campus.lms.state.keys.keys
    campus.publish(REAL_PATH, keys=(Key(first.kid, ATTACKER.private),))
    with unharmed(campus):
        campus.register(campus.lms.url + REAL_PATH)
    assert len(campus.changes()) == 1


def test_a_shared_key_at_another_configuration_url_waits(campus: Campus) -> None:
    """Public keys are public: anybody can publish those of the LMS together with their own."""
    campus.publish(HOME_PAGE, keys=(*campus.lms.state.keys.keys, ATTACKER))
    with unharmed(campus):
        campus.register(campus.lms.url + HOME_PAGE)
    assert len(campus.changes()) == 1


def test_a_registration_made_by_hand_cannot_prove_anything(campus: Campus) -> None:
    directory.change_registration(campus.tool.database, campus.row.id, configuration_url=None)
    campus.publish(REAL_PATH, keys=(*campus.lms.state.keys.keys, ATTACKER))
    with unharmed(campus):
        campus.register(campus.lms.url + REAL_PATH)
    assert len(campus.changes()) == 1


@pytest.mark.parametrize("path", [REAL_PATH, HOME_PAGE])
def test_registering_again_with_nothing_new_succeeds_quietly(campus: Campus, path: str) -> None:
    campus.files[path] = campus.configuration()
    campus.answer(campus.deployment)
    directory.set_deployment(campus.tool.database, campus.row.id, campus.deployment, active=False)
    before = held(campus)
    page = campus.register(campus.lms.url + path, invitation=campus.tool.invite())
    assert page.status_code == 200
    assert "Minga is registered" in page.text
    assert campus.changes() == []
    assert held(campus) == before, "a disabled deployment stays disabled"


# Several at once


def at_once(*calls: Callable[[], requests.Response]) -> list[int]:
    statuses: list[int] = []
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], requests.Response]) -> None:
        start.wait()
        statuses.append(call().status_code)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


@pytest.mark.both_engines
def test_the_same_attempt_several_times_at_once_waits_once(campus: Campus) -> None:
    campus.publish()
    url = campus.lms.url + HOME_PAGE
    with unharmed(campus):
        statuses = at_once(*[lambda: campus.register(url)] * 6)
        assert 200 in statuses
        assert set(statuses) <= {200, 503}  # 503: all slots for registrations are taken
    assert len(campus.changes()) == 1


@pytest.mark.both_engines
def test_a_new_registration_several_times_at_once_is_added_once(campus: Campus) -> None:
    campus.publish(issuer=campus.lms.url + "/new")
    url = campus.lms.url + HOME_PAGE
    statuses = at_once(*[lambda: campus.register(url)] * 6)
    assert 200 in statuses
    assert set(statuses) <= {200, 503}  # 503: all slots for registrations are taken
    rows = directory.all_registrations(campus.tool.database)
    assert len([row for row in rows if row.issuer == f"{campus.lms.url}/new"]) == 1


@pytest.mark.both_engines
def test_only_so_many_changes_wait(campus: Campus) -> None:
    with unharmed(campus):
        for number in range(CHANGES_LIMIT):
            campus.publish(token_endpoint=f"http://127.0.0.1:9/{number}")
            assert campus.register(campus.lms.url + HOME_PAGE).status_code == 200
        campus.publish(token_endpoint="http://127.0.0.1:9/more")
        invitation = campus.tool.invite()
        for _ in range(2):  # the invitation is not used up
            page = campus.register(campus.lms.url + HOME_PAGE, invitation=invitation)
            assert page.status_code == 409
    waiting = campus.changes()
    assert len(waiting) == CHANGES_LIMIT
    campus.run("reject", str(waiting[0]["id"]))
    assert campus.register(campus.lms.url + HOME_PAGE, invitation=invitation).status_code == 200


# The operator


@pytest.mark.both_engines
def test_an_operator_confirms_or_rejects(campus: Campus) -> None:
    campus.publish()
    campus.register(campus.lms.url + HOME_PAGE, invitation=campus.tool.invite(name="Physics"))
    [change] = campus.changes()
    number = str(change["id"])
    shown = campus.run("changes").stdout
    assert "Physics" in shown
    assert f"{campus.elsewhere.url}/keys" in shown
    assert campus.lms.url + HOME_PAGE in shown
    assert "registrations changes" in campus.run("list").stdout
    with unharmed(campus):
        rejected = json.loads(campus.run("reject", number, "--json").stdout)
    assert rejected == {"rejected": change["id"], "registration": campus.row.id}
    assert "no change" in campus.run("confirm", number, exit_code=1).stderr

    campus.register(campus.lms.url + HOME_PAGE)
    [again] = campus.changes()
    assert again["id"] > change["id"], "an id is never used again"
    campus.run("confirm", str(again["id"]), "--json")
    assert campus.row.jwks_uri == f"{campus.elsewhere.url}/keys"
    assert campus.row.configuration_url == campus.lms.url + HOME_PAGE


@pytest.mark.parametrize(
    ("url", "stored"),
    [
        ("https://LMS.example:443/c", "https://lms.example/c"),
        ("https://lms.example/c?a=1&registration_token=x&b=%2F", "https://lms.example/c?a=1&b=%2F"),
        ("https://lms.example/c?registration_token=x", "https://lms.example/c"),
        ("https://lms.example/c?registration_tokens=x#f", "https://lms.example/c?registration_tokens=x"),
        ("https://lms.example/C/../c", "https://lms.example/C/../c"),
    ],
)  # fmt: skip
def test_the_configuration_url_is_stored_without_its_token(url: str, stored: str) -> None:
    assert configuration_url(url) == stored
