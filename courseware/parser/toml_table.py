"""TOML tables with the line of each key, and typed access that reports errors in plain words.

``tomllib`` gives the line of a syntax error but not of a value; a scan of the text finds it when a
message needs it.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from courseware.parser.lookalikes import described, look_alike
from courseware.parser.report import Report, closest, listed, shown

Path = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?")
_NAME = r"(?:\"[^\"]*\"|'[^']*'|[A-Za-z0-9_-]+)"
_KEY = re.compile(rf"\s*({_NAME}(?:\s*\.\s*{_NAME})*)\s*=")
_PART = re.compile(_NAME)
_SIGN = re.compile(r'"""|\'\'\'|"(?:\\.|[^"\\])*"|\'[^\']*\'|#.*|[\[\]{}]')
_CONTROLS = frozenset(map(chr, range(32))) - {"\t"} | {"\x7f"}
_AT = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")


class Lines:
    """The line of each key of a TOML text."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _index(self) -> dict[Path, int]:
        return _index(self._text)

    def source(self, path: Path) -> str:
        """Return the text of the line of the value at ``path``."""
        number = self.of(path)
        return "" if number is None else self._text.split("\n")[number - 1]

    def of(self, path: Path) -> int | None:
        """Return the line of the value at ``path``, or of the nearest table around it."""
        while path:
            line = self._index.get(path)
            if line is not None:
                return line
            path = path[:-1]
        return None


def _index(text: str) -> dict[Path, int]:
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    quote, depth = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        rest = line
        if not quote and depth == 0:
            header = _HEADER.match(line)
            key = None if header else _KEY.match(line)
            if header:
                table = _table(header[2], header[1] == "[[", counts)
                lines.setdefault(table, number)
                lines.setdefault(table[:-1] if header[1] == "[[" else table, number)
                continue
            if key:
                for path in _prefixes(table, _parts(key[1])):
                    lines.setdefault(path, number)
                rest = line[key.end() :]
        quote, depth = _after(rest, quote, depth)
    return lines


def _table(name: str, repeated: bool, counts: dict[Path, int]) -> Path:
    path: Path = ()
    for part in _parts(name):
        path = (*path, part)
        if path in counts and not (repeated and len(path) == len(_parts(name))):
            path = (*path, counts[path])
    if repeated:
        counts[path] = counts.get(path, -1) + 1
        path = (*path, counts[path])
    return path


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _prefixes(table: Path, parts: tuple[str, ...]) -> list[Path]:
    return [(*table, *parts[:length]) for length in range(1, len(parts) + 1)]


def _after(rest: str, quote: str, depth: int) -> tuple[str, int]:
    """Return whether the next line is inside a multi-line string (its quotes) or in brackets."""
    while True:
        if quote:
            end = rest.find(quote)
            if end < 0:
                return quote, depth
            rest, quote = rest[end + 3 :], ""
        sign = _SIGN.search(rest)
        if sign is None:
            return "", max(0, depth)
        rest = rest[sign.end() :]
        if sign[0] in ('"""', "'''"):
            quote = sign[0]
        elif sign[0] in "[{":
            depth += 1
        elif sign[0] in "]}":
            depth -= 1


def parse(text: str, file: str, report: Report) -> dict[str, Any] | None:
    """Parse a TOML text; return None, and report the error, if it is not valid."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        report.error(
            file,
            None,
            "There are too many brackets inside brackets.",
            "Close them, or remove some.",
        )
    except ValueError as error:
        line, message, remedy = _syntax(str(error), text)
        odd = dict(_odd_signs(text))
        for number, signs in odd.items():
            _report_odd_signs(file, number, signs, report)
        if line not in odd:
            report.error(
                file, line, f"The file cannot be understood from here on: {message}.", remedy
            )
    return None


def _odd_signs(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that have signs of no use in TOML outside of its texts and comments."""
    quote = ""
    for number, line in enumerate(text.split("\n"), 1):
        rest, quote = _outside(line, quote)
        signs = "".join(sign for sign in rest if not sign.isascii() or sign in _CONTROLS)
        if signs:
            yield number, signs


