"""The explainer of module 4: one table makes its captions, its transcripts and its length."""

import importlib.util
import struct
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

MODULE = Path(__file__).resolve().parents[2] / "content" / "module-4"
VIDEO = MODULE / "media" / "explainer.mp4"
LANGUAGES = ("es", "en", "fr", "pt")
LONGEST_LINE = 42  # characters: what fits on a phone
FASTEST_READING = 17  # characters a second


@pytest.fixture(scope="module")
def script():
    source = MODULE / "sources" / "make_explainer.py"
    spec = importlib.util.spec_from_file_location("make_explainer", source)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def film(script):
    return script.table()


def boxes(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Read the boxes of an MP4 (ISO/IEC 14496-12, 4.2), one level of them."""
    at = 0
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        yield name.decode("latin-1"), data[at + 8 : at + size]
        at += size


@pytest.mark.parametrize("language", LANGUAGES)
def test_captions_and_transcripts_are_those_of_the_table(script, film, language):
    captions = (MODULE / "media" / f"explainer.{language}.vtt").read_text(encoding="utf-8")
    transcript = (MODULE / language / "explainer.transcript.md").read_text(encoding="utf-8")
    assert captions == script.vtt(film["scenes"], language)
    assert transcript == script.transcript(film, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_captions_can_be_read_in_their_time(script, film, language):
    before = 0.0
    for start, end, text in script.cues(film["scenes"], language):
        assert before <= start < end
        assert max(map(len, text.split("\n"))) <= LONGEST_LINE
        assert text.count("\n") <= 1
        assert len(text) / (end - start) <= FASTEST_READING
        before = end


def test_the_film_is_as_long_as_its_table_and_as_the_module_says(film):
    facts = tomllib.loads((MODULE / "module.toml").read_text(encoding="utf-8"))
    length = sum(scene["seconds"] for scene in film["scenes"])
    movie = dict(boxes(dict(boxes(VIDEO.read_bytes()))["moov"]))
    timescale, duration = struct.unpack_from(">II", movie["mvhd"], 12)
    assert length == facts["videos"]["explainer"]["seconds"] == duration / timescale


def test_the_film_can_begin_before_it_has_all_arrived():
    names = [name for name, _ in boxes(VIDEO.read_bytes())]
    assert names.index("moov") < names.index("mdat")


def test_the_film_is_light():
    assert VIDEO.stat().st_size <= 1_500_000
    assert (MODULE / "media" / "explainer.jpg").stat().st_size <= 60_000
