"""The language of a post: chosen, settled by its letters, or told by the classifier."""

from dataclasses import replace

import pytest

from lti_tool.discussion.languages import OFFERED, by_script, detect, named, offered
from tests.lti_tool.discussion.scene import Scene


def test_the_modules_languages_come_first_and_each_once(scene: Scene) -> None:
    module = replace(scene.module, languages=("sw", "pt-BR", "es"))
    assert offered(module)[:3] == ("sw", "pt", "es")
    assert sorted(offered(module)) == sorted({"sw", *OFFERED})


def test_each_language_has_its_own_name_for_itself() -> None:
    names = dict(named(OFFERED))
    assert (names["es"], names["pt"], names["gn"]) == ("Español", "Português", "Avañeʼẽ")


@pytest.mark.parametrize(
    ("text", "among", "language"),
    [
        ("شكرا جزيلا", OFFERED, "ar"),
        ("Muchas gracias", OFFERED, None),
        ("Спасибо", OFFERED, None),
        ("Спасибо", (*OFFERED, "ru"), "ru"),
        ("Спасибо", (*OFFERED, "ru", "uk"), None),
        ("سلام چطور هستید", OFFERED, None),
        ("日本語のテキスト", (*OFFERED, "ja", "zh"), "ja"),
        ("我们同意", (*OFFERED, "ja", "zh"), "zh"),
        ("👍👍👍 123", OFFERED, None),
        ("", OFFERED, None),
    ],
)
def test_what_the_letters_alone_settle(
    text: str, among: tuple[str, ...], language: str | None
) -> None:
    assert by_script(text, among) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Estoy de acuerdo con la propuesta", "es"),
        ("Muy buena pregunta", "es"),
        ("I agree with you", "en"),
        ("What about trade unions?", "en"),
        ("Je suis d'accord avec vous", "fr"),
        ("Bonjour à tous", "fr"),
        ("Não sei ainda", "pt"),
        ("Boa tarde, concordo com a colega", "pt"),
        ("أنا أوافق على الاقتراح", "ar"),
        ("مرحبا بالجميع", "ar"),
        ("Mba'éichapa peẽme", "gn"),
        ("Imaynallan kashanki", "qu"),
        ("ESTOY DE ACUERDO CON USTEDES", "es"),
    ],
)
def test_short_texts_are_told(text: str, language: str) -> None:
    assert detect(text, OFFERED) == language


@pytest.mark.parametrize(
    "text",
    ["", "ok", "👍", "2026", "https://example.org/une/adresse/avec/des/mots", "سلام چطور هستید"],
)
def test_a_doubtful_text_stays_without(text: str) -> None:
    assert detect(text, OFFERED) is None


def test_what_others_said_does_not_count() -> None:
    quoting = "> Je suis tout à fait d'accord avec cette proposition\n\nI agree with that"
    assert detect(quoting, OFFERED) == "en"
    with_code = "```\nreturn the value of this function\n```\nEstoy de acuerdo con eso"
    assert detect(with_code, OFFERED) == "es"


def test_only_offered_languages_are_found() -> None:
    assert detect("Ich bin damit einverstanden, liebe Leute", OFFERED) != "de"
    assert detect("Ich bin damit einverstanden, liebe Leute", (*OFFERED, "de")) == "de"


def test_a_language_that_the_classifier_does_not_know_is_never_found() -> None:
    assert detect("Kamisaraki", ("ay",)) is None
