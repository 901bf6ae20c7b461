"""Recognise the files that hold answers, and read them into one collection.

A file is recognised by its content, not by its name: a file of answers (``courseware.answers``), a
SCORM report of Moodle (``scorm_report``), statements of a cmi5 package (``statements``), or a zip
with such files, as an LMS makes of handed-in files. Sizes are bounded before anything is parsed.
"""

import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import IO, Any

from courseware import answers as answers_file
from courseware.module import Module
from lti_tool.discussion.imports import scorm_report, statements
from lti_tool.discussion.imports.records import (
    Collected,
    Fault,
    FileFault,
    OfflineAnswer,
    SourcePerson,
)

MAX_FILE = 10_000_000
"""Bytes of one file."""
MAX_FILES = 500
"""Files of one import, those inside zips included."""
MAX_TOTAL = 40_000_000
"""Bytes of all files of one import, unpacked."""

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"


def collect(files: Iterable[tuple[str, IO[bytes]]], module: Module) -> Collected:
    """Read files (name, content) into the answers to the questions of a module."""
    found = Collected()
    total = number = 0
    for name, stream in files:
        number += 1
        if number > MAX_FILES:
            found.skip(name, Fault.TOO_MANY)
            break
        data = stream.read(MAX_FILE + 1)
        total += len(data)
        try:
            if len(data) > MAX_FILE or total > MAX_TOTAL:
                raise FileFault(Fault.TOO_LARGE)
            if data.startswith(_ZIP):
                for inner, content in _unpacked(data, MAX_FILES - number, MAX_TOTAL - total):
                    number += 1
                    total += len(content)
                    _read_into(found, f"{name}: {inner}", content, module)
            else:
                _read_into(found, name, data, module)
        except FileFault as fault:
            found.skip(name, fault.fault, fault.detail)
    return found


def _read_into(found: Collected, name: str, data: bytes, module: Module) -> None:
    """Add the answers of one file. One fault leaves out the whole file, or one answer."""
    known = {question.id for question in module.questions}
    try:
        count = 0
        for each in _answers_of(name, data, module, found):
            count += 1
            if not each.person.known:
                found.skip(name, Fault.NO_PERSON, each.question)
            elif each.question not in known:
                found.skip(name, Fault.UNKNOWN_QUESTION, f"{each.person.name} {each.question}")
            elif not found.add(each):
                raise FileFault(Fault.TOO_MANY, each.person.name)
        if not count:
            found.skip(name, Fault.NO_ANSWERS)
    except FileFault as fault:
        found.skip(name, fault.fault, fault.detail)


def _answers_of(
    name: str, data: bytes, module: Module, found: Collected
) -> Iterator[OfflineAnswer]:
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:200]
    if not start:
        raise FileFault(Fault.EMPTY_FILE)
    if start[:4] in (_ZIP, _OLE):
        raise FileFault(Fault.SPREADSHEET)
    if start[:1] in (b"{", b"["):
        return _from_json(data, module)
    if start[:1] == b"<":
        lower = start.lower()
        page = b"<!doctype html" in lower or b"<html" in lower
        raise FileFault(Fault.ANSWERS_PAGE if page else Fault.UNKNOWN_FORMAT)
    return scorm_report.read(data, module, lambda fault, row: found.skip(name, fault, row))


def _from_json(data: bytes, module: Module) -> Iterator[OfflineAnswer]:
    value = _json(data)
    if statements.are_statements(value):
        return statements.read(value, module)
    if not isinstance(value, dict) or value.get("format") != "minga-answers":
        raise FileFault(Fault.UNKNOWN_FORMAT)
    try:
        read = answers_file.read(data)
    except answers_file.AnswersError as error:
        raise FileFault(Fault.INVALID, str(error)) from None
    if read.module != module.id:
        raise FileFault(Fault.OTHER_MODULE, read.module_title or read.module)
    person = SourcePerson.of(
        name=read.learner_name, email=read.learner_id, identifier=read.learner_id
    )
    return (
        OfflineAnswer(person, each.question, each.text, each.changed_at or read.made_at)
        for each in read.answers
    )


def _json(data: bytes) -> Any:
    if len(data) > answers_file.MAX_BYTES:
        raise FileFault(Fault.TOO_LARGE)
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise FileFault(Fault.BAD_ENCODING) from None
    except json.JSONDecodeError as error:
        at_end = error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated")
        raise FileFault(Fault.CUT_OFF if at_end else Fault.INVALID, str(error)) from None
    except (ValueError, RecursionError):
        raise FileFault(Fault.INVALID) from None


def _unpacked(data: bytes, most_files: int, most_bytes: int) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the files in a zip. What the zip says of sizes is not trusted."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise FileFault(Fault.BAD_ZIP) from None
    with archive:
        entries = [each for each in archive.infolist() if not each.is_dir()]
        if any(each.filename in ("[Content_Types].xml", "mimetype") for each in entries):
            raise FileFault(Fault.SPREADSHEET)
        if len(entries) > most_files:
            raise FileFault(Fault.TOO_MANY)
        for entry in entries:
            if entry.flag_bits & 1:
                raise FileFault(Fault.BAD_ZIP, entry.filename)
            try:
                with archive.open(entry) as stream:
                    content = stream.read(min(MAX_FILE, most_bytes) + 1)
            except (
                *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError),
                *(ValueError, OSError, RuntimeError),
            ):
                raise FileFault(Fault.BAD_ZIP, entry.filename) from None
            most_bytes -= len(content)
            if len(content) > MAX_FILE or most_bytes < 0:
                raise FileFault(Fault.TOO_LARGE, entry.filename)
            yield entry.filename, content