def _outside(line: str, quote: str) -> tuple[str, str]:
    """Return a line without its texts and comment, and the quotes that stay open at its end."""
    parts: list[str] = []
    at = 0
    if quote:
        end = line.find(quote)
        if end < 0:
            return "", quote
        at = end + 3
    while sign := _SIGN.search(line, at):
        parts.append(line[at : sign.start()])
        at = sign.end()
        if sign[0] in ('"""', "'''"):
            end = line.find(sign[0], at)
            if end < 0:
                return "".join(parts), sign[0]
            at = end + 3
    rest, mark, unclosed = _partition(line[at:])
    # A text that is not closed: only a look-alike of its quotation mark can be to blame.
    curly = [sign for sign in unclosed if (look_alike(sign) or ("", ""))[1] == mark]
    return "".join((*parts, rest, *curly)), ""


def _partition(rest: str) -> tuple[str, str, str]:
    at = min((i for i in map(rest.find, "\"'") if i >= 0), default=len(rest))
    return rest[:at], rest[at : at + 1], rest[at + 1 :]


def _report_odd_signs(file: str, line: int, signs: str, report: Report) -> None:
    known = list(described(signs))
    if not known:
        report.error(
            file,
            line,
            f'"{shown(signs[0])}" cannot stand here, outside of a text.',
            "A text needs quotation marks; a key has the letters a to z, digits and hyphens.",
        )
        return
    report.error(
        file,
        line,
        f"There is {listed(name for name, _ in known)} outside of a text, "
        "so the file cannot be understood from here on.",
        " ".join(dict.fromkeys(remedy for _, remedy in known)),
    )


# Messages of tomllib, each with its meaning and remedy for people who do not program.
_SYNTAX_ERRORS = {
    "invalid value": ("what stands after the = cannot be read", "A text needs quotation marks"),
    "expected newline": ("there is too much in this line", "A text needs quotation marks"),
    "cannot overwrite": ("this key stands here for the second time", "Remove one of the two"),
    "cannot declare": ("this [ heading ] stands here for the second time", "Remove one of the two"),
    "unclosed array": ("a list is not closed", "End the list with a ]"),
    "unterminated string": ("a text is not closed", "End the text with a quotation mark"),
    "illegal character": ("a text is not closed", "End the text with a quotation mark"),
    "expected '='": ("there is no = after the key", "Write the key, then =, then the value"),
    "unescaped '\\'": ("there is a \\ in the text", "Write it twice, or use / instead"),
    "expected ']'": ("a [ heading ] is not closed", "End the heading with a ]"),
    "invalid statement": ("this line is neither a key nor a heading", "Remove or complete it"),
    "invalid initial character": ("a key has an odd sign", "Use letters, digits and hyphens"),
}


def _syntax(message: str, text: str) -> tuple[int | None, str, str]:
    place = _AT.search(message)
    last = text.count("\n", 0, len(text.rstrip())) + 1
    line = None if place is None else int(place[1]) if place[1] else last
    said = message[: place.start()] if place else message.rstrip(".")
    for beginning, (meaning, remedy) in _SYNTAX_ERRORS.items():
        if said.lower().startswith(beginning):
            return line, meaning, f"{remedy}."
    said = shown(said[:1].lower() + said[1:])
    return line, said, "Compare the line with the ones around it."


_TYPE_NAMES: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number with decimals",
    str: "a text",
    list: "a list",
    dict: "a table",
}


def type_name(value: object) -> str:
    """Return the type of a value in words."""
    return _TYPE_NAMES.get(type(value), "a date or a time")


