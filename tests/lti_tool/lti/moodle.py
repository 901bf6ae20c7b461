"""A server that answers as the captured Moodle did, and as strictly."""

import json
from dataclasses import replace
from typing import Any

from lti_tool.lti import claim_names
from lti_tool.lti.http_client import HttpClient
from lti_tool.lti.launch import GradeService, RosterService
from lti_tool.lti.service_connector import PlatformConnector
from lti_tool.lti.signing_keys import SigningKeys
from lti_tool.lti.tokens import AccessTokens
from lti_tool.platforms.moodle import MOODLE
from tests.lti_tool.lti.local_server import Asked, LocalServer, Reply
from tests.lti_tool.lti.memory import Clock, MemoryTokens
from tests.lti_tool.lti.samples import NOW, REGISTRATION, capture

_THERE = "http://localhost:8100"
_LINE_ITEMS = "/mod/lti/services.php/2/lineitems"
_ITEM = f"{_LINE_ITEMS}/2/lineitem"
_MEMBERS = "/mod/lti/services.php/CourseSection/2/bindings/1/memberships"
_VENDOR = "application/vnd.ims."


class Moodle:
    """The platform at the other end of ``services``."""

    def __init__(self, server: LocalServer, http_client: HttpClient, keys: SigningKeys) -> None:
        self.server = server
        self.keys = keys
        self.clock = Clock(NOW)
        self.storage = MemoryTokens()
        self.granted = str(capture("16-token")["body"]["scope"])
        self.taken_tokens = {"token-1", "token-2", "token-3"}
        registration = replace(
            REGISTRATION,
            product="moodle",
            profile=MOODLE,
            token_endpoint=f"{server.url}/mod/lti/token.php",
        )
        self.tokens = AccessTokens(http_client, keys, self.storage, self.clock)
        self.services = PlatformConnector(registration, http_client, self.tokens)
        self.grades = GradeService(
            line_items=f"{server.url}{_LINE_ITEMS}?type_id=1",
            line_item=f"{server.url}{_ITEM}?type_id=1",
            scopes=tuple(scope for scope in self.granted.split() if "ags" in scope),
        )
        self.line_item = f"{server.url}{_ITEM}?type_id=1"
        self.roster = RosterService(f"{server.url}{_MEMBERS}")
        server.routes["POST /mod/lti/token.php"] = self._token
        self.answers("GET", _LINE_ITEMS, "22-line-items")
        self.answers("GET", _MEMBERS, "19-roster")
        self.answers("POST", _LINE_ITEMS, "25-line-item-created")
        self.answers("POST", f"{_ITEM}/scores", "26-score")
        self.answers("GET", f"{_ITEM}/results", "34-results")

    @property
    def token_requests(self) -> list[Asked]:
        return self.server.paths("/mod/lti/token.php")

    @property
    def last(self) -> Asked:
        return self.server.asked[-1]

    def answers(self, method: str, path: str, name: str) -> None:
        """HttpResponse as captured, for a request with a token and exactly this media type."""
        reply = self.captured(name)
        kind = reply.headers["Content-Type"].partition(";")[0]

        def response(asked: Asked) -> Reply:
            token = asked.headers.get("Authorization", "").removeprefix("Bearer ")
            if token not in self.taken_tokens:
                return self.captured("36-bad-token")
            given = asked.headers.get("Accept" if method == "GET" else "Content-Type", "")
            if kind.startswith(_VENDOR) and given != kind:
                return self.captured("23-line-items-wrong-accept")
            return reply

        self.server.routes[f"{method} {path}"] = response

    def captured(self, name: str) -> Reply:
        told = json.loads(json.dumps(capture(name)).replace(_THERE, self.server.url))
        body: Any = told["body"]
        if body in ("", []):
            body = b""
        elif isinstance(body, str):
            body = body.encode()
        return Reply(body, told["status"], told["headers"])

    def score_route(self) -> str:
        return f"{_ITEM}/scores"

    def line_items_route(self) -> str:
        return _LINE_ITEMS

    def members_route(self) -> str:
        return _MEMBERS

    def _token(self, asked: Asked) -> Reply:
        number = len(self.token_requests)
        body = {
            "access_token": f"token-{number}",
            "token_type": "Bearer",
            "expires_in": 3600,
            "scope": self.granted,
        }
        return Reply(body, 200, {"Content-Type": "text/html; charset=utf-8"})


GRADE_SCOPE_SET = {
    claim_names.LINE_ITEM_SCOPE,
    claim_names.LINE_ITEM_READ_SCOPE,
    claim_names.RESULT_SCOPE,
    claim_names.SCORE_SCOPE,
}
