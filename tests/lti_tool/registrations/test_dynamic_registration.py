"""LTI Dynamic Registration: an administrator pastes one URL into the platform."""

from dataclasses import replace

import pytest
import requests
from sqlalchemy.exc import OperationalError

from demo_lms.register_tool import RegistrationError, register_tool, registration_url
from demo_lms.running import Running
from lti_tool.directory import registrations as directory
from lti_tool.registrations import dynamic_registration
from tests.support.driver import Driver, forms
from tests.support.site import running_lms
from tests.support.tool import RunningTool, running_tool


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory):
    with running_tool(tmp_path_factory.mktemp("tool")) as running:
        yield running


@pytest.fixture
def lms():
    with running_lms() as running:
        yield running


def registrations(tool: RunningTool) -> list[str]:
    return [row.issuer for row in directory.all_registrations(tool.database)]


def test_the_invitation_url_registers_the_platform(tool: RunningTool, lms) -> None:
    register_tool(lms.state, tool.invite())
    [row] = [each for each in directory.all_registrations(tool.database) if each.issuer == lms.url]
    assert row.status == "active"
    assert "score" in row.scopes
    assert len(directory.deployments_of(tool.database, row.id)) == 1
    assert Driver(lms, tool.url).launch("joao").status_code == 200


def test_the_administrator_confirms_the_platform_before_anything_is_stored(
    tool: RunningTool, lms
) -> None:
    page = requests.get(registration_url(lms.state, tool.invite()), timeout=10)
    assert page.status_code == 200
    assert lms.url in page.text
    assert lms.url not in registrations(tool)
    assert page.headers["Content-Security-Policy"].endswith("frame-ancestors *")


def test_an_invitation_works_once(tool: RunningTool, lms) -> None:
    url = tool.invite()
    register_tool(lms.state, url)
    with running_lms() as another:
        with pytest.raises(RegistrationError, match="403"):
            register_tool(another.state, url)
        assert another.url not in registrations(tool)


def test_an_invitation_for_several_registrations_is_for_one_institution(
    tool: RunningTool, lms
) -> None:
    url = tool.invite(uses=3)
    register_tool(lms.state, url)
    with running_lms() as another:
        with pytest.raises(RegistrationError, match="403"):
            register_tool(another.state, url)
        skipped_first_page = requests.post(
            url, data=registration_fields(another, "any"), timeout=10
        )
        assert skipped_first_page.status_code == 403
        assert another.url not in registrations(tool)
    register_tool(lms.state, url)
    assert registrations(tool).count(lms.url) == 2


def test_a_registration_that_fails_does_not_bind_the_invitation(tool: RunningTool, lms) -> None:
    url = tool.invite()
    failed = requests.post(url, data=registration_fields(lms, "made-up"), timeout=10)
    assert failed.status_code == 424
    with running_lms() as another:
        register_tool(another.state, url)
        assert another.url in registrations(tool)


def registration_fields(lms: Running, token: str) -> dict[str, str]:
    return {
        "openid_configuration": f"{lms.url}/.well-known/openid-configuration",
        "registration_token": token,
    }


@pytest.mark.parametrize("code", ["", "guess", "a/b", "é"])
def test_without_an_invitation_nothing_is_registered(tool: RunningTool, lms, code: str) -> None:
    with pytest.raises(RegistrationError):
        register_tool(lms.state, f"{tool.url}/lti/register/{code}")
    assert lms.url not in registrations(tool)


def test_an_invitation_that_has_expired(tool: RunningTool, lms) -> None:
    with pytest.raises(RegistrationError, match="403"):
        register_tool(lms.state, tool.invite(days=-1))


def test_a_registration_that_fails_gives_the_invitation_back(tool: RunningTool, lms) -> None:
    url = tool.invite()
    page = requests.get(registration_url(lms.state, url), timeout=10)
    [form] = [each for each in forms(page) if each.method == "post"]
    broken = form.with_(registration_token="used-or-made-up")
    refused = requests.post(page.url.partition("?")[0], data=broken.fields, timeout=10)
    assert refused.status_code == 424
    assert "<h1>" in refused.text
    register_tool(lms.state, url)


