"""Odd names, compression and numbers of files in packages of other programs."""

import time
import unicodedata
import zipfile
from pathlib import Path

import pytest

from scorm_builder.checking.check import check
from scorm_builder.checking.inspect import inspect
from tests.scorm_builder.checking.test_others_packages import FILE, HREF, NFC, NFD, with_file
from tests.support.small_packages import PACKAGES, PAGE, Files, altered, zipped


def test_an_entry_without_a_name(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", PACKAGES["scorm12"])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(zipfile.ZipInfo(""), PAGE)
    report = check(path)
    assert report.good
    assert [one.message for one in report.findings] == [
        "An entry has no name: nothing can open it."
    ]
    assert inspect(path).title == "Course"


def test_names_with_the_utf_8_flag_that_are_not_utf_8(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", PACKAGES["scorm12"] | {NFC: PAGE})
    path.write_bytes(path.read_bytes().replace("\u00e1".encode(), b"\xe1a"))
    (finding,) = check(path).findings
    assert (finding.clause, finding.level) == ("zip/encoding", "error")
    assert "codec" not in finding.message
    assert not inspect(path).readable


def test_names_in_utf_8_without_the_utf_8_flag(tmp_path: Path) -> None:
    """Many zips of macOS: Python, and so Open edX, reads other names than Moodle."""
    path = zipped(tmp_path / "a.zip", with_file(NFC, (HREF, f'href="{NFC}"')))
    path.write_bytes(path.read_bytes().replace(b"\x00\x08", b"\x00\x00"))
    (finding,) = check(path).findings
    assert "does not say that its names are in UTF-8" in finding.message


def test_names_that_differ_by_accents_are_a_warning(tmp_path: Path) -> None:
    files = PACKAGES["cmi5"] | {NFC: PAGE, NFD: PAGE}
    assert unicodedata.normalize("NFC", NFD) == NFC
    (finding,) = check(zipped(tmp_path / "a.zip", files)).findings
    assert (finding.level, finding.clause) == ("warning", "zip/case")
    assert "accents" in finding.message


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compression_is_a_warning(method: int, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as archive:
        for name, data in PACKAGES["cmi5"].items():
            archive.writestr(name, data)
    assert {one.clause for one in check(tmp_path / "a.zip").findings} == {"zip/method"}


def test_a_message_is_one_short_printable_line(tmp_path: Path) -> None:
    href = "a%1b[2J" + "x" * 9000
    report = check(zipped(tmp_path / "a.zip", altered("scorm12", (HREF, f'href="{href}"'))))
    (line,) = {str(one) for one in report.findings if one.clause == "scorm12/absent"}
    assert line.isprintable()
    assert len(line) < 800


MANY = 20_000


def many(name: str) -> Files:
    files = {f"f/{number}.txt": b"" for number in range(MANY)}
    links = [f"F/{number}.txt" for number in range(MANY)]
    match name:
        case "website":
            body = "".join(f'<a href="{link}">x</a>' for link in links).encode()
            return {**PACKAGES[name], "index.html": PAGE + body, **files}
        case "epub":
            body = "".join(f'<a href="{link}">x</a>' for link in links)
            chapter = PACKAGES[name]["EPUB/c.xhtml"].replace(b"</nav>", f"{body}</nav>".encode())
            return {**PACKAGES[name], "EPUB/c.xhtml": chapter, **files}
    listed = "".join(f'<file href="{link}"/>' for link in links)
    return altered(name, (FILE, FILE + listed)) | files


@pytest.mark.parametrize("name", ["scorm12", "cc13", "epub", "website"])
def test_many_links_and_many_files_take_linear_time(name: str, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", many(name))
    start = time.process_time()
    report = check(path, thorough=False)
    assert time.process_time() - start < 15  # under 2 s; quadratic, it was 44 s
    assert not report.good
    assert len(report.findings) < 500
    assert f"So {MANY - 100} times more." in [one.message for one in report.findings]
