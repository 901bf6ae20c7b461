"""A small, strict cmi5 LMS with its LRS, over real HTTP, with faults that tests can switch on.

It serves the package's files at one origin and the LRS at another (``localhost`` and
``127.0.0.1``), as LMSs do. ``refusals`` records the requests that it rejects.
"""

import hashlib
import json
import mimetypes
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit
from uuid import uuid4
from zipfile import ZipFile

from tests.support.cmi5_rules import CMI5, Json, Launch, reasons, verb_of

ACTOR = {
    "objectType": "Agent",
    "name": "Araújo, João",
    "account": {"homePage": "https://lms.example.org", "name": "student1"},
}
ACTIVITY = "https://lms.example.org/activities/7"
LAUNCH_DATA = "LMS.LaunchData"
_HEADERS = "Authorization, Content-Type, If-Match, If-None-Match, X-Experience-API-Version"


@dataclass
class Session:
    """One launch: its token, its data and its statements."""

    id: str
    token: str
    launch: Launch
    fetched: int = 0
    preferences_read: bool = False
    statements: list[Json] = field(default_factory=list)


@dataclass
class Lms:
    """The LMS. ``down`` to ``deny`` are faults that a test may change at any time.

    ``deny`` is the id of a document that the LRS refuses to read or write.
    """

    package: Path
    origin: str = ""
    down: bool = False
    slow: float = 0
    token_error: str | None = None
    etags: bool = True
    deny: str = ""
    refusals: list[str] = field(default_factory=list)
    writes_without_etag: int = 0
    repeated: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    statements: list[Json] = field(default_factory=list)
    documents: dict[str, str] = field(default_factory=dict)
    preferences: Json | None = None
    sessions: list[Session] = field(default_factory=list)
    registration: str = field(default_factory=lambda: str(uuid4()))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def launch(
        self,
        mode: str = "Normal",
        mastery: float | None = None,
        actor: Json = ACTOR,
        **data: Any,
    ) -> str:
        """Start a session as an LMS does; return the launch URL."""
        number = f"session-{len(self.sessions) + 1}"
        template = {
            "contextActivities": {
                "grouping": [{"objectType": "Activity", "id": "urn:x:publisher"}]
            },
            "extensions": {f"{CMI5}/context/extensions/sessionid": number},
            "platform": "strict",
        }
        launch = Launch(actor, self.registration, ACTIVITY, template, mode, mastery)
        self.sessions.append(Session(number, f"dG9rZW4t{number}", launch))
        facts = {"contextTemplate": template, "launchMode": mode, "moveOn": "Completed", **data}
        facts["entitlementKey"] = {"courseStructure": "secret"}
        if mastery is not None:
            facts["masteryScore"] = mastery
        self.documents[LAUNCH_DATA] = json.dumps(facts)
        lrs = self.origin.replace("127.0.0.1", "localhost")
        parameters = {
            "activityId": ACTIVITY,
            "registration": self.registration,
            "actor": json.dumps(actor),
            "fetch": f"{lrs}/fetch?k={number}",
            "endpoint": f"{lrs}/lrs",
        }
        return f"{self.origin}/content/index.html?{urlencode(parameters, quote_via=quote)}"

    @property
    def verbs(self) -> list[str]:
        """The verbs of the accepted statements, in order, without ``experienced``.

        Which sections count as seen depends on the size of the window.
        """
        return [verb for one in self.statements if (verb := verb_of(one)) != "experienced"]

    @property
    def seen(self) -> list[str]:
        """The sections with an ``experienced`` statement."""
        return [
            one["object"]["id"].rpartition("/")[2]
            for one in self.statements
            if verb_of(one) == "experienced"
        ]

    @property
    def answers(self) -> dict[str, str]:
        """The last accepted answer to each question."""
        return {
            unquote(one["object"]["id"].rpartition("/")[2]): one["result"]["response"]
            for one in self.statements
            if verb_of(one) == "answered"
        }

    @property
    def state_document(self) -> Json:
        """The package's document in the State API; empty if there is none."""
        names = [name for name in self.documents if name != LAUNCH_DATA]
        return dict(json.loads(self.documents[names[0]])) if names else {}

    def accept(self, session: Session, statement: Json) -> int:
        """Accept or reject a statement; return the HTTP status."""
        earlier = next((one for one in self.statements if one["id"] == statement["id"]), None)
        if earlier is not None:
            self.repeated.append(statement["id"])
            return 204 if earlier == statement else 409
        if not session.preferences_read:
            return self.refuse(403, "11 the learner preferences were not read")
        if session is not self.sessions[-1]:
            return self.refuse(403, f"9.3.6 the {session.id} is abandoned")
        found = list(reasons(statement, session.launch, session.statements, self.statements))
        if found:
            return self.refuse(403, "; ".join(found))
        session.statements.append(statement)
        self.statements.append(statement)
        return 204

    def refuse(self, status: int, reason: str) -> int:
        self.refusals.append(reason)
        return status


