"""A module as a website: its files and its service worker."""

import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from courseware.module import Module
from scorm_builder.build import build
from scorm_builder.checking.check import check
from tests.support.invalid_variants import with_replacement


@pytest.fixture(scope="module")
def site(module: Module, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(module, tmp_path_factory.mktemp("site"), format_name="website").path


def test_a_built_package_passes_the_check(site: Path) -> None:
    report = check(site)
    assert (report.format, report.findings) == ("website", ())


def test_the_first_page_is_index_html_at_the_root(site: Path) -> None:
    names = zipfile.ZipFile(site).namelist()
    assert names[:3] == ["index.html", "en.html", "ar.html"]
    assert "imsmanifest.xml" not in names


def test_the_service_worker_lists_the_digests_of_all_other_files(site: Path) -> None:
    archive = zipfile.ZipFile(site)
    table = json.loads(archive.read("sw.js").split(b";\n")[0].removeprefix(b"const FILES = "))
    assert [*table, "sw.js"] == archive.namelist()
    for name, (digest, size) in table.items():
        data = archive.read(name)
        assert (hashlib.sha256(data).hexdigest()[:12], len(data)) == (digest, size)


def test_its_scripts_are_small(site: Path) -> None:
    archive = zipfile.ZipFile(site)
    assert len(archive.read("sw.js").partition(b";\n")[2]) < 4000
    assert b"serviceWorker" in archive.read("runtime.js")


INVALID = [
    ("sw.js", b'{"index.html":', b"{index.html:", "website/worker"),
    ("sw.js", b'"icon.svg":', b'"other.svg":', "website/absent"),
    ("icon.svg", b"<svg", b"<svG", "website/digest"),
    ("en.html", b'href="icon.svg"', b'href="/icon.svg"', "website/rooted"),
    ("en.html", b'href="icon.svg"', b'href="i.svg"', "website/link"),
]


@pytest.mark.parametrize(("file", "old", "new", "clause"), INVALID)
def test_each_broken_rule_is_found(
    site: Path, tmp_path: Path, file: str, old: bytes, new: bytes, clause: str
) -> None:
    path = with_replacement(site, tmp_path / "invalid.zip", file, old, new)
    assert clause in [one.clause for one in check(path).findings]


def test_a_file_missing_in_the_service_worker_is_reported(site: Path, tmp_path: Path) -> None:
    path = tmp_path / "more.zip"
    path.write_bytes(site.read_bytes())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("note.txt", "x")
    assert [(one.clause, one.file) for one in check(path).findings] == [
        ("website/unlisted", "note.txt")
    ]


def test_its_texts_do_not_mention_a_course(site: Path) -> None:
    page = zipfile.ZipFile(site).read("en.html").decode()
    assert "What you do here is saved on this device." in page
    assert "Not connected to your course" not in page
    assert "data-leave" not in page
