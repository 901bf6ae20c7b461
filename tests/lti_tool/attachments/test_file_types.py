"""The type of a file is recognised by its content, never by its name."""

import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.attachments.errors import AttachmentError, Reason
from lti_tool.attachments.file_types import (
    MAX_NAME_LENGTH,
    PDF,
    TYPES,
    FileType,
    archive_name,
    clean_name,
    detect,
    download_name,
)
from tests.lti_tool.attachments import files


@pytest.mark.parametrize(
    ("content", "extension"),
    [
        (files.picture("JPEG"), "jpg"),
        (files.picture("PNG"), "png"),
        (files.picture("WEBP"), "webp"),
        (files.picture("GIF"), "gif"),
        (files.PDF, "pdf"),
        (b"junk of a scanner\n" + files.PDF, "pdf"),
        (files.DOCX, "docx"),
        (files.XLSX, "xlsx"),
        (files.PPTX, "pptx"),
        (files.ODT, "odt"),
        (files.ODS, "ods"),
        (files.ODP, "odp"),
    ],
)
def test_a_known_type_is_recognised(content: bytes, extension: str) -> None:
    assert detect(content).extension == extension


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Reason.EMPTY),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", Reason.UNKNOWN_TYPE),
        (b"<!doctype html><script>alert(1)</script>", Reason.UNKNOWN_TYPE),
        (b"MZ\x90\x00", Reason.UNKNOWN_TYPE),
        (b"plain text", Reason.UNKNOWN_TYPE),
        (b"x" * 1024 + b"%PDF-1.7", Reason.UNKNOWN_TYPE),
        (b"\x00\x00\x00\x18ftypheic\x00\x00", Reason.PHONE_PICTURE),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00", Reason.PHONE_PICTURE),
        (b"\x00\x00\x00\x18ftypavif\x00\x00", Reason.PHONE_PICTURE),
        (b"\x00\x00\x00\x18ftypisom\x00\x00", Reason.UNKNOWN_TYPE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, Reason.OLD_OFFICE),
        (b"PK\x03\x04 broken", Reason.UNKNOWN_TYPE),
        (files.archive("a.txt"), Reason.UNKNOWN_TYPE),
        (files.archive("[Content_Types].xml", "word/a", "xl/b"), Reason.UNKNOWN_TYPE),
        (files.archive("[Content_Types].xml", "word/vbaProject.bin"), Reason.MACROS),
        (
            files.archive("Basic/a.xml", mimetype="application/vnd.oasis.opendocument.text"),
            Reason.MACROS,
        ),
        (files.archive(mimetype="application/epub+zip"), Reason.UNKNOWN_TYPE),
        (files.archive(mimetype="x" * 5000), Reason.UNKNOWN_TYPE),
    ],
)
def test_other_files_are_refused_with_the_reason(content: bytes, reason: Reason) -> None:
    with pytest.raises(AttachmentError) as raised:
        detect(content)
    assert raised.value.reason is reason


@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"\x00\x00\x00\x18ftyp"]))
def test_any_content_has_a_type_or_a_reason(content: bytes, start: bytes) -> None:
    with suppress(AttachmentError):
        assert detect(start + content) in TYPES


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("notes.pdf", "notes.pdf"),
        ("C:\\Users\\ana\\notes.pdf", "notes.pdf"),
        ("../../etc/passwd", "passwd"),
        ("  two   words .pdf ", "two words .pdf"),
        ("gpj.\u202eexe", "gpj.exe"),
        ("a\u200b.pdf", "a.pdf"),
        ('a"b<c>.pdf', "abc.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
        ("cafe\u0301.pdf", "café.pdf"),
        ("ملف.pdf", "ملف.pdf"),
        ("\ud800.pdf", "pdf"),
        ("", "file"),
        ("...", "file"),
        (".pdf", "pdf"),
        ("n" * 500 + ".pdf", "n" * 116 + ".pdf"),
    ],
)
def test_names_are_cleaned(given: str, cleaned: str) -> None:
    assert clean_name(given) == cleaned


@given(st.text())
def test_any_name_can_be_stored_and_cleaning_it_again_changes_nothing(name: str) -> None:
    cleaned = clean_name(name)
    assert 0 < len(cleaned) <= MAX_NAME_LENGTH
    assert "/" not in cleaned
    assert clean_name(cleaned) == cleaned


@pytest.mark.parametrize(
    ("name", "download"),
    [
        ("notes.pdf", "notes.pdf"),
        ("notes.PDF", "notes.pdf"),
        ("notes.docx", "notes.pdf"),
        ("run.exe", "run.exe.pdf"),
        ("notes", "notes.pdf"),
        ("v1.2", "v1.2.pdf"),
    ],
)
def test_a_download_has_the_extension_of_its_true_type(name: str, download: str) -> None:
    assert download_name(name, PDF) == download


@pytest.mark.parametrize(
    ("name", "archived"),
    [
        ("notes.pdf", "files/7-notes.pdf"),
        ("Plan de acción ñandú.pdf", "files/7-Plan de acción ñandú.pdf"),
        ("cafe\u0301.pdf", "files/7-café.pdf"),
        ("ملف الدرس.pdf", "files/7-ملف الدرس.pdf"),
        ("市場 🧺.pdf", "files/7-市場 🧺.pdf"),
        ("../../etc/passwd", "files/7-passwd.pdf"),
        ("..\\..\\boot.ini", "files/7-boot.ini.pdf"),
        ("/etc/cron.d/job", "files/7-job.pdf"),
        ("C:\\Windows\\a.pdf", "files/7-a.pdf"),
        ("a/../../b.pdf", "files/7-b.pdf"),
        ("..", "files/7-file.pdf"),
        ("", "files/7-file.pdf"),
        ("CON", "files/7-CON.pdf"),
        ("nul.pdf", "files/7-nul.pdf"),
        ("a\0b.pdf", "files/7-ab.pdf"),
        ("a:stream.pdf", "files/7-astream.pdf"),
        ("what?*.pdf", "files/7-what.pdf"),
        ("line\nbreak.pdf", "files/7-linebreak.pdf"),
        ("invoice\u202efdp.exe", "files/7-invoicefdp.exe.pdf"),
        ("trailing. . ", "files/7-trailing.pdf"),
        ("photo.exe", "files/7-photo.exe.pdf"),
        ("-rf", "files/7--rf.pdf"),
        ("=cmd|calc.pdf", "files/7-=cmdcalc.pdf"),
        ("\udcff.pdf", "files/7-pdf.pdf"),
        ("語" * 110 + ".pdf", "files/7-" + "語" * 65 + ".pdf"),
        ("👩‍🌾" * 60 + ".pdf", "files/7-" + "👩🌾" * 24 + "👩.pdf"),
    ],
)
def test_names_in_an_archive_are_safe_and_recognisable(name: str, archived: str) -> None:
    assert archive_name(7, name, PDF) == archived


@given(st.text(), st.sampled_from([None, *TYPES]))
def test_any_name_stays_in_the_folder_of_the_archive(name: str, kind: FileType | None) -> None:
    archived = archive_name(7, name, kind)
    assert archived.startswith("files/7-")
    assert len(archived.rpartition("/")[2].encode()) <= 255
    assert archived.count("/") == 1
    assert zipfile.ZipInfo(archived).filename == archived
    assert archived.casefold() != archive_name(8, name, kind).casefold()
