"""Paths of the folders that are not code, in a checkout and in an installed wheel."""

from pathlib import Path

import pytest

from courseware import resources

ROOT = Path(__file__).parents[2]


def test_in_a_checkout_they_are_beside_the_packages() -> None:
    assert resources.templates() == ROOT / "templates"
    assert resources.static() == ROOT / "templates" / "static"
    assert resources.content() == ROOT / "content"
    assert resources.translations() == ROOT / "translations"


def test_in_a_wheel_they_are_inside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "_data" / "content").mkdir(parents=True)
    monkeypatch.setattr(resources, "_HERE", tmp_path)
    assert resources.content() == tmp_path / "_data" / "content"
