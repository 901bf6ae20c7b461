"""The stored state."""

import datetime
from pathlib import Path

from demo_lms.model import Score
from demo_lms.store import open_state


def test_keys_tools_activities_and_scores_are_restored(tmp_path: Path) -> None:
    first = open_state(tmp_path / "data")
    tool = first.add_tool(
        login_url="http://localhost:1/login", redirect_uris=["http://localhost:1/launch"],
        jwks_uri="http://localhost:1/jwks", target_link_uri="http://localhost:1/launch",
        custom={"a": "ç"},
    )  # fmt: skip
    item = first.new_line_item("coop-101", tool.client_id, "Participación", 10)
    now = datetime.datetime.now(datetime.UTC)
    item.scores["p-7302"] = Score("p-7302", 5, 10, "Completed", "FullyGraded", now)
    first.keys.rotate()
    first.changed()
    second = open_state(tmp_path / "data")
    assert [key.kid for key in second.keys.keys] == [key.kid for key in first.keys.keys]
    assert second.keys.jwks() == first.keys.jwks()
    assert second.tools == first.tools
    assert second.resource_links == first.resource_links
    assert second.line_items == first.line_items


def test_files_are_readable_by_the_owner_only(tmp_path: Path) -> None:
    state = open_state(tmp_path / "data")
    state.changed()
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert len(files) == 3
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)


def test_dropped_keys_are_deleted(tmp_path: Path) -> None:
    state = open_state(tmp_path)
    old = {path.name for path in (tmp_path / "keys").iterdir()}
    state.keys.rotate(drop_old=True)
    state.keys.rotate(drop_old=True)
    new = {path.name for path in (tmp_path / "keys").iterdir()}
    assert len(new) == 2
    assert not old & new


def test_without_a_folder_nothing_is_written(tmp_path: Path) -> None:
    state = open_state()
    state.changed()
    assert not list(tmp_path.iterdir())
