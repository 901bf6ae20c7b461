"""Checking whole packages."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from scorm_builder.checking.check import check

Files = dict[str, bytes]


def files_of(package: Path) -> Files:
    with zipfile.ZipFile(package) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewritten(path: Path, files: Files) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def manifest(replace: Callable[[bytes], bytes]) -> Callable[[Files], Files]:
    return lambda files: files | {"imsmanifest.xml": replace(files["imsmanifest.xml"])}


def test_a_good_package(package: Path) -> None:
    report = check(package)
    assert (report.format, report.good, report.findings) == ("scorm12", True, ())


DOCTYPE = b'<!DOCTYPE manifest [<!ENTITY a "aaaaaaaaaa">]>'
ALTERED: list[tuple[str, Callable[[Files], Files], str, str]] = [
    (
        "no manifest",
        lambda files: {k: v for k, v in files.items() if k != "imsmanifest.xml"},
        "manifest/missing",
        "There is no imsmanifest.xml at the root",
    ),
    (
        "folder zipped",
        lambda files: {f"market/{k}": v for k, v in files.items()},
        "manifest/missing",
        "zip the content of the folder",
    ),
    (
        "manifest in capitals",
        lambda files: {k.replace("imsm", "IMSM"): v for k, v in files.items()},
        "manifest/missing",
        "must be written in lower case",
    ),
    (
        "course structure in a folder",
        lambda files: {"market/cmi5.xml": b"<courseStructure/>"},
        "manifest/missing",
        "There is no cmi5.xml at the root of the zip. It is in market/cmi5.xml",
    ),
    (
        "course structure in capitals",
        lambda files: {"CMI5.xml": b"<courseStructure/>"},
        "manifest/missing",
        "CMI5.xml must be written in lower case",
    ),
    (
        "broken course structure",
        lambda files: {"cmi5.xml": b"<courseStructure"},
        "manifest/xml",
        "The course structure cannot be read",
    ),
    (
        "course structure beside a manifest",
        lambda files: files | {"cmi5.xml": b"<courseStructure/>"},
        "cmi5/namespace",
        "must be in the namespace",
    ),
    ("broken XML", manifest(lambda xml: xml[:-20]), "manifest/xml", "cannot be read"),
    (
        "entities",
        manifest(lambda xml: xml.replace(b"<manifest", DOCTYPE + b"<manifest", 1)),
        "manifest/xml",
        "a document type (DTD) with declarations of its own is refused",
    ),
    (
        "SCORM 2004",
        manifest(lambda xml: xml.replace(b"adlcp_rootv1p2", b"adlcp_v1p3")),
        "scorm2004-4/schemaversion",
        'must be "2004 3rd Edition" or "2004 4th Edition", not "1.2"',
    ),
    (
        "file left out",
        lambda files: {k: v for k, v in files.items() if k != "en.html"},
        "scorm12/absent",
        "en.html is listed but is not in the package",
    ),
    (
        "other case",
        lambda files: {k.replace("en.html", "EN.html"): v for k, v in files.items()},
        "scorm12/absent",
        "EN.html differs by upper and lower case",
    ),
    (
        "SCORM type of no namespace",
        manifest(lambda xml: xml.replace(b"adlcp:scormtype", b"scormtype")),
        "scorm12/scormtype",
        'must be written adlcp:scormtype="sco"',
    ),
]


@pytest.mark.parametrize(
    ("alter", "clause", "message"), [row[1:] for row in ALTERED], ids=[row[0] for row in ALTERED]
)
def test_a_broken_package(
    package: Path,
    tmp_path: Path,
    alter: Callable[[Files], Files],
    clause: str,
    message: str,
) -> None:
    report = check(rewritten(tmp_path / "a.zip", alter(files_of(package))))
    assert not report.good
    assert clause in [one.clause for one in report.findings]
    assert message in "\n".join(map(str, report.findings))


def test_errors_come_before_warnings(package: Path, tmp_path: Path) -> None:
    files = files_of(package)
    files["imsmanifest.xml"] = files["imsmanifest.xml"].replace(b">1.2<", b">1.3<")
    files["a-note.txt"] = b"x"
    report = check(rewritten(tmp_path / "a.zip", files))
    assert [one.level for one in report.findings] == ["error", "warning"]


def test_a_finding_is_one_plain_line(package: Path, tmp_path: Path) -> None:
    files = files_of(package)
    files["imsmanifest.xml"] = files["imsmanifest.xml"].replace(b">1.2<", b">1.3<")
    (finding,) = check(rewritten(tmp_path / "a.zip", files)).findings
    assert str(finding) == (
        'imsmanifest.xml:5: error: <schemaversion> must be "1.2", not "1.3": it is played as 2004. '
        "[scorm12/schemaversion; Moodle, Open edX]"
    )


def test_the_pages_of_any_package_are_checked(package: Path, tmp_path: Path) -> None:
    files = files_of(package)
    files["index.html"] = files["index.html"].replace(b'<html lang="es"', b"<html")
    (finding,) = check(rewritten(tmp_path / "a.zip", files)).findings
    assert (finding.level, finding.clause, finding.file) == ("warning", "wcag/3.1.1", "index.html")
    assert check(tmp_path / "a.zip", thorough=False).findings == ()