def etag_of(text: str) -> str:
    """The ETag of a document (xAPI part 3, 3.1)."""
    return f'"{hashlib.sha1(text.encode()).hexdigest()}"'


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    lms: Lms

    def log_message(self, *_: object) -> None:
        pass

    def do_OPTIONS(self) -> None:
        self.answer(204)

    def do_GET(self) -> None:
        self.route()

    def do_PUT(self) -> None:
        self.route()

    def do_POST(self) -> None:
        self.route()

    def route(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if parts.path.startswith("/content/"):
            self.file(unquote(parts.path.removeprefix("/content/")))
            return
        if parts.path == "/course":
            self.answer(200, "<!doctype html><title>Course</title>", kind="text/html")
            return
        self.lms.requests.append(f"{self.command} {parts.path}")
        time.sleep(self.lms.slow)
        if self.lms.down:
            self.answer(503)
            return
        with self.lms.lock:
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            if parts.path == "/fetch":
                self.fetch(query)
            elif parts.path.startswith("/lrs/"):
                self.lrs(parts.path.removeprefix("/lrs/"), query, body)
            else:
                self.answer(404)

    def file(self, name: str) -> None:
        with ZipFile(self.lms.package) as archive:
            if name not in archive.namelist():
                self.answer(404)
                return
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            self.answer(200, archive.read(name), kind=kind)

    def fetch(self, query: dict[str, str]) -> None:
        session = next(one for one in self.lms.sessions if one.id == query["k"])
        session.fetched += 1
        payload = {"auth-token": session.token}
        if self.command != "POST":
            self.lms.refuse(200, "8.2.1 the token was requested by GET")
        if session.fetched > 1:
            self.lms.refuse(200, "8.2.3.1 the token was requested twice")
            payload = {"error-code": "1", "error-text": "Already used"}
        if self.lms.token_error:
            payload = {"error-code": self.lms.token_error, "error-text": "No token"}
        self.answer(200, json.dumps(payload))

    def lrs(self, resource: str, query: dict[str, str], body: str) -> None:
        key = self.headers.get("Authorization", "").removeprefix("Basic ")
        session = next((one for one in self.lms.sessions if one.token == key), None)
        if session is None:
            self.answer(self.lms.refuse(401, "8.2.2 no token"))
        elif self.headers.get("X-Experience-API-Version") != "1.0.3":
            self.answer(self.lms.refuse(400, "xAPI 3.3 no version"))
        elif body and self.headers.get("Content-Type") != "application/json":
            self.answer(self.lms.refuse(400, "xAPI: no content type"))
        elif self.lms.deny and self.lms.deny == query.get("stateId"):
            self.answer(403)
        elif resource == "activities/state":
            self.state(session, query, body)
        elif resource == "agents/profile" and self.command == "GET":
            self.profile(session, query)
        elif resource == "statements" and self.command in ("PUT", "POST"):
            self.statements(session, query, body)
        else:
            self.answer(self.lms.refuse(400, f"{self.command} {resource}"))

    def state(self, session: Session, query: dict[str, str], body: str) -> None:
        documents, name = self.lms.documents, query["stateId"]
        scope = (query["activityId"], query["registration"], json.loads(query["agent"]))
        if scope != (ACTIVITY, self.lms.registration, session.launch.actor):
            self.answer(self.lms.refuse(400, "10.1 another unit, registration or agent"))
            return
        now = documents.get(name)
        if self.command == "GET":
            more = {"ETag": etag_of(now)} if now is not None and self.lms.etags else {}
            self.answer(200 if now is not None else 404, now or "", more)
            return
        if name == LAUNCH_DATA:
            self.answer(self.lms.refuse(403, "10.2.1 the launch data were written to"))
            return
        wanted, none = self.headers.get("If-Match"), self.headers.get("If-None-Match")
        if not self.lms.etags:
            status = 204
        elif now is None:
            status = 412 if wanted else 204
        elif wanted is None and none is None:
            self.lms.writes_without_etag += 1
            status = 204
        else:
            status = 204 if wanted == etag_of(now) else 412
        if status == 204:
            json.loads(body)
            documents[name] = body
        self.answer(status)

    def profile(self, session: Session, query: dict[str, str]) -> None:
        if query["profileId"] != "cmi5LearnerPreferences":
            self.lms.refuse(200, "11 another profile")
        session.preferences_read = True
        preferences = self.lms.preferences
        self.answer(404 if preferences is None else 200, json.dumps(preferences or {}))

    def statements(self, session: Session, query: dict[str, str], body: str) -> None:
        payload = json.loads(body)
        if self.command == "PUT" and payload["id"] != query["statementId"]:
            self.answer(self.lms.refuse(400, "xAPI 2.1.1 the ids differ"))
            return
        several = payload if isinstance(payload, list) else [payload]
        statuses = [self.lms.accept(session, one) for one in several]
        self.answer(max(statuses), "" if self.command == "PUT" else "[]")

    def answer(
        self,
        status: int,
        body: str | bytes = "",
        more: Json | None = None,
        kind: str = "application/json",
    ) -> None:
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in {
            "Content-Type": kind,
            "Content-Length": str(len(data)),
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Methods": "GET, PUT, POST",
            "Access-Control-Allow-Headers": _HEADERS,
            "Access-Control-Expose-Headers": "ETag",
            **(more or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if status not in (204, 304):
            self.wfile.write(data)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore aborted connections: a page may be closed at any time."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


@contextmanager
def lms_of(package: Path) -> Iterator[Lms]:
    """Run an LMS that has imported the package."""
    lms = Lms(package)
    handler = type("Handler", (_Handler,), {"lms": lms})
    with _Server(("127.0.0.1", 0), handler) as server:
        lms.origin = f"http://127.0.0.1:{server.server_port}"
        running = threading.Thread(target=server.serve_forever, daemon=True)
        running.start()
        yield lms
        server.shutdown()
