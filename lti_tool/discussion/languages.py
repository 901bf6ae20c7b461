"""The languages of posts: which can be chosen, and how the language of a text is told.

The author's choice wins. Without one, the script of the text may settle it at once (of the offered
languages, perhaps only one is written so); for the rest a classifier is asked later, by the worker,
because it takes a second and a hundred megabytes to load. It chooses among the offered languages
only: freed of that, it finds all kinds of tongues in five words. A wrong ``lang`` makes a screen
reader mispronounce everything, so a doubtful text stays without.
"""

import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from courseware.languages import endonym, normal
from courseware.module import Module

OFFERED = ("es", "en", "fr", "pt", "ar", "gn", "qu", "ay")
"""The interface's languages, and the three most spoken first languages of the Andes and Paraguay.

The classifier does not know Aymara: it can be chosen, not detected.
"""

_OWN_CODES = {"gn": "gug"}
"""What the classifier calls a language, where it uses another code than we."""

_SURE_ENOUGH = 0.5
_FEWEST_LETTERS = 2
_LETTERS_LOOKED_AT = 400
_SAMPLE = 4000
"""Characters of a text's own words that are examined, its first ones."""
_NOT_SAID_BY_AUTHOR = re.compile(
    r"(?ms)^[ ]{0,3}(```|~~~).*?(?:^[ ]{0,3}\1|\Z)"  # code between fences
    r"|^[ ]{0,3}>[^\n]*$"  # what others said
    r"|`[^`\n]+`"
    # The e-mail addresses. To begin only at the start of a word keeps the search linear.
    r"|https?://\S+|(?<![\w.%+-])[\w.%+-]++@[\w.-]+"
)
# Everyday letters of Persian and Urdu that Arabic does not have.
_NOT_ARABIC = frozenset("پچژگکیہےٹڈڑں")
_SHARE_OF_OTHERS = 0.05

_SCRIPT_NAMES = {
    "LATIN": "Latn", "ARABIC": "Arab", "CYRILLIC": "Cyrl", "GREEK": "Grek", "HEBREW": "Hebr",
    "DEVANAGARI": "Deva", "BENGALI": "Beng", "TAMIL": "Taml", "TELUGU": "Telu", "THAI": "Thai",
    "ETHIOPIC": "Ethi", "GEORGIAN": "Geor", "ARMENIAN": "Armn", "HANGUL": "Kore",
    "HIRAGANA": "Jpan", "KATAKANA": "Jpan", "CJK": "Hani",
}  # fmt: skip
_WRITTEN_IN = {"Hans": "Hani", "Hant": "Hani"}


@lru_cache(maxsize=256)
def _offered(tags: tuple[str, ...]) -> tuple[str, ...]:
    primary = (tag.split("-")[0] for tag in map(normal, tags) if tag)
    return tuple(dict.fromkeys((*primary, *OFFERED)))


def offered(module: Module) -> tuple[str, ...]:
    """The languages that a post of this module's discussion may have: the module's own first."""
    return _offered(module.languages)


@lru_cache(maxsize=256)
def named(tags: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Each language with its own name for itself, in the order of those names."""
    return tuple(sorted(((tag, endonym(tag)) for tag in tags), key=lambda pair: pair[1].casefold()))


def by_script(text: str, among: Sequence[str]) -> str | None:
    """The language that the letters alone settle, or None."""
    said = _said(text)
    script = _script(said)
    if script in (None, "Latn"):
        return None
    fitting = _written_in(script, among)
    if len(fitting) != 1 or (fitting == ["ar"] and _has_letters_of_others(said)):
        return None
    return fitting[0]


def detect(text: str, among: Sequence[str]) -> str | None:
    """The language of a text, or None where that is doubtful. Slow at first: for the worker."""
    settled = by_script(text, among)
    if settled is not None:
        return settled
    said = _said(text)
    script = _script(said)
    fitting = _written_in(script, among)
    if script == "Arab" and "ar" in fitting and _has_letters_of_others(said):
        fitting.remove("ar")
    return _classifier().choose(said, fitting) if fitting else None


def _said(text: str) -> str:
    return _NOT_SAID_BY_AUTHOR.sub(" ", text).strip()[:_SAMPLE]


def _script(text: str) -> str | None:
    """The script of most letters (ISO 15924), or None where there are too few letters."""
    letters = [character for character in text if character.isalpha()]
    if len(letters) < _FEWEST_LETTERS:
        return None
    scripts = Counter(map(_script_of_letter, letters[:_LETTERS_LOOKED_AT]))
    # Japanese mixes its own syllables into Chinese characters: they decide.
    if scripts["Jpan"] > scripts["Hani"] / 10:
        scripts["Jpan"] += scripts.pop("Hani", 0)
    script, count = scripts.most_common(1)[0]
    return script if count * 2 > scripts.total() else None


def _script_of_letter(letter: str) -> str:
    name = unicodedata.name(letter, "?").split()[0]
    return _SCRIPT_NAMES.get(name, name)


@lru_cache(maxsize=256)
def _script_of(tag: str) -> str:
    from babel.core import get_global

    script: str = get_global("likely_subtags").get(tag, f"{tag}_Latn_ZZ").split("_")[1]
    return _WRITTEN_IN.get(script, script)


def _written_in(script: str | None, among: Iterable[str]) -> list[str]:
    return [tag for tag in among if _script_of(tag) == script]


def _has_letters_of_others(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    others = sum(letter in _NOT_ARABIC for letter in letters)
    return others > _SHARE_OF_OTHERS * len(letters)


class _Classifier:
    """py3langid, loaded once. It is told its languages by a call, so one text at a time."""

    def __init__(self) -> None:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        self._identifier: Any = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        self._known = frozenset(self._identifier.labels)
        self._chosen: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    def choose(self, text: str, among: Sequence[str]) -> str | None:
        """The language of ``among`` that fits, if it fits well enough."""
        codes = {_OWN_CODES.get(tag, tag): tag for tag in among}
        wanted = self._known & codes.keys()
        if not wanted:
            return None
        with self._lock:
            if wanted != self._chosen:
                self._identifier.set_languages(wanted)
                self._chosen = wanted
            code, probability = self._identifier.classify(text)
        return codes[code] if probability >= _SURE_ENOUGH else None


_loaded: list[_Classifier] = []
_loading = threading.Lock()


def _classifier() -> _Classifier:
    with _loading:
        if not _loaded:
            _loaded.append(_Classifier())
    return _loaded[0]
