"""Mutated packages: zips, manifests and pages with bits, elements, names and encodings changed.

``python -m tests.support.mutations 20000 [SEED]`` checks and inspects that many by hand.
"""

import io
import re
import struct
import sys
import time
import traceback
import unicodedata
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from scorm_builder.checking.check import check
from scorm_builder.checking.inspect import inspect
from tests.support.small_packages import PACKAGES, Files

_TAG = re.compile(rb"<[^<>]{1,300}>")
_ATTRIBUTE = re.compile(rb"\s[\w:.-]+=(\"[^\"]*\"|'[^']*')")
_TEXT = re.compile(rb">([^<>]*)<")
_VALUES = (
    b"",
    b" ",
    b"0",
    b"-1",
    b"1e999",
    b"9" * 400,
    b"9" * 5000,
    b"NaN",
    b"../../etc/passwd",
    b"/",
    b"C:\\x",
    b"http://[",
    b"http://[::1]:99999/",
    b"//x",
    b"%",
    b"%00%1b%2e%2e/%zz",
    b"?",
    b"#",
    b"./././/..",
    b"a:b",
    b"&#xe9;.html",
    "e\u0301.html".encode(),
    b"x" * 70_000,
    b"&amp;" * 999,
    b"\xff\xfe",
    b"&nbsp;",
)
_NAMES = (
    "",
    "/",
    ".",
    "..",
    "a/../b",
    "con",
    "x" * 300,
    "e\u0301.html",
    "\u00e9.html",
    "a\\b",
    "imsmanifest.xml/",
    "IMSMANIFEST.XML",
    "x/imsmanifest.xml",
    "mimetype",
    "sw.js",
    "cmi5.xml",
    "tincan.xml",
    "index.html",
    "\u202e.html",
)
_ENCODINGS = (
    "utf-16",
    "utf-16-be",
    "latin-1",
    "shift-jis",
    "utf-8-sig",
    "utf-7",
    "cp037",
    "utf-32",
)
_DECLARED = (b"UTF-16", b"Shift_JIS", b"klingon", b"punycode", b"base64", b"ISO-8859-1", b"UTF-7")

Change = Callable[[Random, bytes], bytes]


def _flip(random: Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 8, 40))):
        if out:
            out[random.randrange(len(out))] ^= 1 << random.randrange(8)
    return bytes(out)


def _truncate(random: Random, data: bytes) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _cut(random: Random, data: bytes) -> bytes:
    start = random.randrange(len(data) + 1)
    return data[:start] + data[start + random.randrange(1, 200) :]


def _insert(random: Random, data: bytes) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + random.randbytes(random.choice((1, 4, 64))) + data[at:]


def _huge_number(random: Random, data: bytes) -> bytes:
    at = random.randrange(len(data) + 1)
    size, number = random.choice((("<H", 0xFFFF), ("<I", 0xFFFFFFFF), ("<Q", 1 << 63), ("<I", 0)))
    packed = struct.pack(size, number)
    return data[:at] + packed + data[at + len(packed) :]


def _at_a_record(random: Random, data: bytes) -> bytes:
    """Change a byte near a signature of the zip, where the numbers are."""
    places = [found.start() for found in re.finditer(b"PK", data)]
    if not places:
        return data
    at = random.choice(places) + random.randrange(4, 60)
    return data[:at] + bytes([random.randrange(256)]) + data[at + 1 :]


def _pick(random: Random, pattern: re.Pattern[bytes], data: bytes) -> re.Match[bytes] | None:
    found = list(pattern.finditer(data))
    return random.choice(found) if found else None


def _without_tag(random: Random, data: bytes) -> bytes:
    found = _pick(random, _TAG, data)
    return data[: found.start()] + data[found.end() :] if found else data


def _tag_again(random: Random, data: bytes) -> bytes:
    found = _pick(random, _TAG, data)
    times = random.choice((1, 2, 150, 3000))
    return data[: found.end()] + found[0] * times + data[found.end() :] if found else data


def _element_again(random: Random, data: bytes) -> bytes:
    found = _pick(random, re.compile(rb"<([\w:]+)\b[^<>]*>.{0,2000}?</\1>", re.DOTALL), data)
    times = random.choice((1, 2, 500))
    return data[: found.end()] + found[0] * times + data[found.end() :] if found else data


def _element_away(random: Random, data: bytes) -> bytes:
    found = _pick(random, re.compile(rb"<([\w:]+)\b[^<>]*>.{0,2000}?</\1>", re.DOTALL), data)
    return data[: found.start()] + data[found.end() :] if found else data


def _attribute_away(random: Random, data: bytes) -> bytes:
    found = _pick(random, _ATTRIBUTE, data)
    return data[: found.start()] + data[found.end() :] if found else data


def _attribute_again(random: Random, data: bytes) -> bytes:
    found = _pick(random, _ATTRIBUTE, data)
    return data[: found.end()] + found[0] + data[found.end() :] if found else data


