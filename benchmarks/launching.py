"""The platform of the benchmarks: key set over HTTP, login requests and id_tokens of Moodle 4.5.

It runs in the client's process, and signs before the measurement starts.
"""

import copy
import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from benchmarks.client import ClientResponse, build_request, send_all
from benchmarks.servers import Server
from lti_tool.directory import registrations as directory
from lti_tool.lti.registration import Registration

_CAPTURE = Path(__file__).parent.parent / "tests/lti_tool/lti/captures/08-launch-student.json"
_CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
_KEY_ID = "8aa20e453c8c8f20e446"
CLIENT_ID = "ZLKlZoC6mMXQfZj"
DEPLOYMENT_ID = "1"


@dataclass(frozen=True, slots=True)
class Login:
    """State, nonce and cookies of a tool's response to a login request."""

    state: str
    nonce: str
    cookies: dict[str, str]


class Platform:
    """A platform with one key; its key set is at ``url``."""

    def __init__(self, url: str, key: RSAPrivateKey) -> None:
        self.url = url
        self._key = key
        self._claims: dict[str, Any] = json.loads(_CAPTURE.read_text("utf-8"))["claims"]

    def register(self, server: Server) -> None:
        """Register this platform with the tool."""
        database = server.database()
        directory.register(
            database,
            Registration(
                issuer=self.url,
                client_id=CLIENT_ID,
                authorization_endpoint=f"{self.url}/mod/lti/auth.php",
                token_endpoint=f"{self.url}/mod/lti/token.php",
                jwks_uri=f"{self.url}/mod/lti/certs.php",
                name="Moodle",
                product="moodle",
            ),
            deployment_ids=(DEPLOYMENT_ID,),
        )
        database.close()

    def pylti1p3_configuration(self) -> dict[str, Any]:
        """Return the same registration in the format of PyLTI1p3."""
        return {
            self.url: [
                {
                    "default": True,
                    "client_id": CLIENT_ID,
                    "auth_login_url": f"{self.url}/mod/lti/auth.php",
                    "auth_token_url": f"{self.url}/mod/lti/token.php",
                    "key_set_url": f"{self.url}/mod/lti/certs.php",
                    "deployment_ids": [DEPLOYMENT_ID],
                }
            ]
        }

    def login_request(self, server: Server, target: str, user: int) -> bytes:
        """Return a login request."""
        form = {
            "iss": self.url,
            "target_link_uri": target,
            "login_hint": str(user),
            "lti_message_hint": json.dumps({"cmid": 2, "launchid": f"ltilaunch2_{user}"}),
            "client_id": CLIENT_ID,
            "lti_deployment_id": DEPLOYMENT_ID,
        }
        return build_request("POST", "/lti/login", server.port, form=form)

    def launch_request(
        self,
        server: Server,
        target: str,
        login: Login,
        user: int,
        resource_link: int = 1,
        *,
        more: Mapping[str, Any] = MappingProxyType({}),
    ) -> bytes:
        """Return a launch request with a signed id_token; ``more`` are claims to add."""
        claims = copy.deepcopy(self._claims)
        now = int(time.time())
        claims |= {
            "iss": self.url,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": login.nonce,
            "sub": str(user),
            "name": f"João Araújo {user}",
            "email": f"student{user}@example.edu",
            f"{_CLAIM}target_link_uri": target,
        }
        claims[f"{_CLAIM}resource_link"]["id"] = str(resource_link)
        claims |= more
        form = {"id_token": self._signed(claims), "state": login.state}
        return build_request("POST", "/lti/launch", server.port, form=form, cookies=login.cookies)

    def _signed(self, claims: dict[str, Any]) -> str:
        header = {"typ": "JWT", "alg": "RS256", "kid": _KEY_ID}
        signed = ".".join(_text(json.dumps(part).encode()) for part in (header, claims))
        return f"{signed}.{_text(self._key.sign(signed.encode(), PKCS1v15(), SHA256()))}"


def parse_login(response: ClientResponse) -> Login:
    """Read a tool's response to a login."""
    query = parse_qs(urlsplit(response.location).query)
    return Login(query["state"][0], query["nonce"][0], response.cookies)


def launch_sessions(
    platform: Platform,
    server: Server,
    target: str,
    users: Sequence[int],
    resource_link: int = 1,
    *,
    more: Mapping[str, Any] = MappingProxyType({}),
) -> list[ClientResponse]:
    """Launch once for each user; return the tool's responses. ``more`` are claims to add."""
    requests = [platform.login_request(server, target, user) for user in users]
    logins = [parse_login(response) for response in send_all(server.port, requests, 302)[0]]
    requests = [
        platform.launch_request(server, target, login, user, resource_link, more=more)
        for login, user in zip(logins, users, strict=True)
    ]
    return send_all(server.port, requests, 303)[0]


@contextmanager
def running() -> Iterator[Platform]:
    """Run a platform."""
    key = generate_private_key(65537, 2048)
    numbers = key.public_key().public_numbers()
    public = {
        "kty": "RSA",
        "alg": "RS256",
        "use": "sig",
        "kid": _KEY_ID,
        "n": _text(numbers.n.to_bytes(256, "big")),
        "e": "AQAB",
    }
    body = json.dumps({"keys": [public]}).encode()

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Platform(f"http://localhost:{server.server_port}", key)
    finally:
        server.shutdown()
        server.server_close()


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
