"""The launch, with an independent tool."""

import time

import jwt
import pytest
import requests

from demo_lms import vocabulary as lti
from demo_lms.running import Running
from tests.support.driver import Driver, claims_in, forms
from tests.support.fake_tool import FakeTool


def test_discovery(lms: Running) -> None:
    answer = requests.get(lms.url + "/.well-known/openid-configuration", timeout=10)
    body = answer.json()
    assert answer.headers["Content-Type"] == "application/json"
    assert body["issuer"] == lms.url
    assert body["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert body["id_token_signing_alg_values_supported"] == ["RS256"]
    assert set(lti.SCOPES) < set(body["scopes_supported"])
    for name in ("authorization", "token", "registration"):
        assert body[name + "_endpoint"].startswith(lms.url)
    types = [m["type"] for m in body[lti.PLATFORM_CONFIGURATION]["messages_supported"]]
    assert types == [
        lti.RESOURCE_LINK,
        lti.DEEP_LINKING,
        lti.SUBMISSION_REVIEW,
        lti.DATA_PRIVACY,
    ]


def test_a_launch_is_signed_and_complete(
    lms: Running, tool: FakeTool, driver: Driver, client_id: str
) -> None:
    page = driver.launch("joao", "coop-101", language="fr")
    assert (page.status_code, page.url) == (200, tool.url + "/l/1/")
    assert "João Araújo" in page.text
    claims = tool.launches[0]
    resource_link = lms.state.resource_links_of("coop-101")[0]
    assert claims["sub"] == "p-7302"
    assert claims["azp"] == client_id
    assert claims["exp"] > claims["iat"] >= time.time() - 5
    assert claims[lti.LTI + "version"] == "1.3.0"
    assert claims[lti.LTI + "roles"] == [lti.LEARNER]
    assert claims[lti.LTI + "resource_link"] == {"id": resource_link.id, "title": "Módulo 4"}
    assert claims[lti.LTI + "custom"] == {"module": "module-4"}
    assert claims[lti.LTI + "target_link_uri"] == tool.logins[0]["target_link_uri"]
    assert claims[lti.LTI + "launch_presentation"]["locale"] == "fr"
    assert set(claims[lti.AGS_ENDPOINT]["scope"]) == set(lti.GRADE_SCOPES)
    assert "lineitem" not in claims[lti.AGS_ENDPOINT]


def test_the_second_course_has_a_graded_activity(tool: FakeTool, driver: Driver) -> None:
    driver.launch("amina", "sse-201")
    claims = tool.launches[0]
    assert claims["name"] == "أمينة السعدي"
    assert claims[lti.AGS_ENDPOINT]["lineitem"].startswith(claims[lti.AGS_ENDPOINT]["lineitems"])


def test_an_anonymous_launch_has_no_sub_and_no_name(tool: FakeTool, driver: Driver) -> None:
    driver.launch("visitor")
    assert not {"sub", "name", "given_name", "email"} & set(tool.launches[0])


def test_an_administrator_has_no_course_role(tool: FakeTool, driver: Driver) -> None:
    driver.launch("akua")
    assert tool.launches[0][lti.LTI + "roles"] == [
        lti.INSTITUTION_ADMINISTRATOR,
        lti.SYSTEM_ADMINISTRATOR,
    ]


def test_the_login_may_also_be_a_get(tool: FakeTool, driver: Driver) -> None:
    assert driver.launch("maria", method="GET").status_code == 200


def test_the_storage_target_is_in_login_and_launch(
    lms: Running, tool: FakeTool, driver: Driver
) -> None:
    driver.launch("maria")
    assert tool.logins[0]["lti_storage_target"] == "_parent"
    assert tool.posts[0]["lti_storage_target"] == "_parent"
    lms.state.faults.storage_target = None
    driver.launch("maria")
    assert "lti_storage_target" not in tool.logins[1]
    assert "lti_storage_target" not in tool.posts[1]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"scope": "openid profile"}, "invalid_request"),
        ({"response_type": "code"}, "invalid_request"),
        ({"response_mode": None}, "invalid_request"),
        ({"prompt": "login"}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"nonce": ""}, "invalid_request"),
        ({"state": None}, "invalid_request"),
        ({"login_hint": None}, "invalid_request"),
        ({"login_hint": "joao"}, "login_required"),
        ({"login_hint": "nobody"}, "login_required"),
        ({"lti_message_hint": None}, "invalid_request"),
        ({"lti_message_hint": "made-up"}, "invalid_request"),
    ],
)
def test_invalid_authentication_requests(
    tool: FakeTool, driver: Driver, change: dict[str, str | None], error: str
) -> None:
    tool.changes = change
    form = driver.authorize(driver.login("maria"))
    assert form.action == tool.url + "/lti/launch"
    assert form.fields["error"] == error
    assert "id_token" not in form.fields


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "unpublished"},
        {"client_id": None},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": None},
        {"redirect_uri": "http://localhost/lti/launch"},
    ],
)
def test_nothing_is_sent_to_an_unregistered_redirect_uri(
    tool: FakeTool, driver: Driver, change: dict[str, str | None]
) -> None:
    tool.changes = change
    step = driver.login("maria")
    answer = driver.request("GET", step.url)
    assert answer.status_code == 400
    assert not forms(answer)


def test_a_redirect_uri_must_match_exactly(tool: FakeTool, driver: Driver) -> None:
    tool.changes = {"redirect_uri": tool.url + "/lti/launch/"}
    assert driver.request("GET", driver.login("maria").url).status_code == 400


