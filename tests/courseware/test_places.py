"""The folders that are not code, in a checkout and in an installed wheel."""

from pathlib import Path

import pytest

from courseware import places

ROOT = Path(__file__).parents[2]


def test_in_a_checkout_they_stand_beside_the_packages() -> None:
    assert places.templates() == ROOT / "templates"
    assert places.static() == ROOT / "templates" / "static"
    assert places.content() == ROOT / "content"
    assert places.translations() == ROOT / "translations"


def test_in_a_wheel_they_travel_inside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "_data" / "content").mkdir(parents=True)
    monkeypatch.setattr(places, "_HERE", tmp_path)
    assert places.content() == tmp_path / "_data" / "content"
