"""Keeps what should outlive the process: keys, registrations, activities and the gradebook."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from demo_lms import keys
from demo_lms.model import Course, Group, Json, LineItem, ResourceLink, Score, Tool
from demo_lms.state import State

FILE = "platform.json"
KEYS = "keys"


def open_state(folder: Path | None = None, **settings: Any) -> State:
    """A state that keeps itself in ``folder``; without one, a state in memory only."""
    if folder is None:
        return State(**settings)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ring = keys.load(folder / KEYS)
    state = State(**settings) if ring is None else State(keys=ring, **settings)
    if ring is None:
        keys.save(state.keys, folder / KEYS)
    _read(state, folder / FILE)
    state.keys.changed = lambda: keys.save(state.keys, folder / KEYS)
    state.changed = lambda: _write(state, folder / FILE)
    return state


def _read(state: State, path: Path) -> None:
    if not path.exists():
        return
    kept = json.loads(path.read_text(encoding="utf-8"))
    state.courses |= {one["id"]: _course(one) for one in kept.get("courses", [])}
    state.tools = {one["client_id"]: Tool(**one) for one in kept["tools"]}
    state.placements = {one["id"]: ResourceLink(**one) for one in kept["placements"]}
    state.line_items = {one["id"]: _line_item(one) for one in kept["line_items"]}


def _course(kept: Json) -> Course:
    groups = [Group(**group | {"subjects": tuple(group["subjects"])}) for group in kept["groups"]]
    return Course(**kept | {"groups": groups})


def _line_item(kept: Json) -> LineItem:
    scores = {
        score["user_id"]: Score(**score | {"timestamp": datetime.fromisoformat(score["timestamp"])})
        for score in kept["scores"].values()
    }
    return LineItem(**kept | {"scores": scores})


def _write(state: State, path: Path) -> None:
    """Whole and at once: a crash leaves the old file or the new one."""
    body = {
        "courses": [asdict(course) for course in state.courses.values()],
        "tools": [asdict(tool) for tool in state.tools.values()],
        "placements": [asdict(resource_link) for resource_link in state.placements.values()],
        "line_items": [asdict(item) for item in state.line_items.values()],
    }
    text = json.dumps(body, default=_plain, ensure_ascii=False, indent=1)
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(value)
