"""The login a platform starts, and the authentication request that answers it."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti.login import authentication_request, check_target, parse_login
from lti_tool.lti.refusal import Code, Refused
from tests.lti_tool.lti.samples import PUBLIC_URL, REGISTRATION, capture

FORM = {
    "iss": "https://lms.example.edu",
    "login_hint": "7",
    "target_link_uri": f"{PUBLIC_URL}/m/module-4",
}


def answered(form: dict[str, str], endpoint: str = "https://lms.example.edu/auth") -> Any:
    registration = replace(REGISTRATION, authorization_endpoint=endpoint)
    url = authentication_request(
        registration,
        parse_login(form),
        redirect_uri=f"{PUBLIC_URL}/lti/launch",
        state="the state",
        nonce="the nonce",
    )
    assert url.startswith(endpoint.partition("?")[0] + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_a_real_moodle() -> None:
    form = {name: values[0] for name, values in capture("06-login-resource-link")["form"].items()}
    login = parse_login(form)
    assert login.issuer == "http://localhost:8100"
    assert login.client_id == "ZLKlZoC6mMXQfZj"
    assert login.deployment_id == "1"
    assert login.storage_target is None
    assert answered(form)["lti_message_hint"] == '{"cmid":3,"launchid":"ltilaunch1_1304304985"}'


def test_the_authentication_request() -> None:
    assert answered(FORM) == {
        "response_type": "id_token",
        "response_mode": "form_post",
        "scope": "openid",
        "prompt": "none",
        "client_id": "client-1",
        "redirect_uri": f"{PUBLIC_URL}/lti/launch",
        "login_hint": "7",
        "state": "the state",
        "nonce": "the nonce",
    }


def test_a_query_of_the_endpoint_is_kept() -> None:
    query = answered(FORM, "https://lms.example.edu/auth?site=a%26b")
    assert query["site"] == "a&b"
    assert query["login_hint"] == "7"


@pytest.mark.parametrize("name", list(FORM))
@pytest.mark.parametrize("gone", [None, ""])
def test_what_is_required(name: str, gone: str | None) -> None:
    form = {key: value for key, value in FORM.items() if key != name}
    with pytest.raises(Refused) as caught:
        parse_login(form if gone is None else {**form, name: gone})
    assert caught.value.code is Code.MISSING_PARAMETER
    assert caught.value.facts == {"parameter": name}


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("iss", "i" * 256, Code.TOO_LARGE),
        ("login_hint", "h" * 12_000_000, Code.TOO_LARGE),
        ("target_link_uri", "t" * 5000, Code.TOO_LARGE),
        ("lti_message_hint", "m" * 10_000, Code.TOO_LARGE),
        ("client_id", "c" * 256, Code.TOO_LARGE),
        ("iss", "a\0b", Code.BAD_PARAMETER),
        ("login_hint", "a\ud800b", Code.BAD_PARAMETER),
    ],
)
def test_what_is_refused(name: str, value: str, code: Code) -> None:
    with pytest.raises(Refused) as caught:
        parse_login({**FORM, name: value})
    assert caught.value.code is code


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("_parent", "_parent"),
        ("post_message_forwarding", "post_message_forwarding"),
        ("", None),
        ("<script>", None),
        ("a b", None),
        ("x" * 101, None),
    ],
)
def test_storage_targets_are_names_of_frames(sent: str, kept: str | None) -> None:
    assert parse_login({**FORM, "lti_storage_target": sent}).storage_target == kept


@pytest.mark.parametrize(
    ("target", "public_url"),
    [
        ("https://tool.example.org", "https://tool.example.org"),
        ("https://tool.example.org/", "https://tool.example.org"),
        ("https://TOOL.example.org:443/m/4?x=1#y", "https://tool.example.org"),
        ("http://localhost:8000/m/4", "http://localhost:8000"),
        ("https://tool.example.org/minga/m/4", "https://tool.example.org/minga"),
        ("https://tool.example.org/minga/m/4", "https://tool.example.org/minga/"),
    ],
)
def test_targets_of_ours(target: str, public_url: str) -> None:
    check_target(target, public_url)


@pytest.mark.parametrize(
    ("target", "public_url"),
    [
        ("https://evil.example/", "https://tool.example.org"),
        ("http://tool.example.org/", "https://tool.example.org"),
        ("https://tool.example.org:8443/", "https://tool.example.org"),
        ("https://tool.example.org.evil.example/", "https://tool.example.org"),
        ("https://tool.example.org@evil.example/", "https://tool.example.org"),
        ("https://evil.example\\@tool.example.org/", "https://tool.example.org"),
        ("//tool.example.org/", "https://tool.example.org"),
        ("/m/4", "https://tool.example.org"),
        ("javascript:alert(1)", "https://tool.example.org"),
        ("https://tool.example.org/\n", "https://tool.example.org"),
        (" https://tool.example.org/", "https://tool.example.org"),
        ("https://tool.example.org/other", "https://tool.example.org/minga"),
        ("https://tool.example.org/mingala", "https://tool.example.org/minga"),
        ("https://tool.example.org/minga/../x", "https://tool.example.org/minga"),
    ],
)
def test_targets_of_others(target: str, public_url: str) -> None:
    with pytest.raises(Refused) as caught:
        check_target(target, public_url)
    assert caught.value.code is Code.WRONG_TARGET


@given(st.dictionaries(st.sampled_from([*FORM, "client_id", "lti_message_hint"]), st.text()))
def test_any_form(form: dict[str, str]) -> None:
    try:
        login = parse_login({**FORM, **form})
        check_target(login.target_link_uri, PUBLIC_URL)
    except Refused:
        return
    assert answered({**FORM, **form})["login_hint"] == login.login_hint
