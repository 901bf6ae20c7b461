"""The language of a post: chosen, decided by the script, or detected by the classifier."""

from dataclasses import replace

import pytest

from lti_tool.discussion.languages import (
    OFFERED,
    as_filter,
    as_tag,
    choices,
    detect,
    detect_by_script,
    offered_languages,
    with_endonyms,
)
from tests.lti_tool.discussion.scene import Scene


def test_the_languages_of_the_module_come_first_without_duplicates(scene: Scene) -> None:
    module = replace(scene.module, languages=("sw", "pt-BR", "es"))
    assert offered_languages(module)[:3] == ("sw", "pt", "es")
    assert sorted(offered_languages(module)) == sorted({"sw", *OFFERED})


def test_endonyms() -> None:
    names = dict(with_endonyms(OFFERED))
    assert (names["es"], names["pt"], names["gn"]) == ("Español", "Português", "Avañeʼẽ")


@pytest.mark.parametrize(
    ("text", "candidates", "language"),
    [
        ("شكرا جزيلا", OFFERED, "ar"),
        ("Muchas gracias", OFFERED, None),
        ("Спасибо", OFFERED, None),
        ("Спасибо", (*OFFERED, "ru"), "ru"),
        ("Спасибо", (*OFFERED, "ru", "uk"), None),
        ("سلام چطور هستید", OFFERED, None),
        ("سلام چطور هستید", (*OFFERED, "fa"), None),
        ("日本語のテキスト", (*OFFERED, "ja", "zh"), "ja"),
        ("我们同意", (*OFFERED, "ja", "zh"), "zh"),
        ("👍👍👍 123", OFFERED, None),
        ("", OFFERED, None),
    ],
)
def test_detection_by_script(text: str, candidates: tuple[str, ...], language: str | None) -> None:
    assert detect_by_script(text, candidates) == language


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
def test_short_texts(text: str, language: str) -> None:
    assert detect(text, OFFERED) == language


@pytest.mark.parametrize(
    "text",
    ["", "ok", "👍", "2026", "https://example.org/une/adresse/avec/des/mots", "سلام چطور هستید"],
)
def test_uncertain_texts(text: str) -> None:
    assert detect(text, OFFERED) is None


def test_quotations_and_code_are_ignored() -> None:
    quoting = "> Je suis tout à fait d'accord avec cette proposition\n\nI agree with that"
    assert detect(quoting, OFFERED) == "en"
    with_code = "```\nreturn the value of this function\n```\nEstoy de acuerdo con eso"
    assert detect(with_code, OFFERED) == "es"


def test_only_candidates_are_returned() -> None:
    assert detect("Ich bin damit einverstanden, liebe Leute", OFFERED) != "de"
    assert detect("Ich bin damit einverstanden, liebe Leute", (*OFFERED, "de")) == "de"


def test_a_language_that_the_classifier_does_not_support() -> None:
    assert detect("Kamisaraki", ("ay",)) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Katika kijiji chetu tulianza na shule kwanza, kisha tukafungua sanduku la akiba", "sw"),
        ("В нашей деревне мы сначала построили школу, а потом открыли кассу взаимопомощи", "ru"),
        ("In unserem Dorf haben wir zuerst die Schule gebaut und danach die Sparkasse", "de"),
        (
            "Nel nostro villaggio abbiamo iniziato con la scuola e poi con la cassa di risparmio",
            "it",
        ),
        ("हमारे गाँव में हमने पहले स्कूल बनाया और फिर सभी के लिए बचत बैंक खोला", "hi"),
        ("ما در روستای خود ابتدا مدرسه را ساختیم و سپس صندوق پس‌انداز را برای همه باز کردیم", "fa"),
        ("我们的合作社每个月一起决定。", "zh"),
        ("私たちの協同組合は毎月一緒に決めます。", "ja"),
        ("우리 협동조합은 매달 함께 결정합니다", "ko"),
        ("เราตัดสินใจร่วมกัน", "th"),
        ("En nuestro pueblo empezamos con la escuela y luego con la caja de ahorros", "es"),
        ("Na nossa aldeia começamos com a escola e depois com a caixa de poupança", "pt"),
        ("Ayllunchikpiqa ñawpaqta yachay wasita ruwarqanchik, chaymanta qullqi wasita", "qu"),
        ("Ore tavaguasúpe roñepyrũ mbo'ehao reheve ha upéi rombohape viru ñongatuha", "gn"),
        ("В нашей", None),
    ],
)
def test_texts_in_languages_that_are_not_offered(text: str, language: str | None) -> None:
    assert detect(text, OFFERED) == language


@pytest.mark.parametrize(
    ("given", "tag", "chosen"),
    [
        ("es", "es", "es"), ("ES", "es", None), ("zh-Hant", "zh-Hant", "zh-Hant"),
        ("tlh", "tlh", "tlh"), ("und", None, "und"), ("", None, None), (None, None, None),
        ("not a tag", None, None), ("es-x-" + "abcdefgh-" * 5 + "a", None, None),
    ],
)  # fmt: skip
def test_tags(given: str | None, tag: str | None, chosen: str | None) -> None:
    assert (as_tag(given), as_filter(given)) == (tag, chosen)


def test_choices_are_the_offered_languages_then_all_others() -> None:
    first, others = choices(("es", "sw"), "tlh")
    assert {tag for tag, _ in first} == {"es", "sw", "tlh"}
    assert ("sw", "Kiswahili") in first
    assert {"ru", "zh-Hans", "hi", "wo"} <= {tag for tag, _ in others}
    assert not {tag for tag, _ in first} & {tag for tag, _ in others}
