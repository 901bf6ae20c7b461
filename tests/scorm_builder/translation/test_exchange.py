"""Round trips of XLIFF and PO, and invalid files."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorm_builder.translation import po, xliff
from scorm_builder.translation.entries import Entry, Exchange, ExchangeError
from scorm_builder.translation.units import Unit

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
UNITS = st.lists(
    st.builds(
        Unit,
        id=st.from_regex(r"[a-z0-9.:-]{1,20}", fullmatch=True),
        key=st.just("k"),
        source=TEXTS,
        target=st.none() | TEXTS,
        status=st.sampled_from(["translated", "outdated", "missing"]),
        note=st.just('A "note" & <more>.'),
        file=st.sampled_from(["es/a.md", "module.toml"]),
        line=st.none() | st.just(3),
    ),
    max_size=6,
    unique_by=lambda unit: unit.id,
).map(lambda units: sorted(units, key=lambda unit: unit.file))

Read = Callable[[bytes], Exchange]


@given(UNITS)
def test_xliff_round_trip(units: list[Unit]) -> None:
    found = xliff.read(xliff.write(units, "es", "fr").encode())
    assert (found.source, found.target) == ("es", "fr")
    assert [(one.id, one.source, one.target) for one in found.entries] == [
        (unit.id, unit.source, unit.target or "") for unit in units
    ]
    for one, unit in zip(found.entries, units, strict=True):
        assert one.done is (True if unit.target and unit.status == "translated" else None)


@given(UNITS)
def test_po_round_trip(units: list[Unit]) -> None:
    found = po.read(po.write(units, "es", "fr").encode())
    assert (found.source, found.target) == ("es", "fr")
    assert [(one.id, one.source, one.target) for one in found.entries] == [
        (unit.id, unit.source, unit.target or "") for unit in units
    ]
    for one, unit in zip(found.entries, units, strict=True):
        assert one.done is not (bool(unit.target) and unit.status == "outdated")


def document(inside: str, root: str = f'xmlns="{xliff.NAMESPACE}" version="2.0"') -> bytes:
    return f'<xliff {root} srcLang="es" trgLang="fr"><file id="f">{inside}</file></xliff>'.encode()


def test_segments_inline_elements_and_alternatives() -> None:
    """Also alternatives from a translation memory, and a segment that is not translatable."""
    (entry,) = xliff.read(
        document(
            '<unit id="u" xmlns:m="urn:oasis:names:tc:xliff:matches:2.0">'
            '<m:matches><m:match ref="#"><source>Other</source>'
            "<target>Autre</target></m:match></m:matches>"
            '<segment state="final"><source>One.</source><target>Un <mrk id="1">mot</mrk>.</target>'
            "</segment><ignorable><source> </source></ignorable>"
            '<segment state="reviewed"><source>Two.</source><target>Deux.</target></segment></unit>'
        )
    ).entries
    assert entry == Entry("u", "One. Two.", "Un mot. Deux.", True)


def test_a_unit_with_an_untranslated_segment_has_no_translation() -> None:
    (entry,) = xliff.read(
        document(
            '<unit id="u"><segment><source>A.</source><target>B.</target></segment>'
            "<segment><source>C.</source></segment></unit>"
        )
    ).entries
    assert entry == Entry("u", "A.C.", "", None)


BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x SYSTEM "file:///etc/passwd">'


@pytest.mark.parametrize(
    ("read", "data", "words"),
    [
        (xliff.read, BOMB.encode() + document("&b;"), "A document type"),
        (xliff.read, OUTSIDE.encode() + document(""), "A document type"),
        (xliff.read, document("")[:-3], "The XML is broken, line 1"),
        (xliff.read, b"", "The XML is broken"),
        (xliff.read, b'<?xml version="1.0" encoding="nope"?><a/>', "."),
        (xliff.read, b"<html/>", "This is not XLIFF"),
        (xliff.read, b'<xliff version="1.2"/>', "This is XLIFF 1.2"),
        (xliff.read, document("<g>" * 60 + "</g>" * 60), "too deep"),
        (po.read, b"\xff\xfe", "not saved as UTF-8"),
        (po.read, b'msgid "a"\nnonsense\n', "Line 2 is not one of a PO"),
        (po.read, b'"alone"\n', "Line 1 is not one of a PO"),
        (po.read, b'msgid "open\n', "Line 1 is not one of a PO"),
    ],
)
def test_invalid_files_are_rejected(read: Read, data: bytes, words: str) -> None:
    with pytest.raises(ExchangeError, match=words):
        read(data)


@pytest.mark.parametrize("module", [xliff, po])
def test_the_number_of_units_is_limited(module: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_UNITS", 2)
    many = [Unit(f"u{n}", "k", "a", "b", "translated", "", "f", None) for n in range(3)]
    data = module.write(many, "es", "fr").encode()  # type: ignore[attr-defined]
    with pytest.raises(ExchangeError, match="more than 2"):
        module.read(data)  # type: ignore[attr-defined]


@given(st.binary(max_size=200))
def test_any_bytes_are_parsed_or_rejected(data: bytes) -> None:
    for read in (xliff.read, po.read):
        try:
            read(data)
        except ExchangeError:
            continue
