"""A minimal LTI tool, made with Flask and PyJWT only, to test the demo LMS independently."""

import json
import secrets
import threading
import time
from typing import Any
from urllib.parse import urlencode

import jwt
import requests
from flask import Flask, Response, redirect, request
from jwt.algorithms import RSAAlgorithm
from markupsafe import escape
from werkzeug.serving import make_server

from demo_lms import vocabulary as lti
from demo_lms.running import QuietHandler, Running
from tests.support.rsa_keys import generate_private_key

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class FakeTool:
    """A tool on http://localhost:<port>; ``launches`` holds the verified claims of each launch."""

    def __init__(self) -> None:
        self.key = generate_private_key(65537, 2048)
        self.kid = secrets.token_hex(4)
        self.launches: list[dict[str, Any]] = []
        self.logins: list[dict[str, str]] = []
        self.posts: list[dict[str, str]] = []
        self.notices: list[dict[str, Any]] = []
        self.registered: dict[str, Any] = {}
        self.platforms: dict[str, dict[str, Any]] = {}
        """By issuer: authorization_endpoint, jwks_uri, client_id."""
        self.changes: dict[str, str | None] = {}
        """Overrides of the authentication request (None: omit)."""
        app = Flask("fake_tool")
        app.add_url_rule("/lti/login", view_func=self._login, methods=["GET", "POST"])
        app.add_url_rule("/lti/launch", view_func=self._launch, methods=["POST"])
        app.add_url_rule("/lti/jwks", view_func=self.jwks)
        app.add_url_rule("/lti/register/<code>", view_func=self._register, methods=["GET", "POST"])
        app.add_url_rule("/notices", view_func=self._notice, methods=["POST"])
        app.add_url_rule("/l/<launch>/", view_func=self._page)
        self.server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
        self.url = f"http://localhost:{self.server.port}"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> "FakeTool":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self._thread.join(10)
        self.server.server_close()

    def join(self, lms: Running, **more: Any) -> Any:
        """Register on a demo LMS without dynamic registration; return its record of this tool."""
        tool = lms.state.add_tool(
            name="Fake tool",
            login_url=self.url + "/lti/login",
            redirect_uris=[self.url + "/lti/launch"],
            jwks_uri=self.url + "/lti/jwks",
            target_link_uri=self.url + "/lti/launch",
            **more,
        )
        self.add_platform(lms.url, tool.client_id)
        return tool

    def add_platform(
        self, issuer: str, client_id: str, configuration: dict[str, Any] | None = None
    ) -> None:
        """Store a platform, by its discovery document."""
        url = issuer + "/.well-known/openid-configuration"
        document = configuration or requests.get(url, timeout=10).json()
        self.platforms[document["issuer"]] = {**document, "client_id": client_id}

    def jwks(self) -> Any:
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": self.kid, "alg": "RS256", "use": "sig"}]}

    def sign(self, claims: dict[str, Any], **header: Any) -> str:
        return jwt.encode(claims, self.key, "RS256", headers={"kid": self.kid, **header})

    def _login(self) -> Response:
        sent = request.values.to_dict()
        self.logins.append(sent)
        platform = self.platforms[sent["iss"]]
        parameters: dict[str, str | None] = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": platform["client_id"],
            "redirect_uri": self.url + "/lti/launch",
            "state": "state-" + secrets.token_hex(4),
            "nonce": "nonce-" + secrets.token_hex(4),
            "login_hint": sent["login_hint"],
            "lti_message_hint": sent.get("lti_message_hint"),
            **self.changes,
        }
        query = urlencode({name: value for name, value in parameters.items() if value is not None})
        response = redirect(platform["authorization_endpoint"] + "?" + query)
        response.headers.add(
            "Set-Cookie",
            f"__Secure-fake-tool={parameters['state']}; "
            "Path=/lti/; Secure; HttpOnly; SameSite=None; Partitioned",
        )
        return response  # type: ignore[return-value]

    def _launch(self) -> Any:
        self.posts.append(request.form.to_dict())
        if "id_token" not in request.form:
            return f"refused: {request.form.get('error')}", 400
        token = request.form["id_token"]
        issuer = jwt.decode(token, options={"verify_signature": False})["iss"]
        platform = self.platforms[issuer]
        key = jwt.PyJWKClient(platform["jwks_uri"]).get_signing_key_from_jwt(token)
        claims = jwt.decode(
            token, key.key, algorithms=["RS256"], issuer=issuer, audience=platform["client_id"]
        )
        if request.cookies.get("__Secure-fake-tool") != request.form["state"]:
            return "another browser", 400
        self.launches.append(claims)
        return redirect(f"/l/{len(self.launches)}/", 303)

    def _page(self, launch: str) -> str:
        claims = self.launches[int(launch) - 1]
        return f"<!doctype html><h1>{claims.get('name', 'Anonymous')}</h1>"

    def _notice(self) -> str:
        self.notices.append(request.get_json())
        return ""

    def _register(self, code: str) -> Any:
        configuration = request.values["openid_configuration"]
        token = request.values["registration_token"]
        if request.method == "GET":
            return (
                "<!doctype html><title>Register</title><form method=post>"
                f'<input type=hidden name="openid_configuration" value="{escape(configuration)}">'
                f'<input type=hidden name="registration_token" value="{escape(token)}">'
                "<button>Add this tool</button></form>"
            )
        document = requests.get(configuration, timeout=10).json()
        response = requests.post(
            document["registration_endpoint"],
            json=self.registration_request(),
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
        )
        self.registered = response.json()
        if response.ok:
            self.add_platform(document["issuer"], self.registered["client_id"], document)
        return ("<p>Added.</p>", 200) if response.ok else ("<p>Refused.</p>", 400)

    def registration_request(self) -> dict[str, Any]:
        return {
            "application_type": "web",
            "response_types": ["id_token"],
            "grant_types": ["implicit", "client_credentials"],
            "initiate_login_uri": self.url + "/lti/login",
            "redirect_uris": [self.url + "/lti/launch"],
            "client_name": "Fake tool",
            "jwks_uri": self.url + "/lti/jwks",
            "token_endpoint_auth_method": "private_key_jwt",
            "scope": " ".join(lti.SCOPES),
            lti.TOOL_CONFIGURATION: {
                "domain": self.url.removeprefix("http://"),
                "target_link_uri": self.url + "/lti/launch",
                "claims": ["iss", "sub", "name", "email"],
                "custom_parameters": {"who": "$Person.name.full", "odd": "$No.such.variable"},
                "messages": [{"type": lti.DEEP_LINKING}],
            },
        }

    def assertion(self, lms: Running, client_id: str, **changes: Any) -> str:
        now = int(time.time())
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": lms.url + "/lti/token",
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_hex(8),
            **changes,
        }
        return self.sign({name: value for name, value in claims.items() if value is not None})

    def request_token(
        self, lms: Running, client_id: str, scopes: Any = lti.SCOPES, assertion: str | None = None
    ) -> requests.Response:
        return requests.post(
            lms.url + "/lti/token",
            data={
                "grant_type": "client_credentials",
                "client_assertion_type": JWT_BEARER,
                "client_assertion": assertion or self.assertion(lms, client_id),
                "scope": " ".join(scopes),
            },
            timeout=10,
        )

    def token(self, lms: Running, client_id: str, scopes: Any = lti.SCOPES) -> str:
        return str(self.request_token(lms, client_id, scopes).json()["access_token"])
