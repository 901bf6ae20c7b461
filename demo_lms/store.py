"""Store keys, registrations, activities and the gradebook in a folder."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from demo_lms import signing_keys
from demo_lms.model import Course, Group, Json, LineItem, ResourceLink, Score, Tool
from demo_lms.state import PlatformState

FILE = "platform.json"
KEYS = "keys"


def open_state(folder: Path | None = None, **settings: Any) -> PlatformState:
    """Return a state that is stored in ``folder``; without a folder, in memory only."""
    if folder is None:
        return PlatformState(**settings)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key_ring = signing_keys.load(folder / KEYS)
    state = (
        PlatformState(**settings) if key_ring is None else PlatformState(keys=key_ring, **settings)
    )
    if key_ring is None:
        signing_keys.save(state.keys, folder / KEYS)
    _read(state, folder / FILE)
    state.keys.changed = lambda: signing_keys.save(state.keys, folder / KEYS)
    state.changed = lambda: _write(state, folder / FILE)
    return state


def _read(state: PlatformState, path: Path) -> None:
    if not path.exists():
        return
    stored = json.loads(path.read_text(encoding="utf-8"))
    state.courses |= {one["id"]: _course(one) for one in stored.get("courses", [])}
    state.tools = {one["client_id"]: Tool(**one) for one in stored["tools"]}
    state.resource_links = {one["id"]: ResourceLink(**one) for one in stored["resource_links"]}
    state.line_items = {one["id"]: _line_item(one) for one in stored["line_items"]}


def _course(stored: Json) -> Course:
    groups = [Group(**group | {"subjects": tuple(group["subjects"])}) for group in stored["groups"]]
    return Course(**stored | {"groups": groups})


def _line_item(stored: Json) -> LineItem:
    scores = {
        score["user_id"]: Score(**score | {"timestamp": datetime.fromisoformat(score["timestamp"])})
        for score in stored["scores"].values()
    }
    return LineItem(**stored | {"scores": scores})


def _write(state: PlatformState, path: Path) -> None:
    """Replace the file atomically."""
    body = {
        "courses": [asdict(course) for course in state.courses.values()],
        "tools": [asdict(tool) for tool in state.tools.values()],
        "resource_links": [
            asdict(resource_link) for resource_link in state.resource_links.values()
        ],
        "line_items": [asdict(item) for item in state.line_items.values()],
    }
    text = json.dumps(body, default=_to_json, ensure_ascii=False, indent=1)
    temporary = path.with_suffix(".new")
    temporary.touch(mode=0o600)
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def _to_json(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(value)
