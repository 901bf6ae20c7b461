"""Files with answers of packages: read, or refused with a reason. No database."""

import io
import json
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from courseware.iris import part_iri
from courseware.module import Module
from courseware.parser import reader
from lti_tool.discussion.imports import files
from lti_tool.discussion.imports.records import MAX_ANSWERS, Collected, Fault, folded
from lti_tool.discussion.imports.report_dates import read_date
from tests.support.small_module import write_module

QUESTION = "https://lms.example.org/au/7/questions/who-buys"
ANSWERED = "http://adlnet.gov/expapi/verbs/answered"


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Module:
    folder: Path = tmp_path_factory.mktemp("content")
    return reader.read(write_module(folder))


def answers_file(**changes: Any) -> dict[str, Any]:
    return {
        "format": "minga-answers",
        "version": 1,
        "module": {"id": "market", "version": "1.0.0", "title": "El mercado"},
        "language": "es",
        "learner": {"id": "aquispe", "name": "Quispe, Ana"},
        "answers": [answer("who-buys", "Las vecinas.\n\nY los vecinos.")],
        "made_at": "2026-02-02T10:00:07Z",
        "package": {"format": "scorm12", "built_with": "minga"},
        **changes,
    }


def answer(question: str, text: str) -> dict[str, Any]:
    return {
        "question": question,
        "question_text": None,
        "language": "es",
        "text": text,
        "written_at": "2026-01-31T14:02:00Z",
        "changed_at": "2026-02-02T09:40:00Z",
    }


def statement(**changes: Any) -> dict[str, Any]:
    return {
        "actor": {
            "name": "Ana Quispe",
            "account": {"homePage": "https://lms.example.org", "name": "aquispe"},
        },
        "verb": {"id": ANSWERED},
        "object": {"id": QUESTION},
        "result": {"response": "Las vecinas."},
        "timestamp": "2026-02-02T09:40:00.000Z",
        **changes,
    }


HEADINGS = [
    *("Nombre", "Dirección de correo", "Intento", "Comenzado el", "Último acceso", "Puntuación"),
    *("El mercado", "Pregunta 0", "Respuesta 0", "Pregunta 1", "Respuesta 1"),
]
PERSON = ["Ana Quispe", "ana@example.org", "1", "lunes, 2 de febrero de 2026, 9:00"]
PERSON += ["lunes, 2 de febrero de 2026, 21:40", "0", "completed"]


def report(*rows: Iterable[str], headings: list[str] = HEADINGS, by: str = "\t") -> str:
    lines = [
        by.join(f'"{cell}"' if by in cell or "\n" in cell else cell for cell in row)
        for row in (headings, *rows)
    ]
    return "\r\n".join(lines) + "\r\n"


