"""Words that the messages of the interface do not use, each with what to write instead."""

import re
from collections.abc import Iterator

import pytest

from courseware import resources
from courseware.i18n.catalogs import load, path_of

ENGLISH = [
    (r"(?<!e-mail )(?<!IP )address", "address is for e-mail and IP; else URL, or link for readers"),
    (r"\bvisit", "session; a person without an account is a guest"),
    (r"by hand", "directly, or manually"),
    (r"\bgo(?:es)? on\b", "continue"),
    (r"whoever|whatever", "name the person or the thing"),
    (r"\b(?:let|lets) (?:\w+ )?in\b", "allow, admit"),
    (r"\btold\b|\btells? (?!the tool who)", "say, show"),
    (r"\banother\b.* than\b|\bother\b.* than\b", "different from"),
    (r"\bkept\b", "saved (by us), hosted (by others), stored (data)"),
    (r"\bkeeps?\b(?! (?:the post|a copy|trying))", "save; a button that keeps a thing names it"),
    (r"\btakes?\b(?! part)", "accept, save"),
    (r"\bholds?\b", "contain"),
    (r"\black(?:s|ing)?\b", "be missing"),
    (r"looks? after", "name the role: operator, administrator, author"),
    (r"\banew\b|once more", "again"),
    (r"\beverybody\b", "everyone"),
    (r"by way of", "through"),
    (r"\bswitch(?:e[sd])?\b", "turn on, turn off"),
    (r"\bbeg[aiu]n", "start"),
    (r"\b(?:this|each) part\b|\bparts (?:seen|viewed)|part of the module", "section"),
    (r"\bmay (?!be wrong)", "can"),
    (r"\bclient id\b", "client ID"),
    (r"\bmade\b|\bmake\b", "create"),
    (r"\bof its own\b(?<!post of its own)|by itself|by themselves", "automatically, its own …"),
]
OTHERS = [
    ("es", r"\bañad", "agregar"),
    ("es", r"\bvisitas?\b", "sesión, visitante"),
    ("es", r"en vivo|a mano", "en línea, directamente"),
    ("es", r"\bdirecci(?:ón|ones)\b(?! de correo)", "dirección de correo; else URL, enlace"),
    ("fr", r"personnes? de passage", "anonyme, accès anonyme"),
    ("fr", r"\bvisites?\b", "session"),
    ("fr", r"à la main|liaison", "directement, connexion"),
    ("fr", r"(?<!e-)\badresses?\b(?! de courriel)", "adresse de courriel; else URL, lien"),
    ("pt", r"\bvisitas?\b", "sessão, visitante"),
    ("pt", r"ao vivo|à mão", "on-line, diretamente"),
    ("pt", r"\bendereços?\b(?! de e-mail)", "endereço de e-mail; else URL, link"),
    ("ar", r"مشاركات|مشاركتك|مشاركة (?:من|واحدة|مستقلة|محذوفة)", "منشور"),
    ("ar", r"يدويًا|الشروح", "مباشر، الترجمة النصية"),
    ("ar", r"عنوان(?! بريد| البريد)", "عنوان البريد الإلكتروني، وإلا رابط"),
]


def messages(language: str) -> Iterator[str]:
    for message in load(path_of(resources.translations(), language), language):
        if message.id:
            yield from (message.string,) if isinstance(message.string, str) else message.string


def found(language: str, pattern: str) -> list[str]:
    flags = re.IGNORECASE if pattern != r"\bclient id\b" else 0
    return [text for text in messages(language) if re.search(pattern, text, flags)]


@pytest.mark.parametrize(("pattern", "instead"), ENGLISH)
def test_english(pattern: str, instead: str) -> None:
    assert found("en", pattern) == [], instead


@pytest.mark.parametrize(("language", "pattern", "instead"), OTHERS)
def test_translations(language: str, pattern: str, instead: str) -> None:
    assert found(language, pattern) == [], instead
