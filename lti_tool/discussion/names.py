"""What a person is called in a discussion, and the two letters that stand beside a post.

Some platforms keep names to themselves. People without one still need to be told apart, so each has
a code that stays the same: the word before it ("Participant") is the reader's language, the code is
not. It is a keyed permutation of the person's number (a Feistel network over HMAC-SHA-256), so two
persons never share one, and without the key it tells nothing.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from courseware.i18n import Interface

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: nothing to confuse when read aloud
_DIGIT_BITS = 5
_SHORTEST_BITS = 20
_ROUNDS = 6

_ARTICLE = "ال"
_ZWJ, _ZWNJ = "\u200d", "\u200c"
_FLAGS = range(0x1F1E6, 0x1F200)
_SKINS = range(0x1F3FB, 0x1F400)


@lru_cache(maxsize=4096)
def code_of(secret_key: str, user_id: int) -> str:
    """Four letters and digits (more beyond a million persons), distinct for each person."""
    bits = _SHORTEST_BITS
    while user_id >> bits:
        bits += 2 * _DIGIT_BITS
    half = bits // 2
    mask = (1 << half) - 1
    left, right = user_id >> half, user_id & mask
    for turn in range(_ROUNDS):
        message = f"pseudonym {bits} {turn} {right}".encode()
        digest = hmac.digest(secret_key.encode(), message, hashlib.sha256)
        left, right = right, left ^ (int.from_bytes(digest[:4], "big") & mask)
    number = left << half | right
    places = range(bits - _DIGIT_BITS, -1, -_DIGIT_BITS)
    return "".join(_DIGITS[number >> place & 31] for place in places)


def shown(ui: Interface, name: str | None, code: str | None, role: str) -> str:
    """The name to show: the person's own, or a word in the reader's language and the code."""
    if name:
        return name
    if role == "guest":
        return ui.gettext("Guest %(code)s", code=code or "").rstrip()
    if role == "instructor":
        return ui.gettext("Instructor %(code)s", code=code or "").rstrip()
    return ui.gettext("Participant %(code)s", code=code or "").rstrip()


@lru_cache(maxsize=4096)
def initials(name: str | None, code: str | None) -> str:
    """The first character, as people see characters, of the first and of the last word."""
    words = [word for word in map(_spoken, (name or "").split()) if word]
    if not words:
        return (code or "?")[:2]
    chosen = [words[0], words[-1]] if len(words) > 1 else words
    letters = [_upper(next(_characters(_without_article(word)))) for word in chosen]
    if any(unicodedata.category(sign) == "Mc" for sign in "".join(letters)):
        letters = letters[:1]  # two letters with spacing signs are wider than the circle
    # Letters of a joined script would run together into something that reads as a word.
    return (_ZWNJ if _joins(letters[0]) else "").join(letters)


@lru_cache(maxsize=4096)
def tone(key: str) -> int:
    """1 or 2: which of the two colours a name has, always the same one."""
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()[0] % 2 + 1


def _spoken(word: str) -> str:
    """The word without marks before its first letter; empty if it has none: ``(she/her)``."""
    word = unicodedata.normalize("NFC", word)
    if word[:1] in "([{":
        return ""
    for place, character in enumerate(word):
        if unicodedata.category(character)[0] in "LN" or ord(character) > 0x1F000:
            return word[place:]
    return ""


def _without_article(word: str) -> str:
    """The word without the Arabic article, which most family names would share."""
    return word.removeprefix(_ARTICLE) if len(word) > len(_ARTICLE) + 1 else word


def _characters(word: str) -> Iterator[str]:
    """Split into what people take for characters (the main rules of UAX #29)."""
    cluster = ""
    for character in word:
        if cluster and not _continues(cluster, character):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _continues(cluster: str, character: str) -> bool:
    last, code = cluster[-1], ord(character)
    if character == _ZWJ or last == _ZWJ or code in _SKINS:
        return True
    if code in _FLAGS and ord(last) in _FLAGS:
        return len(cluster) == 1
    return unicodedata.category(character) in ("Mn", "Mc", "Me")


def _upper(character: str) -> str:
    upper = character.upper()
    return upper if len(upper) == len(character) else character


def _joins(character: str) -> bool:
    return unicodedata.bidirectional(character[0]) == "AL"