def test_the_launch_of_another_tool_is_rejected(
    lms: Running, tool: FakeTool, driver: Driver
) -> None:
    other = lms.state.add_tool(
        login_url=tool.url, redirect_uris=[tool.url + "/lti/launch"],
        jwks_uri=tool.url, target_link_uri=tool.url,
    )  # fmt: skip
    tool.changes = {"client_id": other.client_id}
    form = driver.authorize(driver.login("maria"))
    assert form.fields["error"] == "unauthorized_client"


def test_the_response_works_without_javascript(driver: Driver) -> None:
    step = driver.login("maria")
    page = driver.request("GET", step.url).text
    assert "<noscript>" in page
    assert "data-auto-submit" in page
    assert "<script>" not in page


def test_hints_are_escaped(lms: Running, tool: FakeTool, driver: Driver) -> None:
    tool.changes = {"state": '"><script>alert(1)</script>'}
    page = driver.request("GET", driver.login("maria").url)
    assert "<script>alert" not in page.text
    assert forms(page)[0].fields["state"] == '"><script>alert(1)</script>'


def test_key_rotation(lms: Running, driver: Driver) -> None:
    before = requests.get(lms.url + "/lti/keys", timeout=10).json()["keys"]
    old = lms.state.keys.signing.kid
    lms.state.keys.rotate()
    after = requests.get(lms.url + "/lti/keys", timeout=10).json()["keys"]
    assert len(before) == 2
    assert {key["kid"] for key in before} < {key["kid"] for key in after}
    assert lms.state.keys.signing.kid == before[1]["kid"] != old
    token = driver.authorize(driver.login("maria")).fields["id_token"]
    assert jwt.get_unverified_header(token)["kid"] == before[1]["kid"]
    lms.state.keys.rotate(drop_old=True)
    left = requests.get(lms.url + "/lti/keys", timeout=10).json()["keys"]
    assert old not in {key["kid"] for key in left}


def test_moodle_flavour(lms: Running, tool: FakeTool, driver: Driver) -> None:
    lms.state.flavour = "moodle"
    driver.launch("akua", "sse-201", language="pt")
    claims = tool.launches[0]
    assert claims["exp"] == claims["iat"] + 60
    assert "azp" not in claims
    assert claims[lti.LTI + "context"]["type"] == ["CourseSection"]
    assert claims[lti.LTI + "launch_presentation"]["locale"] == "pt_br"
    assert lti.INSTRUCTOR in claims[lti.LTI + "roles"]
    assert claims[lti.LTI + "tool_platform"]["product_family_code"] == "moodle"
    assert "?type_id=" in claims[lti.AGS_ENDPOINT]["lineitem"]
    assert tool.logins[0]["lti_message_hint"].startswith('{"cmid"')


def test_canvas_flavour(lms: Running, tool: FakeTool, driver: Driver) -> None:
    lms.state.flavour = "canvas"
    driver.launch("joao")
    claims = tool.launches[0]
    assert claims[lti.LTI + "lis"]["person_sourcedid"] is None
    assert lti.INSTITUTION + "Student" in claims[lti.LTI + "roles"]
    assert claims[lti.LTI + "custom"]["canvas_course_id"] == "$Canvas.course.id"


def test_the_issuer_may_differ_from_the_url(lms: Running, tool: FakeTool, client_id: str) -> None:
    lms.state.issuer = "https://canvas.instructure.com"
    tool.add_platform(lms.url, client_id)
    Driver(lms, tool.url).launch("maria")
    assert tool.launches[0]["iss"] == "https://canvas.instructure.com"


def test_custom_variables(lms: Running, tool: FakeTool, driver: Driver) -> None:
    resource_link = lms.state.resource_links_of("sse-201")[0]
    resource_link.custom = {
        "who": "$Person.name.full",
        "where": "$Context.title",
        "column": "$LineItem.url",
        "odd": "$No.such.variable",
        "plain": "a=b;c",
    }
    driver.launch("joao", resource_link)
    custom = tool.launches[0][lti.LTI + "custom"]
    assert custom["who"] == "João Araújo"
    assert custom["where"] == "Social and solidarity economy «in practice»"
    assert custom["column"] == tool.launches[0][lti.AGS_ENDPOINT]["lineitem"]
    assert (custom["odd"], custom["plain"]) == ("$No.such.variable", "a=b;c")


def test_a_submission_review_has_for_user(lms: Running, tool: FakeTool, driver: Driver) -> None:
    resource_link = lms.state.resource_links_of("sse-201")[0]
    item = lms.state.line_items[resource_link.line_item_id or ""]
    item.submission_review = {"url": tool.url + "/lti/launch?review=1", "custom": {"rev": "1"}}
    form = driver.authorize(
        driver.login("maria", resource_link, message_type=lti.SUBMISSION_REVIEW, for_user="p-7302")
    )
    claims = claims_in(form.fields["id_token"])
    assert claims[lti.LTI + "message_type"] == lti.SUBMISSION_REVIEW
    assert claims[lti.LTI + "for_user"]["user_id"] == "p-7302"
    assert claims[lti.LTI + "target_link_uri"].endswith("?review=1")
    assert claims[lti.LTI + "custom"]["rev"] == "1"
    other = lms.state.new_line_item("sse-201", item.client_id, "First post", 5)
    review = driver.login(
        "maria",
        resource_link,
        message_type=lti.SUBMISSION_REVIEW,
        for_user="p-7302",
        line_item_id=other.id,
    )
    claims = claims_in(driver.authorize(review).fields["id_token"])
    assert claims[lti.AGS_ENDPOINT]["lineitem"].endswith(f"/{other.id}")


def test_names_are_sent_only_if_shared(lms: Running, tool: FakeTool, driver: Driver) -> None:
    known = next(iter(lms.state.tools.values()))
    known.shares_names = known.shares_email = False
    driver.launch("joao")
    assert not {"name", "given_name", "family_name", "email"} & set(tool.launches[0])
    assert tool.launches[0]["sub"] == "p-7302"
