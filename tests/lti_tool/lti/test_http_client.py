"""The HTTP client: which requests it allows, and how it treats bad responses."""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from lti_tool.lti.http_client import FetchError, FetchErrorKind, HttpClient, HttpResponse
from tests.lti_tool.lti.local_server import Asked, LocalServer, Reply, serving
from tests.lti_tool.lti.samples import forge


def error_kind_of(call: Callable[[], Any]) -> FetchErrorKind:
    with pytest.raises(FetchError) as caught:
        call()
    return caught.value.kind


def test_an_answer(server: LocalServer, http_client: HttpClient) -> None:
    server.always("GET /x", Reply({"a": "ñ"}, headers={"X-Some": "Thing"}))
    response = http_client.get(f"{server.url}/x?y=1")
    assert (response.status, response.ok, response.json()) == (200, True, {"a": "ñ"})
    assert response.headers["x-some"] == "Thing"
    assert server.asked[0].query == {"y": "1"}
    assert "Minga" in server.asked[0].headers["User-Agent"]


def test_a_body_is_not_shown(server: LocalServer, http_client: HttpClient) -> None:
    server.always("GET /x", Reply(b"the secret of somebody"))
    response = http_client.get(f"{server.url}/x")
    assert "secret" not in repr(response)
    with pytest.raises(FetchError) as caught:
        response.json()
    assert "secret" not in str(caught.value)


def test_connections_are_kept(server: LocalServer, http_client: HttpClient) -> None:
    ports: set[int] = set()

    def note(handler: BaseHTTPRequestHandler) -> None:
        ports.add(handler.client_address[1])
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    server.raw["GET /raw"] = note
    server.always("GET /x", Reply(b"ok"))
    for _ in range(3):
        http_client.get(f"{server.url}/x")
    http_client.get(f"{server.url}/raw")
    assert len(ports) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_an_answer_and_not_followed(
    server: LocalServer, http_client: HttpClient, status: int
) -> None:
    server.always("GET /x", Reply(b"", status, {"Location": f"{server.url}/secret"}))
    response = http_client.get(f"{server.url}/x")
    assert (response.status, response.ok) == (status, False)
    assert not server.paths("/secret")


def test_a_huge_answer_is_not_read_to_its_end(server: LocalServer, http_client: HttpClient) -> None:
    sent = 0

    def flood(handler: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(2000):
            sent += handler.wfile.write(b"x" * 100_000)

    server.raw["GET /flood"] = flood
    assert error_kind_of(lambda: http_client.get(f"{server.url}/flood")) is FetchErrorKind.TOO_LARGE
    assert sent < 100_000_000


def test_a_length_that_is_too_large(server: LocalServer, http_client: HttpClient) -> None:
    server.always("GET /x", Reply(b"x" * 1001))
    call = lambda: http_client.get(f"{server.url}/x", size_limit=1000)  # noqa: E731
    assert error_kind_of(call) is FetchErrorKind.TOO_LARGE


@pytest.mark.parametrize("where", ["before the status", "in the headers", "in the body"])
def test_an_answer_that_drips(server: LocalServer, http_client: HttpClient, where: str) -> None:
    """Each byte comes within any timeout of a read; the whole never does."""
    stop = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        start = {
            "before the status": b"",
            "in the headers": b"HTTP/1.1 200 OK\r\nX: ",
            "in the body": b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n",
        }[where]
        handler.wfile.write(start)
        while not stop.wait(0.02):
            handler.wfile.write(b"H" if not start else b"x")
            handler.wfile.flush()

    server.raw["GET /drip"] = drip
    try:
        call = lambda: http_client.get(f"{server.url}/drip", total_seconds=0.3)  # noqa: E731
        assert error_kind_of(call) is FetchErrorKind.TIMEOUT
    finally:
        stop.set()


def test_a_silent_server(server: LocalServer, http_client: HttpClient) -> None:
    stop = threading.Event()
    server.raw["GET /silent"] = lambda handler: stop.wait(5) and None
    try:
        call = lambda: http_client.get(f"{server.url}/silent", total_seconds=0.2)  # noqa: E731
        assert error_kind_of(call) is FetchErrorKind.TIMEOUT
    finally:
        stop.set()


def test_a_deadline_does_not_outlive_its_request(
    server: LocalServer, http_client: HttpClient
) -> None:
    server.always("GET /x", Reply(b"ok"))
    assert http_client.get(f"{server.url}/x", total_seconds=0.2).ok
    time.sleep(0.3)
    assert http_client.get(f"{server.url}/x").ok


@pytest.mark.parametrize(
    "response",
    [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort"],
)
def test_a_broken_answer(server: LocalServer, http_client: HttpClient, response: bytes) -> None:
    server.raw["GET /x"] = lambda handler: handler.wfile.write(response) and None
    assert (
        error_kind_of(lambda: http_client.get(f"{server.url}/x")) is FetchErrorKind.INVALID_RESPONSE
    )


def test_nobody_there(http_client: HttpClient) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}/"
    assert error_kind_of(lambda: http_client.get(address)) is FetchErrorKind.CONNECTION_FAILED


def test_no_such_host(http_client: HttpClient) -> None:
    assert (
        error_kind_of(lambda: http_client.get("http://nowhere.invalid/"))
        is FetchErrorKind.UNKNOWN_HOST
    )


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ftp://lms.example.edu/",
        "file:///etc/passwd",
        "https://user:pass@lms.example.edu/",
        "https://lms.example.edu:99999/",
        "https://lms.example.edu\\@evil.example/",
        "https://lms.example.edu/a b",
        "https:///path",
        "http://[::1",
    ],
)
def test_addresses_that_are_none(http_client: HttpClient, address: str) -> None:
    assert error_kind_of(lambda: http_client.get(address)) is FetchErrorKind.BAD_URL


