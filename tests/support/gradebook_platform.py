"""A platform with a gradebook that behaves as Moodle, Canvas or the specification, and misbehaves.

It is stricter than any of them: it notices a score that is repeated, and one that is older than the
score before it.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from tests.lti_tool.lti.local_server import Asked, LocalServer, Reply

SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
SCOPES = f"{SCOPE}lineitem {SCOPE}lineitem.readonly {SCOPE}result.readonly {SCOPE}score"
CANVAS = "https://canvas.instructure.com/lti/submission"


@dataclass
class Cell:
    """What the gradebook holds for a person in a column."""

    share: float | None = None
    by_person: bool = False
    timestamp: datetime | None = None
    comments: list[str] = field(default_factory=list)
    progress: str = ""


class GradebookPlatform:
    """``product``: ``moodle``, ``canvas`` or another; ``fail`` may answer in its place."""

    def __init__(self, server: LocalServer, product: str = "") -> None:
        self.server = server
        self.product = product
        self.items: dict[str, dict[str, Any]] = {}
        self.cells: dict[tuple[str, str], Cell] = {}
        self.learners: set[str] = set()
        self.known_links = {"rl1"}
        self.scores: list[tuple[str, dict[str, Any]]] = []
        """The scores that were stored, with their line items."""
        self.calls: Counter[str] = Counter()
        self.fail: Callable[[Asked, str], Reply | None] = lambda asked, what: None
        self.after: Callable[[Asked, str], Reply | None] = lambda asked, what: None
        """Replaces the answer to a request that was executed."""
        self.clock = timedelta()
        self.token_seconds = 86_400
        self.revoked: set[str] = set()
        self.granted = SCOPES
        self.page_size = 100
        server.fallback = self._answer

    @property
    def line_items_url(self) -> str:
        return f"{self.server.url}/course/items?type_id=1"

    def url(self, item_id: str) -> str:
        return f"{self.server.url}/course/items/{item_id}?type_id=1"

    def add(self, item_id: str, **members: Any) -> str:
        """Add a column; return its URL."""
        self.items[item_id] = {"label": "Column", "scoreMaximum": 10, **members}
        return self.url(item_id)

    def grade(self, item_id: str, subject: str, share: float | None) -> None:
        """Let a person grade another one in the LMS."""
        self.cells[item_id, subject] = Cell(share, share is not None, self.now())

    def share(self, item_id: str, subject: str) -> float | None:
        cell = self.cells.get((item_id, subject))
        return cell.share if cell else None

    def sent(self, subject: str) -> list[float | None]:
        """The points that were stored for a person, in order."""
        return [score.get("scoreGiven") for _, score in self.scores if score["userId"] == subject]

    def now(self) -> datetime:
        return datetime.now(UTC) + self.clock

    def _answer(self, asked: Asked) -> Reply:
        parts = asked.path.strip("/").split("/")
        what = {1: "token", 2: "items", 3: "item"}.get(len(parts), parts[-1])
        self.calls[f"{asked.method} {what}"] += 1
        reply = self.fail(asked, what) or self._refused(asked, what)
        if reply is None:
            handler = getattr(self, f"_{asked.method.lower()}_{what}")
            reply = handler(asked, *parts[2:3])
            reply = self.after(asked, what) or reply
        return Reply(
            reply.body, reply.status, {"Date": format_datetime(self.now()), **reply.headers}
        )

    def _refused(self, asked: Asked, what: str) -> Reply | None:
        if what == "token":
            return None
        token = asked.headers.get("Authorization", "")
        if token in self.revoked:
            return Reply({}, 401)
        if what not in ("items", "token") and asked.path.split("/")[3] not in self.items:
            return Reply({}, 404)
        return None

    def _post_token(self, asked: Asked) -> Reply:
        number = self.calls["POST token"]
        body = {"access_token": f"t{number}", "token_type": "Bearer", "scope": self.granted}
        return Reply({**body, "expires_in": self.token_seconds})

    def _get_items(self, asked: Asked) -> Reply:
        query = asked.query
        found = [
            {"id": self.url(key), **item}
            for key, item in self.items.items()
            if query.get("resource_id") in (None, item.get("resourceId"))
            and query.get("tag") in (None, item.get("tag"))
            and query.get("resource_link_id") in (None, item.get("resourceLinkId"))
        ]
        return Reply(found)

    def _post_items(self, asked: Asked) -> Reply:
        item = asked.json()
        if item.get("resourceLinkId") not in (None, *self.known_links):
            return Reply({}, 404)
        key = f"made{len(self.items) + 1}"
        self.items[key] = item
        return Reply({**item, "id": self.url(key)}, 201)

    def _get_item(self, asked: Asked, key: str) -> Reply:
        return Reply({"id": self.url(key), **self.items[key]})

    def _put_item(self, asked: Asked, key: str) -> Reply:
        item = asked.json()
        item.pop("id", None)
        self.items[key] = item
        return Reply({"id": self.url(key), **item})

    def _get_results(self, asked: Asked, key: str) -> Reply:
        subject, most = asked.query.get("user_id"), self.items[key]["scoreMaximum"]
        found = []
        for (item, user), cell in self.cells.items():
            if item == key and subject in (None, user) and cell.share is not None:
                points = {"resultScore": round(cell.share * most, 5), "resultMaximum": most}
                found.append({"id": f"{self.url(key)}#{user}", "userId": user, **points})
        return Reply(found)

    def _post_scores(self, asked: Asked, key: str) -> Reply:
        score = asked.json()
        subject, given, most = score["userId"], score.get("scoreGiven"), score.get("scoreMaximum")
        canvas = self.product == "canvas"
        if subject not in self.learners:
            text = {"errors": {"message": "User not found in course or is not a student"}}
            return Reply(text, 422 if canvas else 400)
        cell = self.cells.setdefault((key, subject), Cell())
        moment = datetime.fromisoformat(score["timestamp"])
        late = timedelta(seconds=1 if self.product == "moodle" else 0)
        if cell.timestamp is not None and moment < cell.timestamp + late:
            text = {"errors": {"message": "Provided timestamp is before last updated timestamp"}}
            return Reply(text, 400 if canvas else 409)
        submitted = score.get("submission", {}).get("submittedAt")
        if submitted and datetime.fromisoformat(submitted) > self.now() + timedelta(minutes=1):
            return Reply({}, 400)
        self.scores.append((key, score))
        cell.timestamp, cell.progress = moment, score["activityProgress"]
        if score.get("comment"):
            cell.comments.append(score["comment"])
        options = score.get(CANVAS, {}) if canvas else {}
        if cell.by_person and options.get("prioritize_non_tool_grade"):
            return Reply({"resultUrl": ""})
        clears = given is None or (score["gradingProgress"] == "Pending")
        if clears and self.product in ("moodle", "canvas"):
            if not options.get("preserve_score"):
                cell.share = None
        elif given is not None:
            cell.share, cell.by_person = min(given / most, 1.0), False
        return Reply(b"" if not canvas else json.dumps({"resultUrl": ""}).encode())
