"""An LMS that is registered with the tool, and files that others serve on its host."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
from click.testing import CliRunner, Result

from demo_lms.running import Running
from demo_lms.signing_keys import Key, KeyRing
from demo_lms.state import PlatformState
from lti_tool.cli import main
from lti_tool.directory import registrations as directory
from lti_tool.directory.model import RegistrationRow
from lti_tool.lti.dynamic_registration import TOOL
from tests.lti_tool.lti.local_server import LocalServer, Reply, serving
from tests.support.driver import Driver
from tests.support.rsa_keys import generate_private_key
from tests.support.tool import RunningTool, free_port

ATTACKER, *LMS_KEYS = (Key(kid, generate_private_key(65537, 2048)) for kid in ("x", "a", "b"))
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
        """The registration that was made first."""
        rows = directory.all_registrations(self.tool.database)
        return next(row for row in rows if row.issuer == self.lms.url)

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
