"""What is kept from one process to the next, and when it is made again."""

from collections.abc import Callable
from pathlib import Path

import pytest

from courseware import remembered as remembering
from courseware.remembered import folder, remembered


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(remembering, "_allowed", True)
    return tmp_path / "cache"


class Maker:
    """Makes upper case, and counts."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, source: bytes) -> bytes:
        return remembered("words", "es", source, lambda: self._make(source))

    def _make(self, source: bytes) -> bytes:
        self.calls += 1
        return source.upper()


@pytest.fixture
def maker() -> Maker:
    return Maker()


def test_it_is_made_once(maker: Maker) -> None:
    assert [maker(b"hola"), maker(b"hola")] == [b"HOLA", b"HOLA"]
    assert maker.calls == 1


def test_another_source_is_made_anew_and_takes_the_place(maker: Maker, home: Path) -> None:
    assert [maker(b"hola"), maker(b"adios"), maker(b"hola")] == [b"HOLA", b"ADIOS", b"HOLA"]
    assert maker.calls == 3
    assert [path.name for path in (home / "minga/words").iterdir()] == ["es"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data[:-1] + b"X",
        lambda data: b"X" + data[1:],
    ],
)
def test_what_was_altered_is_not_believed(
    maker: Maker, home: Path, spoil: Callable[[bytes], bytes]
) -> None:
    maker(b"hola")
    kept = home / "minga/words/es"
    kept.write_bytes(spoil(kept.read_bytes()))
    assert [maker(b"hola"), maker(b"hola")] == [b"HOLA", b"HOLA"]
    assert maker.calls == 2


def test_without_a_place_it_is_made_each_time(
    maker: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert folder("words") is None
    assert [maker(b"hola"), maker(b"hola")] == [b"HOLA", b"HOLA"]
    assert maker.calls == 2


def test_a_place_that_cannot_be_written_to_does_no_harm(maker: Maker, home: Path) -> None:
    (home / "minga/words/es").mkdir(parents=True)
    assert maker(b"hola") == b"HOLA"
    assert [path.name for path in (home / "minga/words").iterdir()] == ["es"]


def test_nothing_is_kept_unless_the_process_allows_it(
    maker: Maker, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembering, "_allowed", False)
    assert [maker(b"hola"), maker(b"hola")] == [b"HOLA", b"HOLA"]
    assert maker.calls == 2
    assert not home.exists()
