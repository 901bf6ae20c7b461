"""Hosts, redirects, numbers of fields and odd paths: refused in words, and never a fault (5xx)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from lti_tool.app import create_app
from lti_tool.settings import load
from lti_tool.storage.database import Database


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Flask]:
    """A tool that has been given its public URL."""
    app = create_app(
        load(
            {
                "MINGA_DATA_DIR": str(tmp_path_factory.mktemp("data")),
                "MINGA_PUBLIC_URL": "https://minga.example.org",
                "MINGA_DATABASE_URL": database_url,
            }
        )
    )
    yield app
    app.extensions["minga"].database.close()


@pytest.fixture
def client(app: Flask, database: Database) -> FlaskClient:
    return app.test_client()


OURS = "minga.example.org"


@pytest.mark.parametrize(
    ("path", "host", "status"),
    [
        ("/", OURS, 200),
        ("/", f"{OURS}:443", 200),
        ("/", f"{OURS}:8443", 200),
        ("/", OURS.upper(), 200),
        ("/", "evil.example", 400),
        ("/", f"{OURS}.evil.example", 400),
        ("/", f"evil.example:80@{OURS}", 400),
        ("/", "127.0.0.1:8000", 400),
        ("/", "[::1", 400),
        ("/lti/jwks", "evil.example", 400),
        ("/static/x/minga.css", "evil.example", 400),
        ("/l/abc", "evil.example", 400),
        ("/no/such/page", "evil.example", 400),
        ("/healthz", "evil.example", 200),
        ("/healthz", "10.0.0.7:8000", 200),
        ("/l/abc", OURS, 308),
    ],
)
def test_only_the_public_host_name_is_served(
    client: FlaskClient, path: str, host: str, status: int
) -> None:
    answer = client.get(path, headers={"Host": host})
    assert answer.status_code == status
    assert "evil.example" not in answer.text + str(answer.headers)


def test_readiness_is_told_under_any_host_name(client: FlaskClient) -> None:
    assert client.get("/readyz", headers={"Host": "10.0.0.7"}).status_code in (200, 503)
    assert client.get("/readyz", headers={"Host": "10.0.0.7"}).is_json


@pytest.mark.parametrize("path", ["/l/abc", "/l/abc?lang=es", "/l//evil.example"])
def test_redirects_stay_at_the_host_of_the_request(tmp_path: Path, path: str) -> None:
    app = create_app(load({"MINGA_DATA_DIR": str(tmp_path)}))  # no public URL: any host
    answer = app.test_client().get(path, headers={"Host": "evil.example"})
    assert answer.status_code in (308, 404)
    assert not answer.headers.get("Location", "").startswith(("http", "//"))
    if answer.status_code == 308:
        head, _, query = path.partition("?")
        head = head.replace("//", "/")
        expected = f"{head}/?{query}" if query else f"{head}/"
        assert answer.headers["Location"] == expected


@pytest.mark.parametrize(
    ("fields", "refused"), [(1, False), (1000, False), (1001, True), (20_000, True)]
)
@pytest.mark.parametrize("path", ["/lti/login", "/lti/launch"])
def test_a_form_of_too_many_fields_is_refused(
    client: FlaskClient, path: str, fields: int, refused: bool
) -> None:
    body = "&".join(f"f{number}=1" for number in range(fields))
    answer = client.post(
        path,
        data=body,
        content_type="application/x-www-form-urlencoded",
        headers={"Host": OURS},
    )
    assert (answer.status_code == 413) is refused
    assert answer.status_code < 500


ODD = ["x" * 300, "x" * 5000, "%00", "a%00b", "%ff%fe", "%2e%2e%2f", "%0d%0aX-A:1", "é" * 200, " "]


@pytest.mark.both_engines
def test_odd_values_in_a_path_are_no_fault_on_any_route(app: Flask, client: FlaskClient) -> None:
    """Odd values in the place of a text or a number of a route."""
    asked = 0
    for rule in app.url_map.iter_rules():
        for odd in ODD if rule.arguments else ():
            path = re.sub(r"<[^>]*>", odd, rule.rule)
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                answer = client.open(path, method=method, headers={"Host": OURS})
                assert answer.status_code < 500, (method, rule.rule, odd)
                asked += 1
    assert asked > 100


PROXY = {"X-Forwarded-For": "6.6.6.6, 1.2.3.4", "X-Forwarded-Proto": "http, https"}
INNER = {"Host": "10.0.0.1:8000"}
SEEN = ("1.2.3.4", "https")


@pytest.mark.parametrize(
    ("proxies", "headers", "seen"),
    [
        (0, {**PROXY, "Host": OURS, "X-Forwarded-Host": "evil.example"}, ("9.9.9.9", "http")),
        (0, {**PROXY, **INNER, "X-Forwarded-Host": OURS}, None),
        (1, {**PROXY, "Host": OURS}, SEEN),
        (1, {**PROXY, **INNER, "X-Forwarded-Host": OURS}, SEEN),
        (1, {**PROXY, **INNER, "X-Forwarded-Host": f"{OURS}:443"}, SEEN),
        (1, {**PROXY, **INNER, "X-Forwarded-Host": f"evil.example, {OURS}"}, SEEN),
        (1, {**PROXY, **INNER, "X-Forwarded-Host": f"{OURS}, evil.example"}, None),
        (1, {**PROXY, "Host": OURS, "X-Forwarded-Host": ""}, SEEN),
        (1, {**PROXY, "Host": OURS, "X-Forwarded-Prefix": "/evil"}, SEEN),
        (1, {**PROXY, "Host": OURS, "Forwarded": "for=6.6.6.6;host=evil.example"}, SEEN),
        (1, {**PROXY, "Host": OURS, "X-Original-URL": "/readyz"}, SEEN),
        (1, {**PROXY, "Host": OURS, "X-HTTP-Method-Override": "POST"}, SEEN),
        (2, {**PROXY, "Host": OURS}, ("6.6.6.6", "http")),
    ],
)
def test_what_proxies_tell_is_believed_as_far_as_they_are_trusted(
    tmp_path: Path, proxies: int, headers: dict[str, str], seen: tuple[str, str] | None
) -> None:
    app = create_app(
        load(
            {
                "MINGA_DATA_DIR": str(tmp_path),
                "MINGA_PUBLIC_URL": f"https://{OURS}",
                "MINGA_TRUSTED_PROXIES": str(proxies),
            }
        )
    )

    @app.get("/seen")
    def show() -> list[str | None]:
        return [request.remote_addr, request.scheme, request.script_root]

    answer = app.test_client().get(
        "/seen", headers=headers, environ_base={"REMOTE_ADDR": "9.9.9.9"}
    )
    if seen is None:
        assert answer.status_code == 400
    else:
        assert answer.json == [*seen, ""]


@pytest.mark.parametrize("sent", ["abc-123", "x" * 64, "x" * 65, "a b", "a\tb", "é", "", "a,b"])
@pytest.mark.parametrize("proxies", [0, 1])
def test_the_request_id_is_a_trusted_proxy_s_or_random(
    tmp_path: Path, sent: str, proxies: int
) -> None:
    app = create_app(load({"MINGA_DATA_DIR": str(tmp_path), "MINGA_TRUSTED_PROXIES": str(proxies)}))
    answer = app.test_client().get("/healthz", headers={"X-Request-ID": sent})
    kept = answer.headers["X-Request-ID"]
    if proxies and sent in ("abc-123", "x" * 64):
        assert kept == sent
    else:
        assert re.fullmatch(r"[0-9a-f]{16}", kept)
