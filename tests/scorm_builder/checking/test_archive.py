"""Malicious and broken zips: each is reported, and nothing is extracted."""

import io
import struct
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from scorm_builder.checking.archive import MAX_ENTRIES, ZipArchive, open_archive
from scorm_builder.checking.check import check
from scorm_builder.checking.findings import Finding

Entries = list[tuple[zipfile.ZipInfo | str, bytes]]


def made(path: Path, entries: Entries) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, data in entries:
            archive.writestr(entry, data)
    return path


def link() -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("passwd")
    entry.external_attr = 0o120777 << 16
    return entry


def encrypted(data: bytes) -> bytes:
    at = data.rindex(b"PK\x01\x02")
    return data[: at + 8] + b"\x01\x00" + data[at + 10 :]


def overlapping(data: bytes) -> bytes:
    """Let the second entry of the directory point at the first one's data."""
    second = data.rindex(b"PK\x01\x02")
    return data[: second + 42] + struct.pack("<I", 0) + data[second + 46 :]


def damaged(data: bytes) -> bytes:
    at = data.index(b"PK\x03\x04") + 30 + len("a.txt") + 3
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


NAMES: list[tuple[Entries, str, str]] = [
    ([("../up.txt", b"x")], "zip/traversal", "../up.txt"),
    ([("media/../../up.txt", b"x")], "zip/traversal", "media/../../up.txt"),
    ([("..\\up.txt", b"x")], "zip/traversal", "..\\up.txt"),
    ([("/etc/passwd", b"x")], "zip/absolute", "/etc/passwd"),
    ([("C:/windows.ini", b"x")], "zip/absolute", "C:/windows.ini"),
    ([("\\\\host\\share", b"x")], "zip/absolute", "\\\\host\\share"),
    ([("media\\film.mp4", b"x")], "zip/backslash", "media\\film.mp4"),
    ([("new\nline.txt", b"x")], "zip/control", "new�line.txt"),
    ([(link(), b"/etc/passwd")], "zip/symlink", "passwd"),
    ([("a.bin", b"\0" * (70 << 20))], "zip/bomb", "a.bin"),
]


@pytest.mark.parametrize(("entries", "clause", "file"), NAMES, ids=[name for _, _, name in NAMES])
def test_unsafe_entries(tmp_path: Path, entries: Entries, clause: str, file: str) -> None:
    report = check(made(tmp_path / "a.zip", entries))
    assert not report.good
    assert (clause, file) in [(one.clause, one.file) for one in report.findings]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_entries_of_one_name(tmp_path: Path) -> None:
    report = check(made(tmp_path / "a.zip", [("a.txt", b"x"), ("a.txt", b"y")]))
    assert [(one.level, one.clause) for one in report.findings] == [("error", "zip/duplicate")]


def test_names_that_differ_by_case_are_a_warning(tmp_path: Path) -> None:
    path = made(tmp_path / "a.zip", [("a.txt", b"x"), ("A.txt", b"y")])
    with closing(ZipArchive(path)) as archive:
        assert [(one.level, one.clause) for one in archive.findings] == [("warning", "zip/case")]
        assert archive.safe


@pytest.mark.parametrize(
    ("alter", "clause"),
    [
        (encrypted, "zip/encrypted"),
        (overlapping, "zip/overlap"),
        (damaged, "zip/damaged"),
        (lambda data: data[:-30], "zip/unreadable"),
        (lambda data: b"", "zip/unreadable"),
        (lambda data: b"not a zip", "zip/unreadable"),
        (lambda data: b"PK\x05\x06" + b"\xff" * 18, "zip/unreadable"),
    ],
)
def test_changed_bytes(tmp_path: Path, alter: Callable[[bytes], bytes], clause: str) -> None:
    path = made(tmp_path / "a.zip", [("a.txt", b"hello " * 50), ("b.txt", b"there " * 50)])
    path.write_bytes(alter(path.read_bytes()))
    assert clause in [one.clause for one in check(path).findings]


def test_a_checksum_that_does_not_match(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", b"hello")
    path = tmp_path / "a.zip"
    path.write_bytes(buffer.getvalue().replace(b"hello", b"hullo"))
    assert [one.clause for one in check(path).findings] == ["zip/damaged"]


def test_too_many_entries(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(MAX_ENTRIES + 1):
            archive.writestr(str(number), b"")
    assert [one.clause for one in check(tmp_path / "a.zip").findings] == ["zip/bomb"]


def test_a_total_size_that_is_too_large(tmp_path: Path) -> None:
    path = made(tmp_path / "a.zip", [(str(number), b"x" * 99) for number in range(5)])
    data = path.read_bytes()
    lie = struct.pack("<I", 0xFFFF_FF00)
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        data = data[: at + 24] + lie + data[at + 28 :]
        at += 4
    path.write_bytes(data)
    assert check(path).findings[0].clause == "zip/bomb"


def test_a_missing_file(tmp_path: Path) -> None:
    finding = open_archive(tmp_path / "none.zip")
    assert isinstance(finding, Finding)
    assert "No such file" in finding.message


def test_a_huge_manifest_is_not_read_into_memory(tmp_path: Path) -> None:
    manifest = b"<manifest>" + b" " * (9 << 20) + b"</manifest>"
    report = check(made(tmp_path / "a.zip", [("imsmanifest.xml", manifest)]))
    assert [one.clause for one in report.findings] == ["manifest/xml"]
    assert "larger than 8 MiB" in report.findings[0].message