class Table:
    """A TOML table with typed access to its values, which reports every wrong one."""

    def __init__(
        self, values: Mapping[str, Any], path: Path, lines: Lines, report: Report, file: str
    ) -> None:
        self.values = values
        self.path = path
        self.lines = lines
        self.report = report
        self.file = file
        self._known: list[str] = []

    def line(self, key: str | None = None) -> int | None:
        """Return the line of a key, or of the table itself."""
        return self.lines.of(self.path if key is None else (*self.path, key))

    def name(self, key: str) -> str:
        """Return a key with its tables: ``videos.explainer.file``."""
        return ".".join(str(part) for part in (*self.path, key) if not isinstance(part, int))

    def error(self, key: str | None, message: str, remedy: str) -> None:
        """Report an error at a key, or at the table itself."""
        self.report.error(self.file, self.line(key), message, remedy)

    def _value(self, key: str, kind: type, required: bool, example: str) -> Any:
        self._known.append(key)
        if key not in self.values:
            if required:
                where = "" if self.path else " at the top of the file"
                self.error(
                    None, f'"{shown(self.name(key))}" is missing.', f"Add a line{where}: {example}"
                )
            return None
        value = self.values[key]
        if type(value) is not kind:
            self.error(
                key,
                f'"{shown(self.name(key))}" should be {_TYPE_NAMES[kind]}, '
                f"but it is {type_name(value)}.",
                f"Write it like this: {example}",
            )
            return None
        return value

    def text(self, key: str, example: str, *, required: bool = False) -> str | None:
        """Return a string on one line that is not empty, or None."""
        value = self._value(key, str, required, f'{key} = "{example}"')
        if value is None:
            return None
        if not value.strip():
            self.error(
                key,
                f'"{shown(self.name(key))}" is empty.',
                f'Write it like this: {key} = "{example}"'
                + ("" if required else " or remove the line."),
            )
            return None
        return _one_line(value)

    def whole(
        self, key: str, example: int, *, least: int, most: int = 100_000, required: bool = False
    ) -> int | None:
        """Return an integer from ``least`` to ``most``, or None."""
        value = self._value(key, int, required, f"{key} = {example}")
        if value is None:
            return None
        if not least <= value <= most:
            self.error(
                key,
                f'"{shown(self.name(key))}" is {shown(_number(value), 20)}, '
                f"but it can only be from {least} to {most:,}.",
                f"Write it like this: {key} = {example}",
            )
            return None
        return int(value)

    def truth(self, key: str, default: bool) -> bool:
        """Return a boolean."""
        value = self._value(key, bool, False, f"{key} = {str(default).lower()}")
        return default if value is None else bool(value)

    def texts(self, key: str, example: str, *, required: bool = False) -> tuple[str, ...]:
        """Return a list of strings that are not empty."""
        value = self._value(key, list, required, f'{key} = ["{example}"]')
        if value is None:
            return ()
        good = [item for item in value if isinstance(item, str) and item.strip()]
        if len(good) < len(value) or (required and not good):
            self.error(
                key,
                f'"{shown(self.name(key))}" should be a list of texts, none of them empty.',
                f'Write it like this: {key} = ["{example}"]',
            )
        return tuple(map(_one_line, good))

    def choice(self, key: str, options: tuple[str, ...], default: str) -> str:
        """Return one of ``options``."""
        value = self.text(key, default)
        if value is None:
            return default
        if value not in options:
            near = closest(value, options)
            self.error(
                key,
                f'"{shown(self.name(key))}" is "{shown(value)}", which is not known.',
                f'Did you mean "{near}"?' if near else f"It is one of: {listed(options)}.",
            )
            return default
        return value

    def table(self, key: str) -> "Table | None":
        """Return the table of that name, or None."""
        value = self._value(key, dict, False, f"[{self.name(key)}] on a line of its own")
        return None if value is None else self.inner(value, key)

    def inner(self, values: Mapping[str, Any], *path: str | int) -> "Table":
        """Wrap the values of a table inside this one."""
        return Table(values, (*self.path, *path), self.lines, self.report, self.file)

    def mark_known(self, key: str) -> None:
        """Note that a key is known, for one that is parsed elsewhere."""
        self._known.append(key)

    def finish(self, elsewhere: Iterable[str] = ()) -> None:
        """Report every unknown key. ``elsewhere``: keys that belong to the top of the file."""
        above = set(elsewhere)
        for key in self.values:
            if key in self._known:
                continue
            near = closest(key, self._known)
            if key in above:
                remedy = "Move the line to the top of the file, above the first [ heading ]."
            elif near:
                remedy = f'Did you mean "{near}"?'
            else:
                remedy = f"Remove it; the keys known here are {listed(self._known)}."
            self.error(key, f'"{shown(self.name(key))}" is not a known key.', remedy)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _number(value: int) -> str:
    # Python limits the number of digits in int-to-str conversion.
    return str(value) if abs(value) < 10**18 else "too large"