def zipped(*entries: tuple[str, bytes | str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return stream.getvalue()


def collect(module: Module, *contents: bytes | str | dict | list) -> Collected:
    sent = []
    for number, content in enumerate(contents):
        if isinstance(content, dict | list):
            content = json.dumps(content)
        data = content.encode() if isinstance(content, str) else content
        sent.append((f"file{number}", io.BytesIO(data)))
    return files.collect(sent, module)


def texts(found: Collected) -> dict[str, str]:
    return {answer.question: answer.text for answer in found.answers.values()}


BUYS = ("who-buys", "Las vecinas &amp; &lt;yo&gt;")
REPORT = report([*PERSON, *BUYS, "who-sells", ""])
READ = {"who-buys": "Las vecinas & <yo>"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (answers_file(), {"who-buys": "Las vecinas.\n\nY los vecinos."}),
        (b"\xef\xbb\xbf" + json.dumps(answers_file()).encode(), {"who-buys": ...}),
        ([statement()], {"who-buys": "Las vecinas."}),
        ({"statements": [statement()], "more": ""}, {"who-buys": "Las vecinas."}),
        ([statement(), statement(timestamp="2026-01-01T00:00:00Z", result={"response": "No"})],
         {"who-buys": "Las vecinas."}),
        ([statement(), "no", None, statement(verb=7), statement(object=[]), statement(result=[1])],
         {"who-buys": "Las vecinas."}),
        (REPORT, READ),
        (REPORT.encode("utf-16"), READ),
        (REPORT.encode("utf-16-le"), READ),
        (REPORT.encode("utf-8-sig"), READ),
        (REPORT.encode("cp1252"), READ),
        (report([*PERSON, *BUYS, "", ""], by=";"), READ),
        ("sep=;\r\n" + report([*PERSON, *BUYS, "", ""], by=";"), READ),
        (report([*PERSON, "who-buys", "'=HYPERLINK(A1)", "", ""]),
         {"who-buys": "=HYPERLINK(A1)"}),
        # Pieces; of one written again, the last one counts. Another SCO follows its status.
        (report([*PERSON, "who-buys", "uno ", "who-buys_2", "dos", "who-buys_2", "tres", "",
                 "incomplete", "who-sells", "Nadie"]),
         {"who-buys": "uno tres", "who-sells": "Nadie"}),
        # A later attempt replaces the answers that it has.
        (report([*PERSON[:2], "10", *PERSON[3:], "who-buys", "diez", "", ""],
                [*PERSON[:2], "2", *PERSON[3:], "who-buys", "dos", "who-sells", "dos"]),
         {"who-buys": "diez", "who-sells": "dos"}),
        (zipped(("a/answers.json", json.dumps(answers_file())), ("b.txt", REPORT)),
         {"who-buys": ...}),
    ],
)  # fmt: skip
def test_a_file_is_recognised_by_its_content(
    module: Module, content: Any, expected: dict[str, Any]
) -> None:
    found = collect(module, content)
    assert not found.skipped
    assert texts(found).keys() == expected.keys()
    for question, text in expected.items():
        assert text is ... or texts(found)[question] == text


def test_what_a_file_says_about_the_person(module: Module) -> None:
    (from_json,) = collect(module, answers_file()).answers.values()
    (from_report,) = collect(module, REPORT).answers.values()
    (from_statement,) = collect(module, [statement()]).answers.values()
    assert (from_json.person.name, from_json.person.identifier) == ("Quispe, Ana", "aquispe")
    assert (from_report.person.email, from_report.person.name) == ("ana@example.org", "Ana Quispe")
    assert from_statement.person.identifier == "aquispe"
    assert folded(from_json.person.name) == folded(from_report.person.name)
    assert from_json.written_at == datetime(2026, 2, 2, 9, 40, tzinfo=UTC)
    assert from_report.written_at == datetime(2026, 2, 2, 21, 40, tzinfo=UTC)


OTHER = {"contextActivities": {"grouping": [{"id": part_iri("fair", "au")}]}}
OURS = {"contextActivities": {"grouping": [{"id": part_iri("market", "au")}]}}


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", Fault.EMPTY_FILE),
        (b" \n", Fault.EMPTY_FILE),
        (b"just a text, of commas", Fault.UNKNOWN_FORMAT),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), Fault.BAD_ENCODING),
        (b"<!DOCTYPE html><html><h1>Mis respuestas", Fault.ANSWERS_PAGE),
        (b"<?xml version='1.0'?><disqus>", Fault.UNKNOWN_FORMAT),
        ({"format": "other"}, Fault.UNKNOWN_FORMAT),
        ([], Fault.NO_ANSWERS),
        (json.dumps(answers_file())[:-30], Fault.CUT_OFF),
        (json.dumps(answers_file(answers="none")), Fault.INVALID),
        (answers_file(answers=[answer("who-buys", "a"), answer("who-buys", "b")]), Fault.INVALID),
        (answers_file(learner={"id": 7, "name": None}), Fault.INVALID),
        (answers_file(learner={"id": None, "name": None}), Fault.NO_PERSON),
        (answers_file(answers=[]), Fault.NO_ANSWERS),
        (answers_file(answers=[answer("harvest", "a")]), Fault.UNKNOWN_QUESTION),
        (answers_file(module={"id": "fair", "version": "1", "title": "La feria"}),
         Fault.OTHER_MODULE),
        (b"[" * 100_000, Fault.INVALID),
        (b'{"a": ' + b"9" * 10_000 + b"}", Fault.INVALID),
        (b'{"a": "\xff"}', Fault.BAD_ENCODING),
        (b"[" + b"0," * 2_500_000 + b"0]", Fault.TOO_LARGE),
        (b"a;" * 5_100_000, Fault.TOO_LARGE),
        ([statement(context=OTHER)], Fault.OTHER_MODULE),
        ([statement(context=OURS, actor={})], Fault.NO_PERSON),
        (REPORT[:-40] + '\t"cut', Fault.CUT_OFF),
        (REPORT + "Bo Castro\t\r\n", Fault.CUT_OFF),
        (report([*PERSON, "harvest-time", "no", "", ""]), Fault.OTHER_MODULE),
        (report([*PERSON, "Las vecinas"], headings=[*HEADINGS[:7], "Respuesta 0"]),
         Fault.NO_QUESTION_COLUMNS),
        (report([*PERSON, "", "", "", ""]), Fault.NO_ANSWERS),
        (report(["", "", *PERSON[2:], *BUYS]), Fault.NO_PERSON),
        (REPORT.encode("utf-16")[:-1], Fault.BAD_ENCODING),
        (zipped(("xl/a.xml", ""), ("[Content_Types].xml", "")), Fault.SPREADSHEET),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, Fault.SPREADSHEET),
        (zipped(("a.json", "{}"))[:-10], Fault.BAD_ZIP),
        (zipped(*((str(number), "x") for number in range(600))), Fault.TOO_MANY),
        (zipped(("bomb.txt", b"a\t" * 6_000_000)), Fault.TOO_LARGE),
        (zipped(("inner.zip", zipped(("a.json", "{}")))), Fault.SPREADSHEET),
    ],
)  # fmt: skip
def test_a_file_that_is_of_no_use_is_named_with_the_reason(
    module: Module, content: Any, fault: Fault
) -> None:
    found = collect(module, content)
    assert fault in [each.fault for each in found.skipped]


def test_a_bad_file_does_not_spoil_the_others(module: Module) -> None:
    found = collect(module, b"\0\0", answers_file(), zipped(("x", "y"), ("b.txt", REPORT)))
    assert len(found.answers) == 2
    assert [each.file for each in found.skipped] == ["file0", "file2: x"]


def test_an_import_has_a_limit(module: Module) -> None:
    rows = [[f"P{number}", *PERSON[1:], *BUYS, "who-sells", "a"] for number in range(MAX_ANSWERS)]
    for number, row in enumerate(rows):
        row[1] = f"p{number}@example.org"
    found = collect(module, report(*rows))
    assert len(found.answers) <= MAX_ANSWERS
    assert found.skipped[-1].fault == Fault.TOO_MANY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Monday, 2 February 2026, 9:40 PM", datetime(2026, 2, 2, 21, 40, tzinfo=UTC)),
        ("lundi 2 février 2026, 12:05", datetime(2026, 2, 2, 12, 5, tzinfo=UTC)),
        ("الاثنين، ٢ فبراير ٢٠٢٦، 9:40", datetime(2026, 2, 2, 9, 40, tzinfo=UTC)),
        ("02/03/2026 10:00", None),
        ("31 de febrero de 2026", None),
        ("-", None),
    ],
)
def test_dates_are_read_only_if_they_are_clear(text: str, expected: datetime | None) -> None:
    assert read_date(text) == expected
