"""Read the answers in the *Interactions* report of a SCORM activity in Moodle, downloaded as text.

Moodle's ``mod/scorm/report/interactions`` writes tabs between the cells; a spreadsheet program may
have stored the file again with commas or semicolons, and in another encoding. The columns of a row
are the name, fields such as the e-mail address, attempt, two dates, score and status, and then for
each interaction its id (only if *Summary of question* was chosen) and the response. With several
SCOs the interactions of each follow its status, so columns do not stand below their headings: the
responses are found by the ids before them.

Our packages write an answer under the question's id, in pieces: ``id``, ``id_2``, ``id_3`` … A
later piece with the same id replaces an earlier one.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from html import unescape

from courseware.module import Module
from lti_tool.discussion.imports.records import Fault, FileFault, OfflineAnswer, SourcePerson
from lti_tool.discussion.imports.report_dates import read_date

_PIECE = re.compile(r"([a-z0-9-]{1,64})(?:_([0-9]{1,3}))?")
_OTHER_ID = re.compile(r"[a-z][a-z0-9]*(?:(?:-[a-z0-9]+)+(?:_[0-9]+)?|_[0-9]+)")
"""What is no word of a status or a score, and so the id of a question of another module."""
_MOST_OTHERS = 100
_NUMBERED = re.compile(r"\D+ 0")
"""The heading of the first column of interactions: *Question 0*, *Response 0*, in any language."""
_FORMULA = re.compile(r"'(?=[=+\-@\t\r])")
_MAX_CELL = 1_000_000
_MAX_COLUMNS = 20_000
_MAX_ROWS = 50_000

_IDENTIFIER_HEADINGS = frozenset(
    (
        *("username", "id number", "nombre de usuario", "número de id", "numero de id"),
        *("nom d'utilisateur", "nom d’utilisateur", "numéro d'identification"),
        *("numéro d’identification", "nome de usuário", "identificação de usuário"),
        *("número de identificação", "nome de utilizador", "اسم المستخدم", "رقم الهوية"),
    )
)
_ATTEMPT_HEADINGS = frozenset(("attempt", "intento", "tentative", "tentativa", "محاولة"))

Skip = Callable[[Fault, str], None]


def read(data: bytes, module: Module, skip: Skip) -> Iterator[OfflineAnswer]:
    """Return the answers of all rows. Raises :class:`FileFault` for a file that is no report.

    Rows that are cut off are passed to ``skip``.
    """
    text = decoded(data)
    rows = _rows(text)
    headings = next(rows, None)
    start = _first_interaction(headings or [])
    if headings is None or start is None:
        raise FileFault(Fault.UNKNOWN_FORMAT)
    return _answers(rows, headings, start, module, skip)


def decoded(data: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16 or Windows-1252."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in data[:200]:
        encodings = ["utf-16-le" if data[1:2] == b"\0" else "utf-16-be"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise FileFault(Fault.BAD_ENCODING)


def _rows(text: str) -> Iterator[list[str]]:
    first = text.lstrip().split("\n", 1)[0]
    if first.lower().startswith("sep=") and len(first.strip()) == 5:
        text = text.lstrip().partition("\n")[2]
        separator = first.strip()[4]
    else:
        separator = max("\t;,", key=first.count)
    csv.field_size_limit(_MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for number, row in enumerate(reader):
            if number > _MAX_ROWS or len(row) > _MAX_COLUMNS:
                raise FileFault(Fault.TOO_LARGE)
            if any(cell.strip() for cell in row):
                yield row
    except csv.Error as error:
        cut = "unexpected end" in str(error)
        raise FileFault(Fault.CUT_OFF if cut else Fault.INVALID, str(error)) from None


def _first_interaction(headings: list[str]) -> int | None:
    for number, heading in enumerate(headings):
        if _NUMBERED.fullmatch(heading.strip()):
            return number
    return None


def _answers(
    rows: Iterator[list[str]], headings: list[str], start: int, module: Module, skip: Skip
) -> Iterator[OfflineAnswer]:
    known = {question.id for question in module.questions}
    labels = [heading.strip().casefold() for heading in headings[:start]]
    others: set[str] = set()
    found = responses = 0
    latest: dict[str, tuple[int, dict[str, OfflineAnswer]]] = {}
    for row in rows:
        if len(row) < min(start, 6):
            skip(Fault.CUT_OFF, row[0] if row else "")
            continue
        cells = [_cell(each) for each in row]
        responses += any(cells[start:])
        texts = _texts(cells, start, known, others)
        found += len(texts)
        person = _person(cells, labels, start)
        attempt = _attempt(cells, labels)
        written = _last_access(cells, labels, start)
        answers = {
            question: OfflineAnswer(person, question, text, written)
            for question, text in texts.items()
        }
        earlier_attempt, earlier = latest.get(person.key, (0, {}))
        merged = {**earlier, **answers} if attempt >= earlier_attempt else {**answers, **earlier}
        latest[person.key] = (max(attempt, earlier_attempt), merged)
    if not found and responses:
        with_ids = sum(label.endswith(" 0") for label in map(str.strip, headings[start:])) > 1
        if not (others or with_ids):
            raise FileFault(Fault.NO_QUESTION_COLUMNS)
        raise FileFault(Fault.OTHER_MODULE, ", ".join(sorted(others)[:5]))
    if others:
        skip(Fault.UNKNOWN_QUESTION, ", ".join(sorted(others)[:5]))
    for _, merged in latest.values():
        yield from merged.values()


def _texts(cells: list[str], start: int, known: set[str], others: set[str]) -> dict[str, str]:
    """Return the answers of a row; ids of no question of the module are added to ``others``."""
    pieces: dict[str, dict[int, str]] = {}
    position = start
    while position < len(cells) - 1:
        match = _PIECE.fullmatch(cells[position].strip())
        if match is None or match[1] not in known:
            is_other = match is not None and _OTHER_ID.fullmatch(match[0]) is not None
            if match is not None and is_other and len(others) < _MOST_OTHERS:
                others.add(match[1])
            position += 1 + is_other
            continue
        pieces.setdefault(match[1], {})[int(match[2] or 1)] = cells[position + 1]
        position += 2
    texts = {
        question: "".join(parts[number] for number in sorted(parts))
        for question, parts in pieces.items()
    }
    return {question: text for question, text in texts.items() if text.strip()}


def _cell(value: str) -> str:
    """Return the text of a cell as it was written.

    Moodle escapes HTML, and puts an apostrophe before what a spreadsheet would compute.
    """
    return unescape(_FORMULA.sub("", value, count=1) if value[:1] == "'" else value)


def _person(cells: list[str], labels: list[str], start: int) -> SourcePerson:
    fields = list(zip(labels, cells[:start], strict=False))
    email = next((cell for _, cell in fields[1:] if cell.count("@") == 1 and " " not in cell), "")
    identifier = next((cell for label, cell in fields[1:] if label in _IDENTIFIER_HEADINGS), "")
    return SourcePerson.of(name=cells[0], email=email, identifier=identifier)


def _attempt(cells: list[str], labels: list[str]) -> int:
    for label, cell in zip(labels, cells, strict=False):
        if label in _ATTEMPT_HEADINGS and cell.strip().isdecimal():
            return int(cell.strip()[:6])
    return 0


def _last_access(cells: list[str], labels: list[str], start: int) -> datetime | None:
    """Return the later of the dates in the row."""
    dates = [read_date(cell) for cell in cells[1 : min(len(labels), start)]]
    return max((each for each in dates if each is not None), default=None)