def _other_value(random: Random, data: bytes) -> bytes:
    found = _pick(random, _ATTRIBUTE, data)
    value = b'"' + random.choice(_VALUES) + b'"'
    return data[: found.start(1)] + value + data[found.end(1) :] if found else data


def _other_text(random: Random, data: bytes) -> bytes:
    found = _pick(random, _TEXT, data)
    value = random.choice(_VALUES)
    return data[: found.start(1)] + value + data[found.end(1) :] if found else data


def _attribute_more(random: Random, data: bytes) -> bytes:
    found = _pick(random, re.compile(rb"<[\w:]+"), data)
    name = random.choice((b"xml:base", b"identifierref", b"href", b"xml:lang", b"IDRef", b"type"))
    more = b" " + name + b'="' + random.choice(_VALUES) + b'"'
    return data[: found.end()] + more + data[found.end() :] if found else data


def _other_encoding(random: Random, data: bytes) -> bytes:
    text = data.decode("utf-8", "replace")
    return text.encode(random.choice(_ENCODINGS), "xmlcharrefreplace")


def _other_declaration(random: Random, data: bytes) -> bytes:
    body = re.sub(rb"^<\?xml.*?\?>", b"", data)
    return b'<?xml version="1.0" encoding="' + random.choice(_DECLARED) + b'"?>' + body


def _document_type(random: Random, data: bytes) -> bytes:
    declared = random.choice(
        (
            b"<!DOCTYPE html>",
            b'<!DOCTYPE a SYSTEM "file:///etc/passwd">',
            b'<!DOCTYPE a [<!ENTITY a "&b;&b;"><!ENTITY b "x">]>',
            b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/"> %p;]>',
            b"<!DOCTYPE a [<!ATTLIST item a CDATA 'x'>]>",
        )
    )
    body = re.sub(rb"^<\?xml.*?\?>", b"", data)
    return declared + body


def _nested(random: Random, data: bytes) -> bytes:
    times = random.choice((50, 120, 5000))
    return b"<item>" * times + data + b"</item>" * times


def _denormal(random: Random, data: bytes) -> bytes:
    form = random.choice(("NFC", "NFD"))
    return unicodedata.normalize(form, data.decode("utf-8", "replace")).encode()  # type: ignore[arg-type]


_BYTES: tuple[Change, ...] = (_flip, _truncate, _cut, _insert, _huge_number)
_MARKUP: tuple[Change, ...] = (
    *_BYTES,
    _without_tag,
    _tag_again,
    _element_again,
    _element_away,
    _attribute_away,
    _attribute_again,
    _other_value,
    _other_value,
    _other_text,
    _attribute_more,
    _other_encoding,
    _other_declaration,
    _document_type,
    _nested,
    _denormal,
)


def _change_files(random: Random, files: Files) -> list[tuple[str, bytes]]:
    entries = list(files.items())
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        if not entries:
            break
        at = random.randrange(len(entries))
        name, data = entries[at]
        match random.randrange(8):
            case 0:
                del entries[at]
            case 1:
                entries[at] = (random.choice(_NAMES), data)
            case 2:
                entries.append((random.choice(_NAMES), data))
            case _:
                entries[at] = (name, random.choice(_MARKUP)(random, data))
    return entries


def mutated(random: Random, files: Files) -> bytes:
    """Return the bytes of a zip that was a package of ``files``."""
    target = io.BytesIO()
    method = random.choice((0, 8, 8, 12, 14))
    with warnings.catch_warnings(), zipfile.ZipFile(target, "w", method) as archive:
        warnings.simplefilter("ignore")
        entries = _change_files(random, files) if random.random() < 0.75 else files.items()
        for name, data in entries:
            archive.writestr(name or zipfile.ZipInfo(name), data)
    whole = target.getvalue()
    if random.random() < 0.35:
        whole = random.choice((*_BYTES, _at_a_record, _at_a_record))(random, whole)
    return whole


def examine(path: Path) -> float:
    """Check and inspect a package, print its findings, and return the seconds that it took."""
    start = time.process_time()
    report = check(path)
    found = inspect(path)
    for finding in (*report.findings, *found.findings):
        line = str(finding)
        assert len(line) < 3000
        assert line.isprintable()
        line.encode()
    return time.process_time() - start


def main() -> None:
    count = int(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    failures: Counter[str] = Counter()
    slowest = 0.0
    names = list(PACKAGES)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.zip"
        for number in range(count):
            random = Random(f"{seed}-{number}")
            path.write_bytes(mutated(random, PACKAGES[random.choice(names)]))
            try:
                slowest = max(slowest, examine(path))
            except Exception:
                trace = traceback.format_exc()
                failures[trace.strip().splitlines()[-1][:150]] += 1
                if failures.total() <= 8:
                    print(f"{seed}-{number}\n{trace[-1500:]}")
    print(f"{count} packages, slowest {slowest:.2f} s, failures {dict(failures)}")


if __name__ == "__main__":
    main()
