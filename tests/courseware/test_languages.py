"""Language tags: canonical form, lookup, direction and endonym (BCP 47, RFC 4647)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.languages import choose, direction, endonym, normal

NORMAL = {
    "es": "es",
    "ES": "es",
    "pt_br": "pt-BR",
    "pt-br": "pt-BR",
    "es-419": "es-419",
    "fr_FR.UTF-8": "fr-FR",
    "ca_ES@valencia": "ca-ES",
    "zh-hant-tw": "zh-Hant-TW",
    "SR-LATN": "sr-Latn",
    "de-1996": "de-1996",
    "sl-rozaj-biske": "sl-rozaj-biske",
    "en-a-bbb-x-a": "en-a-bbb-x-a",
    "iw": "he",
    " ar ": "ar",
    "": None,
    "C": None,
    "e": None,
    "español": None,
    "spanish": None,
    "media": None,
    "es-": None,
    "es--MX": None,
    "*": None,
    "en-" + "a" * 100: None,
    "ес": None,
}


@pytest.mark.parametrize("tag", NORMAL)
def test_canonical_form(tag: str) -> None:
    assert normal(tag) == NORMAL[tag]


CHOICES = [
    (["pt_br"], ["es", "pt"], "pt"),
    (["es-419"], ["en", "es"], "es"),
    (["es-MX", "en"], ["en", "es"], "es"),
    (["en", "es"], ["es", "en"], "en"),
    ([None, "", "not a tag", "fr"], ["es", "fr"], "fr"),
    (["de", "ja"], ["es", "fr"], "es"),
    ([], ["es", "fr"], "es"),
    (["zh-Hant-TW"], ["zh", "es"], "zh"),
    (["zh-Hant-TW"], ["zh", "zh-Hant", "es"], "zh-Hant"),
    (["en-a-bbb"], ["en", "es"], "en"),
    (["pt"], ["es", "pt-BR", "pt-PT"], "pt-BR"),
    (["pt-PT"], ["es", "pt-BR"], "pt-BR"),
    (["pt-BR"], ["pt_br"], "pt_br"),
    (["*"], ["fr", "es"], "es"),
]


@pytest.mark.parametrize(("wanted", "available", "chosen"), CHOICES)
def test_lookup(wanted: list[str | None], available: list[str], chosen: str) -> None:
    assert choose(wanted, available, "es") == chosen


@pytest.mark.parametrize(
    "tag", ["ar", "ar-EG", "he", "iw", "fa-IR", "ur", "ckb", "az-Arab", "pa-PK"]
)
def test_right_to_left(tag: str) -> None:
    assert direction(tag) == "rtl"


@pytest.mark.parametrize("tag", ["es", "en", "az", "ar-Latn", "ku", "pa", "zz", "", "not a tag"])
def test_left_to_right(tag: str) -> None:
    assert direction(tag) == "ltr"


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("es", "Español"),
        ("en", "English"),
        ("fr", "Français"),
        ("pt", "Português"),
        ("ar", "العربية"),
        ("pt-BR", "Português (Brasil)"),
        ("gn", "Avañeʼẽ"),
        ("zz", "zz"),
        ("not a tag", "not a tag"),
    ],
)
def test_endonyms(tag: str, name: str) -> None:
    assert endonym(tag) == name


TAGS = st.one_of(
    st.text(max_size=30), st.from_regex(r"[A-Za-z0-9]{1,8}([-_@.][A-Za-z0-9]{0,8}){0,6}")
)


@given(TAGS, TAGS)
def test_no_function_raises_for_any_string(first: str, second: str) -> None:
    tag = normal(first)
    assert tag is None or normal(tag) == tag
    assert choose([first, None, second], [second, "es"], "es") in (second, "es")
    assert direction(first) in ("ltr", "rtl")
    assert isinstance(endonym(first), str)
