"""Languages of posts: which ones an author can choose, and how a language is detected.

The author's choice wins. Without one, the script of the text may decide at once (if only one of the
offered languages uses it). Otherwise the worker runs a classifier later, because it takes a second
and a hundred megabytes to load. For a short text the classifier chooses among the languages of the
course and of the interface only; without that limit it returns improbable ones. A long text may be
in any of the languages that many people write. A wrong ``lang`` makes a screen reader mispronounce
the text, so the language stays unknown where the result is uncertain.
"""

import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from courseware.languages import WORLD, endonym, normal
from courseware.module import Module

OFFERED = ("es", "en", "fr", "pt", "ar", "gn", "qu", "ay")
"""The interface's languages, and the main indigenous languages of the Andes and Paraguay.

The classifier does not support Aymara: it can be chosen, but not detected.
"""

UNKNOWN = "und"
"""The filter for posts whose language is unknown (BCP 47: undetermined)."""
MAX_TAG = 35
"""Longest language tag that is stored."""

_CLASSIFIER_CODES = {"gn": "gug", "nb": "no"}
"""Codes of the classifier that differ from ours."""

_MIN_PROBABILITY = 0.5
_MIN_PROBABILITY_ELSEWHERE = 0.95
_MIN_LETTERS = 2
_MIN_LETTERS_ELSEWHERE = 60
"""Fewest letters of a text that may be in a language which is not offered."""
_MIN_LETTERS_OF_SCRIPT = 20
"""The same for a text in a script that no offered language has."""
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
    "HIRAGANA": "Jpan", "KATAKANA": "Jpan", "CJK": "Hani", "KHMER": "Khmr", "LAO": "Laoo",
    "MYANMAR": "Mymr", "GUJARATI": "Gujr", "KANNADA": "Knda", "MALAYALAM": "Mlym", "ORIYA": "Orya",
    "SINHALA": "Sinh", "GURMUKHI": "Guru",
}  # fmt: skip
# Scripts in which nearly all texts are in one language.
_LANGUAGE_OF_SCRIPT = {
    "Grek": "el", "Hebr": "he", "Taml": "ta", "Telu": "te", "Thai": "th", "Geor": "ka",
    "Armn": "hy", "Kore": "ko", "Jpan": "ja", "Hani": "zh", "Khmr": "km", "Laoo": "lo",
    "Mymr": "my", "Gujr": "gu", "Knda": "kn", "Mlym": "ml", "Orya": "or", "Sinh": "si",
    "Guru": "pa",
}  # fmt: skip
# Not those that are easily taken for one that is offered (Galician, Aragonese, Occitan).
_ELSEWHERE = (
    "de", "it", "nl", "pl", "cs", "sk", "hu", "ro", "sv", "da", "nb", "fi", "et", "lv", "lt", "hr",
    "sl", "sq", "tr", "id", "vi", "sw", "so", "ha", "yo", "zu", "ca", "eu", "ht", "mg", "rw",
    "ru", "uk", "bg", "sr", "mk", "kk", "ky", "mn", "fa", "ur", "ps", "ug", "hi", "ne", "mr", "bn",
    "as", "am",
)  # fmt: skip
_SCRIPT_ALIASES = {"Hans": "Hani", "Hant": "Hani"}


@lru_cache(maxsize=256)
def _offered(tags: tuple[str, ...]) -> tuple[str, ...]:
    primary = (tag.split("-")[0] for tag in map(normal, tags) if tag)
    return tuple(dict.fromkeys((*primary, *OFFERED)))


def offered_languages(module: Module) -> tuple[str, ...]:
    """Return the languages of posts in this module's discussion, the module's own first."""
    return _offered(module.languages)


def as_tag(given: str | None) -> str | None:
    """Return the tag to store for a submitted language; None if it is not a BCP 47 tag."""
    tag = normal(given) if given else None
    return None if tag is None or len(tag) > MAX_TAG or tag == UNKNOWN else tag


def as_filter(given: str | None) -> str | None:
    """Return the language filter of a URL: a tag, ``UNKNOWN`` or None."""
    return given if given == UNKNOWN or given == as_tag(given) else None


Choices = tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]


@lru_cache(maxsize=256)
def choices(offered: tuple[str, ...], chosen: str | None) -> Choices:
    """Return (tag, endonym) of the offered languages with the chosen one, and of all others."""
    first = offered if not chosen or chosen in offered else (*offered, chosen)
    return with_endonyms(first), with_endonyms(tuple(tag for tag in WORLD if tag not in first))


@lru_cache(maxsize=256)
def with_endonyms(tags: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return (tag, endonym) pairs, sorted by endonym."""
    return tuple(sorted(((tag, endonym(tag)) for tag in tags), key=lambda pair: pair[1].casefold()))


def detect_by_script(text: str, candidates: Sequence[str]) -> str | None:
    """Return the only candidate, or only language, of the script of the text, or None. Fast."""
    words = _authors_words(text)
    script = _script(words)
    matching = _written_in(script, candidates)
    if not matching:
        return _LANGUAGE_OF_SCRIPT.get(script or "")
    if len(matching) != 1 or script == "Latn" or _is_not_arabic(words, matching):
        return None
    return matching[0]


def detect(text: str, candidates: Sequence[str]) -> str | None:
    """Return the language of a text, or None where it is uncertain. A candidate, if it is short.

    The first call loads the classifier: for the worker, not for a request.
    """
    words = _authors_words(text)
    script = _script(words)
    matching = _written_in(script, candidates)
    if not matching and script in _LANGUAGE_OF_SCRIPT:
        return _LANGUAGE_OF_SCRIPT[script]
    if _is_not_arabic(words, matching):
        matching.remove("ar")
    elif len(matching) == 1 and script != "Latn":
        return matching[0]
    least = _MIN_LETTERS_ELSEWHERE if matching else _MIN_LETTERS_OF_SCRIPT
    if sum(map(str.isalpha, words)) >= least:
        wider = dict.fromkeys((*matching, *_written_in(script, _ELSEWHERE)))
        found = _classifier().choose(words, tuple(wider), _MIN_PROBABILITY_ELSEWHERE)
        if found is not None and found not in matching:
            return found
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


@lru_cache(maxsize=4096)
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

    def choose(
        self, text: str, candidates: Sequence[str], least: float = _MIN_PROBABILITY
    ) -> str | None:
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
        return codes[code] if probability >= least else None


_loaded: list[_Classifier] = []
_loading = threading.Lock()


def _classifier() -> _Classifier:
    with _loading:
        if not _loaded:
            _loaded.append(_Classifier())
    return _loaded[0]
