"""What an administrator reads during a dynamic registration."""

import pytest
import requests

from demo_lms.register_tool import registration_url
from lti_tool.directory import registrations as directory
from lti_tool.lti import platform_configuration
from lti_tool.platforms import find_profile
from lti_tool.registrations.changes import Outcome
from tests.support.driver import forms
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


CANVAS_NAME = "https://canvas.instructure.com/lti/account_name"


@pytest.mark.parametrize(
    ("invited", "platform", "name"),
    [
        ("Escuela de Cooperativas", {}, "Escuela de Cooperativas"),
        ("Escuela de Cooperativas", {"name": "Moodle"}, "Escuela de Cooperativas"),
        ("", {"name": "Universidad de Coimbra"}, "Universidad de Coimbra"),
        (
            "",
            {"product_family_code": "canvas", CANVAS_NAME: "Ghana College"},
            "Ghana College",
        ),
        ("", {"product_family_code": "canvas", "name": "Ghana College"}, "Ghana College"),
        ("", {"name": ["x"]}, None),
        ("", {"name": ""}, None),
        ("", {}, None),
    ],
)
def test_the_page_names_the_institution(
    tool: RunningTool,
    lms,
    monkeypatch: pytest.MonkeyPatch,
    invited: str,
    platform: dict[str, object],
    name: str | None,
) -> None:
    read = platform_configuration.read_configuration

    def changed(body, *arguments):
        body[platform_configuration.PLATFORM].update(platform)
        return read(body, *arguments)

    monkeypatch.setattr(platform_configuration, "read_configuration", changed)
    url = tool.invite(name=invited, uses=2)
    shown = name or "127.0.0.1"
    headers = {"Accept-Language": "en"}
    page = requests.get(registration_url(lms.state, url), headers=headers, timeout=10)
    assert f"<h1>Add Minga to {shown}</h1>" in page.text
    [form] = [each for each in forms(page) if each.method == "post"]
    done = requests.post(url, form.fields, headers=headers, timeout=10)
    assert f"{shown} and Minga are now connected." in done.text
    [row] = [each for each in directory.all_registrations(tool.database) if each.issuer == lms.url]
    assert row.name == (name or lms.url.partition("://")[2])


@pytest.mark.parametrize(("known", "pending"), [(False, True), (True, False)])
def test_only_a_new_tool_is_to_be_activated_in_moodle(
    tool: RunningTool, lms, monkeypatch: pytest.MonkeyPatch, known: bool, pending: bool
) -> None:
    outcome = Outcome("active", known=known)
    monkeypatch.setattr(
        "lti_tool.registrations.dynamic_registration.register_platform",
        lambda *_, **__: outcome,
    )
    monkeypatch.setattr(
        "lti_tool.registrations.dynamic_registration.find_profile",
        lambda issuer, product: find_profile(issuer, "moodle"),
    )
    url = tool.invite()
    page = requests.get(registration_url(lms.state, url), timeout=10)
    [form] = [each for each in forms(page) if each.method == "post"]
    done = requests.post(url, form.fields, headers={"Accept-Language": "en"}, timeout=10)
    assert done.status_code == 200
    assert ("“Activate”" in done.text) is pending
