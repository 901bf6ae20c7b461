"""A module as an EPUB: one per language, complete, in order, valid for EPUBCheck."""

import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from lxml import etree

from courseware import resources
from courseware.module import Module
from courseware.parser.reader import read
from scorm_builder.build import build, languages_of_packages
from scorm_builder.checking.check import check
from scorm_builder.formats import registry
from scorm_builder.plan import PlanError
from tests.support import epubcheck
from tests.support.invalid_variants import with_replacement
from tests.support.small_module import write_module

OPF = "{http://www.idpf.org/2007/opf}"
DC = "{http://purl.org/dc/elements/1.1/}"
XHTML = "{http://www.w3.org/1999/xhtml}"


def picture() -> bytes:
    """A PNG of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0\xff\xff\xff")
    start = b"\x89PNG\r\n\x1a\n"
    return start + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Module:
    folder = write_module(tmp_path_factory.mktemp("module"))
    (folder / "media/film.png").write_bytes(picture())
    for language in ("es", "en", "ar"):
        page = folder / language / "discussion.md"
        text = page.read_text("utf-8")
        page.write_text(
            f"{text}\n[?](#who-buys) [!](../media/guide.pdf)\n\n```\n<a> & b\n```\n", "utf-8"
        )
    return read(folder)


@pytest.fixture(scope="module")
def arabic(whole: Module, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(whole, tmp_path_factory.mktemp("book"), format_name="epub", languages=["ar"]).path


def test_a_book_for_each_language(whole: Module, tmp_path: Path) -> None:
    tags = languages_of_packages(whole, registry.get("epub"))
    assert tags == (("es",), ("en",), ("ar",))
    names = [build(whole, tmp_path, format_name="epub", languages=one).path.name for one in tags]
    assert names == ["market-es.epub", "market-en.epub", "market-ar.epub"]
    with pytest.raises(PlanError, match="A book has one language"):
        build(whole, tmp_path, format_name="epub")


def test_it_passes_our_check_and_epubchecks(arabic: Path) -> None:
    report = check(arabic)
    assert (report.format, [one for one in report.findings if one.level == "error"]) == ("epub", [])
    assert epubcheck.errors(arabic) == []


@pytest.mark.parametrize("name", ["module-4", "how-to-write-a-module"])
def test_our_modules_pass_epubcheck(name: str, tmp_path: Path) -> None:
    module = read(resources.content() / name)
    book = build(module, tmp_path, format_name="epub", languages=[module.source_language]).path
    assert epubcheck.errors(book) == []


def test_mimetype_is_first_and_stored(arabic: Path) -> None:
    assert arabic.read_bytes()[30:58] == b"mimetypeapplication/epub+zip"


def test_metadata_and_reading_direction(arabic: Path) -> None:
    package = etree.fromstring(zipfile.ZipFile(arabic).read("EPUB/package.opf"))
    assert [one.text for one in package.iter(f"{DC}title")] == ["السوق"]
    assert [one.text for one in package.iter(f"{DC}language")] == ["ar"]
    assert [one.text for one in package.iter(f"{DC}creator")] == ["Ana Paz"]
    (spine,) = package.iter(f"{OPF}spine")
    assert spine.get("page-progression-direction") == "rtl"
    assert [one.get("idref") for one in spine] == [
        "f-title.xhtml",
        "f-part-introduction.xhtml",
        "f-part-videos.xhtml",
        "f-part-readings.xhtml",
        "f-part-questions.xhtml",
        "f-part-discussion.xhtml",
    ]


def test_videos_have_captions_and_attachments_are_omitted(arabic: Path) -> None:
    names = zipfile.ZipFile(arabic).namelist()
    assert {"EPUB/media/film.mp4", "EPUB/media/film.es.vtt"} <= set(names)
    assert "EPUB/media/guide.pdf" not in names


def test_links_to_sections_and_to_omitted_files(arabic: Path) -> None:
    chapter = etree.fromstring(zipfile.ZipFile(arabic).read("EPUB/part-discussion.xhtml"))
    links = [one.get("href") for one in chapter.iter(f"{XHTML}a")]
    assert links == ["part-questions.xhtml#q-who-buys"]
    assert [one.text for one in chapter.iter(f"{XHTML}p", f"{XHTML}span")][-1:] == ["!"]


INVALID = [
    ("mimetype", b"epub+zip", b"zip", "epub/mimetype"),
    ("META-INF/container.xml", b"package.opf", b"other.opf", "epub/container"),
    ("EPUB/package.opf", b'version="3.0"', b'version="2.0"', "epub/version"),
    ("EPUB/package.opf", "السوق".encode(), b"", "epub/metadata"),
    ("EPUB/package.opf", b'unique-identifier="book"', b'unique-identifier="b"', "epub/identifier"),
    ("EPUB/package.opf", b"dcterms:modified", b"dcterms:created", "epub/modified"),
    ("EPUB/package.opf", b'href="book.css"', b'href="cook.css"', "epub/absent"),
    ("EPUB/package.opf", b'href="book.css"', b'href="cook.css"', "epub/unlisted"),
    ("EPUB/package.opf", b' properties="nav"', b"", "epub/nav"),
    ("EPUB/package.opf", b'idref="f-title', b'idref="g-title', "epub/spine"),
    ("EPUB/part-discussion.xhtml", b"#q-who-buys", b"#q-who-else", "epub/link"),
    ("EPUB/title.xhtml", b"</body>", b"", "epub/xhtml"),
]


@pytest.mark.parametrize(("file", "old", "new", "clause"), INVALID)
def test_each_broken_rule_is_found(
    arabic: Path, tmp_path: Path, file: str, old: bytes, new: bytes, clause: str
) -> None:
    path = with_replacement(arabic, tmp_path / "invalid.epub", file, old, new)
    assert clause in [one.clause for one in check(path).findings]
