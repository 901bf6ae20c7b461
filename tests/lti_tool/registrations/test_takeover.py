"""Dynamic registration cannot take a registration over: attempts, and changes that are allowed.

The attacker can publish files on the LMS's host (a home page, another port) and holds a valid
invitation, or registration is open. The configuration names the issuer of the LMS, and the answer
to the registration names its client id.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from click.testing import CliRunner, Result

from demo_lms.register_tool import register_tool
from demo_lms.running import Running
from demo_lms.signing_keys import Key, KeyRing, new_key
from demo_lms.state import PlatformState
from lti_tool.cli import main
from lti_tool.directory import registrations as directory
from lti_tool.directory.model import RegistrationRow
from lti_tool.lti.dynamic_registration import TOOL
from lti_tool.registrations.changes import CHANGES_LIMIT, configuration_url
from tests.lti_tool.lti.local_server import LocalServer, Reply, serving
from tests.support import databases
from tests.support.driver import Driver
from tests.support.tool import RunningTool, free_port, running_tool

ATTACKER = new_key()
LMS_KEYS = (new_key(), new_key())
"""For the LMS of every test: making keys takes a while."""
REAL_PATH = "/.well-known/openid-configuration"
HOME_PAGE = "/~mallory/configuration"


@dataclass
class Campus:
    """A tool, an LMS that is registered with it, and files that others serve on the LMS's host."""

    tool: RunningTool
    lms: Running
    elsewhere: LocalServer
    """Another port of the LMS's host."""
    files: dict[str, Any] = field(default_factory=dict)
    """JSON documents by path and query; they come before the LMS's own routes."""

    @property
    def row(self) -> RegistrationRow:
        [row] = [
            each
            for each in directory.all_registrations(self.tool.database)
            if each.issuer == self.lms.url
        ]
        return row

    def configuration(self, **changes: str) -> dict[str, Any]:
        """The LMS's configuration with other endpoints."""
        there = self.elsewhere.url
        body: dict[str, Any] = requests.get(self.lms.url + REAL_PATH, timeout=10).json()
        return body | {"registration_endpoint": f"{there}/register"} | changes

    def publish(
        self, path: str = HOME_PAGE, keys: tuple[Key, ...] = (ATTACKER,), **changes: str
    ) -> None:
        """Serve a configuration and a key set, and answer registrations as the LMS's client."""
        there = self.elsewhere.url
        keys_url = changes.pop("jwks_uri", f"{there}/keys")
        names = {"jwks_uri": keys_url, "token_endpoint": f"{there}/token"}
        body = self.configuration(**(names | changes))
        self.files[path] = body
        self.elsewhere.always(f"GET {path.partition('?')[0]}", Reply(body))
        self.elsewhere.always("GET /keys", Reply({"keys": [key.jwk() for key in keys]}))
        self.answer(self.deployment)

    def answer(self, deployment_id: str, scope: str | None = None) -> None:
        """Answer registrations with the LMS's client id and this deployment."""
        answer = {
            "client_id": self.row.client_id,
            "scope": self.row.scopes if scope is None else scope,
            TOOL: {"deployment_id": deployment_id},
        }
        self.elsewhere.always("POST /register", Reply(answer))

    @property
    def deployment(self) -> str:
        return directory.deployments_of(self.tool.database, self.row.id)[0].deployment_id

    def register(self, url: str, *, invitation: str | None = None) -> requests.Response:
        """Press the button of the registration page for the configuration at ``url``."""
        where = f"{self.tool.url}/lti/register" if invitation is None else invitation
        return requests.post(where, data={"openid_configuration": url}, timeout=20)

    def run(self, *arguments: str, exit_code: int = 0) -> Result:
        """Run ``lti-tool registrations`` in this process."""
        settings = self.tool.settings
        environ = {
            "MINGA_DATA_DIR": str(settings.data_dir),
            "MINGA_DATABASE_URL": settings.database_url,
            "MINGA_PUBLIC_URL": settings.public_url,
        }
        result = CliRunner(env=environ).invoke(main, ("registrations", *arguments))
        assert result.exit_code == exit_code, result.output
        return result

    def changes(self) -> list[dict[str, Any]]:
        listed = json.loads(self.run("changes", "--json").stdout)
        return [each for each in listed if each["registration"] == self.row.id]

    def launch_status(self, key: Key | None = None) -> int:
        """The status of a launch that is signed with the LMS's key, or with another one."""
        signed = {"key": key, "header": {"kid": key.kid}} if key else None
        return Driver(self.lms, self.tool.url).launch("maria", sign=signed).status_code


@pytest.fixture(scope="module", params=databases.ENGINES)
def tool(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningTool]:
    folder = tmp_path_factory.mktemp("tool")
    made = (
        databases.sqlite_database(folder)
        if request.param == "sqlite"
        else databases.postgresql_database()
    )
    with (
        made as database_url,
        running_tool(folder, registration="open", database_url=database_url) as running,
    ):
        for endpoint in ("registrations.look", "registrations.register"):
            limited = running.app.view_functions[endpoint]
            running.app.view_functions[endpoint] = limited.__wrapped__  # type: ignore[attr-defined]
        yield running


@pytest.fixture
def campus(tool: RunningTool) -> Iterator[Campus]:
    with standing_campus(tool) as standing:
        register_tool(standing.lms.state, tool.invite())
        yield standing


@contextmanager
def standing_campus(tool: RunningTool) -> Iterator[Campus]:
    port = free_port()
    with ExitStack() as stack:
        lms = stack.enter_context(
            Running(
                PlatformState(keys=KeyRing(list(LMS_KEYS))),
                port=port,
                public_url=f"http://localhost:{port}",
            )
        )
        standing = Campus(tool, lms, stack.enter_context(serving()))
        lms_itself: Callable[..., Any] = lms.app.wsgi_app

        def with_files(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
            query = environ.get("QUERY_STRING")
            asked = environ["PATH_INFO"] + (f"?{query}" if query else "")
            if asked not in standing.files:
                return lms_itself(environ, start_response)
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(standing.files[asked]).encode()]

        lms.app.wsgi_app = with_files  # type: ignore[method-assign]
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


@pytest.mark.parametrize("status", ["pending", "disabled"])
@pytest.mark.parametrize("path", [HOME_PAGE, REAL_PATH])
def test_a_registration_that_is_not_active(campus: Campus, status: str, path: str) -> None:
    """Nothing changes under the eyes of the operator, whoever asks, and nothing is switched on."""
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
    fresh = new_key()
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


def test_the_same_attempt_several_times_at_once_waits_once(campus: Campus) -> None:
    campus.publish()
    url = campus.lms.url + HOME_PAGE
    with unharmed(campus):
        statuses = at_once(*[lambda: campus.register(url)] * 6)
        assert 200 in statuses
        assert set(statuses) <= {200, 503}  # 503: all slots for registrations are taken
    assert len(campus.changes()) == 1


def test_a_new_registration_several_times_at_once_is_added_once(campus: Campus) -> None:
    campus.publish(issuer=campus.lms.url + "/new")
    url = campus.lms.url + HOME_PAGE
    statuses = at_once(*[lambda: campus.register(url)] * 6)
    assert 200 in statuses
    assert set(statuses) <= {200, 503}  # 503: all slots for registrations are taken
    rows = directory.all_registrations(campus.tool.database)
    assert len([row for row in rows if row.issuer == f"{campus.lms.url}/new"]) == 1


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