@pytest.mark.parametrize("failures", [0, 1, 2], ids="busy {0} times when it is given back".format)
def test_a_database_that_is_busy_does_not_use_up_the_invitation(
    tool: RunningTool, lms, monkeypatch: pytest.MonkeyPatch, failures: int
) -> None:
    busy = [OperationalError("BEGIN", None, Exception("database is locked"))] * failures
    give_back = directory.give_back_invitation

    def not_stored(*_: object, **__: object) -> None:
        raise OperationalError("BEGIN", None, Exception("database is locked"))

    def given_back(*arguments: object) -> None:
        if busy:
            raise busy.pop()
        give_back(*arguments)

    url = tool.invite()
    with monkeypatch.context() as patched:
        patched.setattr(dynamic_registration, "register_platform", not_stored)
        patched.setattr(directory, "give_back_invitation", given_back)
        register_tool(lms.state, url)
    assert lms.url not in registrations(tool)
    register_tool(lms.state, url)
    assert lms.url in registrations(tool)


def test_the_invitation_url_opened_directly_says_where_to_paste_it(tool: RunningTool) -> None:
    url = tool.invite()
    page = requests.get(url, timeout=10)
    assert page.status_code == 200
    assert url in page.text
    assert "Moodle" in page.text


@pytest.mark.parametrize(
    "configuration",
    ["", "x", "ftp://127.0.0.1/x", "http://127.0.0.1:1/x", "http://[", "file:///etc/passwd"],
)
def test_a_configuration_that_cannot_be_fetched(tool: RunningTool, configuration: str) -> None:
    page = requests.get(tool.invite(), params={"openid_configuration": configuration}, timeout=20)
    assert 400 <= page.status_code < 500
    assert "<h1>" in page.text


def test_private_ip_addresses_are_not_fetched_unless_allowed(tmp_path, lms) -> None:
    with running_tool(tmp_path, allow_private_platforms="no") as tool:
        with pytest.raises(RegistrationError, match="424"):
            register_tool(lms.state, tool.invite())
        assert lms.state.faults.key_set_fetches == 0


def test_open_registrations_need_the_approval_of_an_operator(tmp_path, lms) -> None:
    with running_tool(tmp_path, registration="open") as tool:
        register_tool(lms.state, f"{tool.url}/lti/register")
        [row] = directory.all_registrations(tool.database)
        assert row.status == "pending"
        refused = requests.post(
            f"{tool.url}/lti/login",
            data={
                "iss": lms.url,
                "client_id": row.client_id,
                "login_hint": "1",
                "target_link_uri": tool.url,
            },
            timeout=10,
        )
        assert refused.status_code == 403
        assert "lti-tool registrations enable" in refused.text
        directory.change_registration(tool.database, row.id, status="active")


def test_registering_again_updates_the_registration(tool: RunningTool, lms) -> None:
    register_tool(lms.state, tool.invite())
    [row] = [each for each in directory.all_registrations(tool.database) if each.issuer == lms.url]
    again = directory.register(
        tool.database,
        replace(directory.from_row(row), name="A better name"),
        deployment_ids=("7",),
    )
    assert again == row.id
    assert directory.get_registration(tool.database, row.id).name == "A better name"
    assert len(directory.deployments_of(tool.database, row.id)) == 2


def test_the_published_keys_rotate_with_an_overlap(tool: RunningTool) -> None:
    before = requests.get(f"{tool.url}/lti/jwks", timeout=10).json()["keys"]
    made = tool.tool.signing_keys.rotate()
    after = requests.get(f"{tool.url}/lti/jwks", timeout=10).json()["keys"]
    assert {key["kid"] for key in after} == {key["kid"] for key in before} | {made.kid}
    assert all(set(key) == {"kty", "kid", "use", "alg", "n", "e"} for key in after)
