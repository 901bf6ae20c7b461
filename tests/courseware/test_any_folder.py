"""Reading any folder results in a module or in problems, never in another exception."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from courseware.page import build
from courseware.parser.reader import check, read
from courseware.problems import ModuleError
from tests.courseware.small import MANIFEST, SMALL, Files, toml, write_module

KEYS = sorted({line.split(" = ")[0] for line in MANIFEST.splitlines() if " = " in line})
PIECES = ["## ", "{#a}", "\n\n", "![", "](", "../", "media/map.png", "<script>", "javascript:"]
MARKS = st.sampled_from([*"#{}[]()!<>`~*_-+:/\\\"'&;|=\n\t .", *PIECES, "https://", "&#0;"])
MARKDOWN = st.lists(st.one_of(MARKS, st.text(max_size=5)), max_size=40).map("".join)

soon = settings(max_examples=60)


def holds(changes: Files) -> None:
    """Read the small module with ``changes``, and build its page if it is valid."""
    with folder(changes) as root:
        problems = check(root)
        for problem in problems:
            assert str(problem).isprintable()
            assert problem.message
            assert problem.remedy
        if any(problem.level == "error" for problem in problems):
            with pytest.raises(ModuleError) as caught:
                read(root)
            assert caught.value.problems == problems
            return
        module = read(root)
        assert module.problems == problems
        for language in ("es", "ar", "x"):
            build(module, language, media=str)


@contextmanager
def folder(changes: Files) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as place:
        yield write_module(Path(place) / "small", changes)


@soon
@given(name=st.sampled_from(sorted(SMALL)), data=st.binary(max_size=200))
@example(name="media/cover.svg", data=b'<?xml version="1.0" encoding="utf-7"?><svg/>')
@example(name="media/cover.svg", data=b'<?xml version="1.0" encoding="none"?><svg/>')
def test_any_bytes_in_any_file(name: str, data: bytes) -> None:
    holds({name: data})


@soon
@given(name=st.sampled_from(sorted(SMALL)), at=st.integers(0, 2000), data=st.binary(max_size=8))
def test_any_bytes_inserted_into_any_file(name: str, at: int, data: bytes) -> None:
    content = SMALL[name]
    whole = content.encode() if isinstance(content, str) else content
    holds({name: whole[:at] + data + whole[at:]})


VALUES = st.recursive(
    st.one_of(
        st.booleans().map(lambda value: str(value).lower()),
        st.integers().map(str),
        st.floats().map(lambda value: repr(value).replace("e", "e+0").replace("+0-", "-")),
        st.text(st.characters(codec="utf-8", exclude_characters="'\n\r\0"), max_size=20).map(
            lambda text: f"'{text}'"
        ),
        st.sampled_from(["1979-05-27", "07:32:00", "1979-05-27T07:32:00Z", '""', '"\\u0000"']),
        st.sampled_from(["media/map.png", "media/", "../x", "es", "pt_BR", "all", "film"]).map(
            repr
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda values: f"[{', '.join(values)}]"),
        st.lists(inner, max_size=3).map(
            lambda values: f"{{{', '.join(f'k{i} = {v}' for i, v in enumerate(values))}}}"
        ),
    ),
    max_leaves=5,
)


@soon
@given(key=st.sampled_from(KEYS), value=VALUES)
def test_any_value_for_any_key(key: str, value: str) -> None:
    line = next(line for line in MANIFEST.splitlines() if line.startswith(f"{key} = "))
    holds(toml((line + "\n", f"{key} = {value}\n")))


@pytest.mark.parametrize(
    "table",
    ["title", "sections", "videos", "readings", "completion", "discussion", "summary", "cover"],
)
@soon
@given(value=VALUES)
def test_any_value_for_any_table(table: str, value: str) -> None:
    tables = [part for part in MANIFEST.split("\n[") if not part.lstrip("[").startswith(table)]
    holds({"module.toml": f"{table} = {value}\n" + "\n[".join(tables)})


@soon
@given(name=st.sampled_from([n for n in SMALL if n.startswith("es/")]), text=MARKDOWN)
def test_any_markdown_in_any_file(name: str, text: str) -> None:
    holds({name: text.encode("utf-8", "replace")})
    holds({name: b"# T\n\n" + text.encode("utf-8", "replace")})


NAMES = st.binary(min_size=1, max_size=40).filter(
    lambda name: b"/" not in name and b"\0" not in name and name not in (b".", b"..")
)


@soon
@given(place=st.sampled_from(["", "media", "es"]), name=NAMES, data=st.binary(max_size=10))
def test_any_file_name(place: str, name: bytes, data: bytes) -> None:
    with folder({}) as root:
        try:
            (root / place / os.fsdecode(name)).write_bytes(data)
        except OSError:
            return
        for problem in check(root):
            assert str(problem).isprintable()


@pytest.mark.parametrize("root", ["", "nowhere", "a\0b", "x" * 5000, "/dev/null", "/proc/self/mem"])
def test_a_path_that_is_not_a_folder(root: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert [problem.level for problem in check(Path(root))] == ["error"]


def test_a_file_without_read_permission(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    (problem,) = check(small)
    assert str(problem) == (
        "module.toml: error: The file cannot be read: permission denied. "
        "Check that you are allowed to read it."
    )
