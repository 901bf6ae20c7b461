"""The formats of packages are named, and their titles are read, regardless of the encoding."""

from pathlib import Path

import pytest

from scorm_builder.checking.check import check
from scorm_builder.checking.inspect import inspect
from tests.support.small_packages import PACKAGES, Files, altered, zipped

NAMED = [
    ("scorm12", "ADL SCORM 1.2"),
    ("scorm2004-2", "ADL SCORM CAM 1.3"),
    ("imscp", "IMS Content 1.1.4"),
    ("cc10", "IMS Common Cartridge 1.0.0"),
    ("cc12", "IMS Common Cartridge 1.2.0"),
    ("tincan", "Tin Can (xAPI)"),
    ("aicc", "AICC"),
    ("epub", "EPUB"),
]


@pytest.mark.parametrize(
    ("marker", "name", "label"),
    [
        ("h5p.json", "h5p", "H5P"),
        ("moodle_backup.xml", "moodle-backup", "Moodle course backup"),
    ],
)
def test_a_format_of_one_file_is_named(marker: str, name: str, label: str, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {marker: b"{}"})
    report = check(path)
    assert (report.format, report.good) == (name, True)
    assert f"This is {label}" in report.findings[0].message
    assert inspect(path).format == label
    both = zipped(tmp_path / "b.zip", PACKAGES["scorm12"] | {marker: b"{}"})
    assert check(both).format == "scorm12"


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (b"", "is empty"),
        (b"\x1f\x8b\x08", "a gzip archive"),
        (b"Rar!\x1a\x07", "a RAR archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (b"PK\x03\x04", "not a zip that can be read"),
        (b"text", "not a zip that can be read"),
    ],
)
def test_what_is_no_zip_is_named(start: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(start)
    (finding,) = check(tmp_path / "a.zip").findings
    assert words in finding.message


@pytest.mark.parametrize(("name", "label"), NAMED)
def test_the_format_is_named(name: str, label: str, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", PACKAGES[name])
    assert check(path).format == name
    assert inspect(path).format == label


def encoded_manifest(encoding: str) -> Files:
    text = PACKAGES["scorm12"]["imsmanifest.xml"].decode().replace("Course", "Educaci\u00f3n")
    declared = text.replace("UTF-8", encoding)
    return PACKAGES["scorm12"] | {"imsmanifest.xml": declared.encode(encoding)}


def page(head: str, encoding: str) -> Files:
    return {
        "index.html": f"<html lang=es><head>{head}<title> Educaci\u00f3n\n</title>".encode(encoding)
    }


TITLES = [
    ("manifest in Latin-1", encoded_manifest("iso-8859-1")),
    ("manifest in UTF-16", encoded_manifest("utf-16")),
    ("book", altered("epub", ("Course", "Educaci\u00f3n"))),
    ("page in UTF-8", page("", "utf-8")),
    ("page in UTF-8 with a mark", page("", "utf-8-sig")),
    ("page in UTF-16", page("", "utf-16")),
    ("page in Latin-1", page("<meta charset=iso-8859-1>", "latin-1")),
    ("page in Latin-1 without saying so", page("", "latin-1")),
    (
        "page in code page 1252",
        page('<meta http-equiv="x" content="charset=windows-1252">', "cp1252"),
    ),
    ("page with a reference", {"index.html": b"<html><title>Educaci&oacute;n</title>"}),
]


@pytest.mark.parametrize("files", [row[1] for row in TITLES], ids=[row[0] for row in TITLES])
def test_titles_in_any_encoding(files: Files, tmp_path: Path) -> None:
    assert inspect(zipped(tmp_path / "a.zip", files)).title == "Educaci\u00f3n"