def test_http_is_for_private_platforms_only() -> None:
    call = lambda: HttpClient().get("http://lms.example.edu/")  # noqa: E731
    assert error_kind_of(call) is FetchErrorKind.NOT_HTTPS


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fc00::1]",
        "[fec0::1]",
        "[ff02::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "2130706433",
        "0x7f.1",
        "127.1",
    ],
)
def test_addresses_that_are_not_public(host: str) -> None:
    call = lambda: HttpClient().get(f"https://{host}/")  # noqa: E731
    assert error_kind_of(call) is FetchErrorKind.FORBIDDEN_ADDRESS


def test_a_name_that_has_a_private_address_among_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check is on what is connected to, so a name cannot pass it and then change."""
    asked: list[str] = []

    def resolve(host: str, port: int, **more: Any) -> list[Any]:
        asked.append(host)
        both = [("93.184.216.34", port), ("127.0.0.1", port)]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", where) for where in both]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    call = lambda: HttpClient().get("https://rebinding.example/")  # noqa: E731
    assert error_kind_of(call) is FetchErrorKind.FORBIDDEN_ADDRESS
    assert asked == ["rebinding.example"]


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path, http_client: HttpClient) -> None:
    wrap = _tls(tmp_path)
    with serving(wrap, "https") as server:
        assert (
            error_kind_of(lambda: http_client.get(f"{server.url}/"))
            is FetchErrorKind.BAD_CERTIFICATE
        )


def _tls(folder: Path) -> Callable[[socket.socket], ssl.SSLSocket]:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(forge().private.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(forge().private, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        forge().private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return lambda plain: context.wrap_socket(plain, server_side=True)


# Redirects


def redirect(location: str, status: int = 302) -> Reply:
    return Reply(b"", status, {"Location": location})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_only_if_asked_for(
    server: LocalServer, http_client: HttpClient, status: int
) -> None:
    server.always("GET /a", redirect("b?x=1", status))
    server.always("GET /b", Reply(b"there"))
    assert http_client.get(f"{server.url}/a").status == status
    assert http_client.get(f"{server.url}/a", max_redirects=1).body == b"there"
    assert server.asked[-1].query == {"x": "1"}


def test_redirects_are_bounded(server: LocalServer, http_client: HttpClient) -> None:
    server.always("GET /a", redirect("/a"))
    assert http_client.get(f"{server.url}/a", max_redirects=3).status == 302
    assert len(server.asked) == 4


def test_redirects_share_one_deadline(server: LocalServer, http_client: HttpClient) -> None:
    def slow(asked: Asked) -> Reply:
        time.sleep(0.2)
        return redirect("/a")

    server.routes["GET /a"] = slow
    call = lambda: http_client.get(f"{server.url}/a", max_redirects=50, total_seconds=0.5)  # noqa: E731
    assert error_kind_of(call) is FetchErrorKind.TIMEOUT
    assert len(server.asked) < 5


@pytest.mark.parametrize(
    ("location", "kind"),
    [
        ("ftp://lms.example.edu/keys", FetchErrorKind.BAD_URL),
        ("https://user@lms.example.edu/keys", FetchErrorKind.BAD_URL),
        ("http://[::1/", FetchErrorKind.INVALID_RESPONSE),
        ("http://nowhere.invalid/", FetchErrorKind.UNKNOWN_HOST),
    ],
)
def test_a_redirect_to_a_bad_url(
    server: LocalServer, http_client: HttpClient, location: str, kind: FetchErrorKind
) -> None:
    server.always("GET /a", redirect(location))
    call = lambda: http_client.get(f"{server.url}/a", max_redirects=3)  # noqa: E731
    assert error_kind_of(call) is kind


def test_a_redirect_stays_within_https_and_the_guard(
    http_client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where private networks are allowed, https does not become http."""
    requested = []

    def exchange(self: HttpClient, method: str, url: str, *_: object) -> HttpResponse:
        requested.append(url)
        return HttpResponse(302, {"location": "http://127.0.0.1/keys"}, b"", "lms.example.edu")

    monkeypatch.setattr(HttpClient, "_exchange", exchange)
    for client in (http_client, HttpClient()):
        call = lambda: client.get("https://lms.example.edu/keys", max_redirects=3)  # noqa: B023, E731
        assert error_kind_of(call) is FetchErrorKind.NOT_HTTPS
    assert requested == ["https://lms.example.edu/keys"] * 2


def test_a_redirect_to_a_private_address_is_not_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    guarded = HttpClient()
    exchange = HttpClient._exchange

    def first_hop_is_public(self: HttpClient, method: str, url: str, *rest: Any) -> HttpResponse:
        if "lms.example.edu" in url:
            return HttpResponse(302, {"location": "https://127.0.0.1/keys"}, b"", "lms.example.edu")
        return exchange(self, method, url, *rest)

    monkeypatch.setattr(HttpClient, "_exchange", first_hop_is_public)
    call = lambda: guarded.get("https://lms.example.edu/keys", max_redirects=3)  # noqa: E731
    assert error_kind_of(call) is FetchErrorKind.FORBIDDEN_ADDRESS
