"""Too much, too many, of the wrong kind: refused in words, and never a fault of ours (5xx)."""

import socket
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.support.site import Site

MEGABYTE = "x" * 1_000_000

PUBLIC = ("/", "/lti/login", "/lti/launch", "/lti/register", "/lti/register/code", "/lti/jwks")


@pytest.fixture(scope="module")
def launch_session(home: Site):
    browser = home.browser()
    page = browser.launch("joao")
    token = page.text.split('name="minga-token" content="')[1].split('"')[0]
    return browser, urlsplit(page.url).path, token


@pytest.mark.parametrize("path", ["/lti/login", "/lti/launch"])
def test_a_body_of_a_megabyte(home: Site, path: str) -> None:
    answer = home.browser().request("POST", path, data={"iss": MEGABYTE})
    assert answer.status_code == 413
    assert "<h1>" in answer.text


def test_a_body_without_a_length(home: Site) -> None:
    def pieces():
        for _ in range(40):
            yield b"a=" + b"x" * 50_000 + b"&"

    answer = home.browser().request(
        "POST",
        "/lti/login",
        data=pieces(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert 400 <= answer.status_code < 500


def test_twenty_thousand_fields(home: Site) -> None:
    fields = "&".join(f"f{number}=1" for number in range(20_000))
    answer = home.browser().request(
        "POST",
        "/lti/login",
        data=fields,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("name", ["login_hint", "lti_message_hint", "client_id", "iss"])
def test_a_login_field_that_is_too_long(home: Site, name: str) -> None:
    answer = home.browser().request(
        "POST",
        "/lti/login",
        data={
            "iss": home.lms.url,
            "login_hint": "1",
            "target_link_uri": home.tool.url,
            name: "x" * 100_000,
        },
    )
    assert answer.status_code in (400, 403, 413)


def test_a_post_that_is_too_long_is_given_back(home: Site, launch_session) -> None:
    browser, path, token = launch_session
    text = "palabra " * 3_000
    answer = browser.request(
        "POST", f"{path}post", data={"token": token, "text": text, "draft_key": "l" * 20}
    )
    assert answer.status_code in (400, 413)
    assert "palabra palabra palabra" in answer.text


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", PUBLIC)
def test_no_method_is_a_fault(home: Site, path: str, method: str) -> None:
    assert home.browser().request(method, path).status_code < 500


@pytest.mark.both_engines
@pytest.mark.parametrize(
    "path",
    [
        "/static/x/../../pyproject.toml",
        "/static/x/%2e%2e%2fpage.html",
        "/static/x/.hidden",
        "/media/module-4/000000000000/../module.toml",
        "/media/module-4/000000000000/..%2fmodule.toml",
        "/media/module-4/000000000000/media/no-such-file.mp4",
        "/media/..%2f..%2f/0/x",
        "/media/no-such-module/0/media/cover.svg",
        "/l/%00/",
        "/l/" + "x" * 5000 + "/",
        "/m/%00",
        "/lti/launch/m/%00",
        "/%ff%fe",
        "/lti/register/" + "x" * 5000,
    ],
)
def test_an_odd_address(home: Site, path: str) -> None:
    assert 300 < home.browser().request("GET", path).status_code < 500


text = st.text(max_size=40) | st.sampled_from(["\0", "\ud800".encode("utf-8", "replace").decode()])


@hypothesis_settings(max_examples=60)
@given(
    st.dictionaries(
        st.sampled_from(
            ["iss", "login_hint", "target_link_uri", "client_id", "lti_message_hint",
             "lti_deployment_id", "lti_storage_target", "minga_cookie_check"]
        ),
        text,
    )
)  # fmt: skip
def test_no_login_is_a_fault(home: Site, fields: dict[str, str]) -> None:
    known = {"iss": home.lms.url, "login_hint": "1", "target_link_uri": home.tool.url}
    for given_fields in (fields, {**known, **fields}):
        answer = home.browser().request("POST", "/lti/login", data=given_fields)
        assert answer.status_code < 500


@hypothesis_settings(max_examples=80)
@given(
    where=st.sampled_from(
        ["", "post", "compose", "poll", "choose", "progress", "open", "thread/1", "post/1",
         "post/1/edit", "post/1/delete", "thread/9999999999999999999", "post/x"]
    ),
    fields=st.dictionaries(
        st.sampled_from(
            ["text", "language", "question", "reply_to", "draft_key", "section", "module", "to",
             "after", "before", "posts", "lang", "tab"]
        ),
        text | st.sampled_from(["1", "-1", "9" * 20, "es", "xx", "zz-ZZ", "module-4"]),
    ),
    changes=st.booleans(),
)  # fmt: skip
def test_no_request_of_a_visit_is_a_fault(
    home: Site, launch_session, where: str, fields: dict[str, str], changes: bool
) -> None:
    browser, path, token = launch_session
    if changes:
        answer = browser.request("POST", path + where, data={**fields, "token": token})
    else:
        answer = browser.request("GET", path + where, params=fields)
    assert answer.status_code < 500


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"POST /lti/login HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /lti/launch HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data\r\n"
        b"Content-Length: 3\r\n\r\nabc",
        b"POST /lti/launch HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=a\r\n"
        b"Content-Length: 3\r\n\r\nabc",
        b"GET /l/x/ HTTP/1.1\r\nHost: x\r\nCookie: minga=\xff\xfe; =; ;;;\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nAccept-Language: ,;q=x,\xff,zz-" + b"z" * 3000 + b"\r\n\r\n",
    ],
)
def test_odd_bytes_on_the_wire(home: Site, raw: bytes) -> None:
    parts = urlsplit(home.tool.url)
    with socket.create_connection(("127.0.0.1", parts.port), timeout=10) as wire:
        wire.sendall(raw)
        wire.shutdown(socket.SHUT_WR)
        first = wire.recv(4096).split(b"\r\n")[0]
    assert b" 5" not in first[8:12]


def test_a_foreign_host_name_is_never_repeated(home: Site) -> None:
    answer = home.browser().request("GET", "/lti/register/x", headers={"Host": "evil.example"})
    assert "evil.example" not in answer.text + str(answer.headers)
