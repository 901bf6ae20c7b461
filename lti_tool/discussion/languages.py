"""Languages of posts: which ones an author can choose, and how a language is detected.

The author's choice wins. Without one, the script of the text may decide at once (if only one of the
offered languages uses it). Otherwise the worker runs a classifier later, because it takes a second
and a hundred megabytes to load. The classifier chooses among the offered languages only; without
that limit it returns improbable languages for short texts. A wrong ``lang`` makes a screen reader
mispronounce the text, so the language stays unknown where the result is uncertain.
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
"""The interface's languages, and the main indigenous languages of the Andes and Paraguay.

The classifier does not support Aymara: it can be chosen, but not detected.
"""

_CLASSIFIER_CODES = {"gn": "gug"}
"""Codes of the classifier that differ from ours."""

_MIN_PROBABILITY = 0.5
_MIN_LETTERS = 2
_SCRIPT_SAMPLE = 400
_SAMPLE = 4000
"""How many characters of the author's own words are examined."""
_NOT_AUTHORS_WORDS = re.compile(
    r"(?ms)^[ ]{0,3}(```|~~~).*?(?:^[ ]{0,3}\1|\Z)"  # fenced code
    r"|^[ ]{0,3}>[^\n]*$"  # quotations
    r"|`[^`\n]+`"
    # URLs and e-mail addresses. The lookbehind keeps the search linear.
    r"|https?://\S+|(?<![\w.%+-])[\w.%+-]++@[\w.-]+"
)
# Common letters of Persian and Urdu that Arabic does not use.
_NON_ARABIC_LETTERS = frozenset("پچژگکیہےٹڈڑں")
_MAX_NON_ARABIC_SHARE = 0.05

_SCRIPT_NAMES = {
    "LATIN": "Latn", "ARABIC": "Arab", "CYRILLIC": "Cyrl", "GREEK": "Grek", "HEBREW": "Hebr",
    "DEVANAGARI": "Deva", "BENGALI": "Beng", "TAMIL": "Taml", "TELUGU": "Telu", "THAI": "Thai",
    "ETHIOPIC": "Ethi", "GEORGIAN": "Geor", "ARMENIAN": "Armn", "HANGUL": "Kore",
    "HIRAGANA": "Jpan", "KATAKANA": "Jpan", "CJK": "Hani",
}  # fmt: skip
_SCRIPT_ALIASES = {"Hans": "Hani", "Hant": "Hani"}


@lru_cache(maxsize=256)
def _offered(tags: tuple[str, ...]) -> tuple[str, ...]:
    primary = (tag.split("-")[0] for tag in map(normal, tags) if tag)
    return tuple(dict.fromkeys((*primary, *OFFERED)))


def offered_languages(module: Module) -> tuple[str, ...]:
    """Return the languages of posts in this module's discussion, the module's own first."""
    return _offered(module.languages)


@lru_cache(maxsize=256)
def with_endonyms(tags: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return (tag, endonym) pairs, sorted by endonym."""
    return tuple(sorted(((tag, endonym(tag)) for tag in tags), key=lambda pair: pair[1].casefold()))


def detect_by_script(text: str, candidates: Sequence[str]) -> str | None:
    """Return the only candidate that is written in the script of the text, or None. Fast."""
    words = _authors_words(text)
    script = _script(words)
    matching = _written_in(script, candidates)
    if len(matching) != 1 or script == "Latn" or _is_not_arabic(words, matching):
        return None
    return matching[0]


def detect(text: str, candidates: Sequence[str]) -> str | None:
    """Return the language of a text, or None where it is uncertain.

    The first call loads the classifier: for the worker, not for a request.
    """
    words = _authors_words(text)
    script = _script(words)
    matching = _written_in(script, candidates)
    if _is_not_arabic(words, matching):
        matching.remove("ar")
    elif len(matching) == 1 and script != "Latn":
        return matching[0]
    return _classifier().choose(words, matching) if matching else None


def _authors_words(text: str) -> str:
    """Return the start of the text without code, quotations, URLs and e-mail addresses."""
    return _NOT_AUTHORS_WORDS.sub(" ", text).strip()[:_SAMPLE]


def _script(text: str) -> str | None:
    """Return the script of most letters (ISO 15924), or None if there are too few letters."""
    letters = [character for character in text if character.isalpha()]
    if len(letters) < _MIN_LETTERS:
        return None
    scripts = Counter(map(_script_of_letter, letters[:_SCRIPT_SAMPLE]))
    # Japanese mixes kana into Chinese characters: one tenth of kana is enough.
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
    return _SCRIPT_ALIASES.get(script, script)


def _written_in(script: str | None, candidates: Iterable[str]) -> list[str]:
    return [tag for tag in candidates if _script_of(tag) == script]


def _is_not_arabic(text: str, matching: Sequence[str]) -> bool:
    """Whether Arabic matches by its script, but the letters are those of another language."""
    if "ar" not in matching:
        return False
    letters = [character for character in text if character.isalpha()]
    count = sum(letter in _NON_ARABIC_LETTERS for letter in letters)
    return count > _MAX_NON_ARABIC_SHARE * len(letters)


class _Classifier:
    """py3langid, loaded once. Its language set is mutable state, so calls are serialized."""

    def __init__(self) -> None:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        self._identifier: Any = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        self._supported = frozenset(self._identifier.labels)
        self._active: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    def choose(self, text: str, candidates: Sequence[str]) -> str | None:
        """Return the most probable candidate, or None if it is not probable enough."""
        codes = {_CLASSIFIER_CODES.get(tag, tag): tag for tag in candidates}
        labels = self._supported & codes.keys()
        if not labels:
            return None
        with self._lock:
            if labels != self._active:
                self._identifier.set_languages(labels)
                self._active = labels
            code, probability = self._identifier.classify(text)
        return codes[code] if probability >= _MIN_PROBABILITY else None


_loaded: list[_Classifier] = []
_loading = threading.Lock()


def _classifier() -> _Classifier:
    with _loading:
        if not _loaded:
            _loaded.append(_Classifier())
    return _loaded[0]
