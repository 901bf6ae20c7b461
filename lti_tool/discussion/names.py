"""Display names, pseudonyms and avatar initials of authors.

Some platforms send no names. A user without a name is shown as a word in the reader's language
("Participant") and a stable code. The code is a keyed permutation of the user id (a Feistel network
over HMAC-SHA-256): no two users share one, and without the key it reveals nothing.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from courseware.characters import plain_name, shortened
from courseware.i18n import Interface
from lti_tool.directory.model import User
from lti_tool.discussion.authors import PostAuthor

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no look-alikes
_DIGIT_BITS = 5
_MIN_BITS = 20
_ROUNDS = 6

_ARTICLE = "ال"
_ZWJ, _ZWNJ = "\u200d", "\u200c"
_FLAGS = range(0x1F1E6, 0x1F200)
_SKINS = range(0x1F3FB, 0x1F400)


@lru_cache(maxsize=4096)
def pseudonym_code(secret_key: str, user_id: int) -> str:
    """Return the user's unique code: 4 letters and digits, more for ids above 2**20."""
    bits = _MIN_BITS
    while user_id >> bits:
        bits += 2 * _DIGIT_BITS
    half = bits // 2
    mask = (1 << half) - 1
    left, right = user_id >> half, user_id & mask
    for round_number in range(_ROUNDS):
        message = f"pseudonym {bits} {round_number} {right}".encode()
        digest = hmac.digest(secret_key.encode(), message, hashlib.sha256)
        left, right = right, left ^ (int.from_bytes(digest[:4], "big") & mask)
    number = left << half | right
    shifts = range(bits - _DIGIT_BITS, -1, -_DIGIT_BITS)
    return "".join(_DIGITS[number >> shift & 31] for shift in shifts)


def author_code(
    secret_key: str,
    author: User | PostAuthor,
    discussion_id: int,
    anonymous: bool,
    *,
    in_exchange: bool = False,
) -> str | None:
    """Return the code to store with a post; None if the author's name is shown instead.

    In an anonymous discussion a person's code is another than anywhere else. ``in_exchange``: other
    institutions may see the code instead of the name.
    """
    if anonymous:
        return anonymous_code(secret_key, author.id, discussion_id)
    if in_exchange:
        return outside_code(secret_key, author.id, discussion_id)
    return None if author.name else pseudonym_code(secret_key, author.id)


def anonymous_code(secret_key: str, user_id: int, discussion_id: int) -> str:
    """Return the user's code in an anonymous discussion, different from that in any other."""
    return pseudonym_code(f"{secret_key} discussion {discussion_id}", user_id)


def outside_code(secret_key: str, user_id: int, discussion_id: int) -> str:
    """Return the user's code in the discussion of an exchange, different from any other code."""
    return pseudonym_code(f"{secret_key} exchange {discussion_id}", user_id)


def display_name(ui: Interface, name: str | None, code: str | None, role: str) -> str:
    """Return the name, shortened, or a word in the reader's language followed by the code."""
    shown = plain_name(name or "")  # names stored by earlier versions too
    if shown:
        return shortened(shown)
    if role == "guest":
        return ui.gettext("Guest %(code)s", code=code or "").rstrip()
    if role == "instructor":
        return ui.gettext("Instructor %(code)s", code=code or "").rstrip()
    return ui.gettext("Participant %(code)s", code=code or "").rstrip()


def long_name(name: str | None) -> str | None:
    """Return the whole of a name that is too long to be shown; None for other names."""
    whole = plain_name(name or "")
    return whole if shortened(whole) != whole else None


@lru_cache(maxsize=4096)
def initials(name: str | None, code: str | None) -> str:
    """Return the first grapheme of the first and of the last word."""
    words = [
        word for word in map(_strip_leading_punctuation, plain_name(name or "").split()) if word
    ]
    if not words:
        return (code or "?")[:2]
    chosen = [words[0], words[-1]] if len(words) > 1 else words
    letters = [_upper(next(_graphemes(_without_article(word)))) for word in chosen]
    if any(map(_is_wide, "".join(letters))):
        letters = letters[:1]
    # Without the non-joiner, two letters of a joining script would look like a word.
    return (_ZWNJ if _joins(letters[0]) else "").join(letters)


@lru_cache(maxsize=4096)
def tone(key: str) -> int:
    """Return 1 or 2: which of the two avatar colours belongs to this name."""
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()[0] % 2 + 1


def _strip_leading_punctuation(word: str) -> str:
    """Return the word from its first letter on; empty for bracketed words: ``(she/her)``."""
    word = unicodedata.normalize("NFC", word)
    if word[:1] in "([{":
        return ""
    for index, character in enumerate(word):
        if unicodedata.category(character)[0] in "LN" or ord(character) > 0x1F000:
            return word[index:]
    return ""


def _without_article(word: str) -> str:
    """Return the word without the Arabic article, with which most family names begin."""
    return word.removeprefix(_ARTICLE) if len(word) > len(_ARTICLE) + 1 else word


def _graphemes(word: str) -> Iterator[str]:
    """Split into grapheme clusters (the main rules of UAX #29)."""
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


_WIDE_SCRIPTS = (
    "MALAYALAM", "KANNADA", "TELUGU", "TAMIL", "SINHALA", "ORIYA", "MYANMAR", "KHMER", "TIBETAN",
    "ETHIOPIC", "JAVANESE", "BALINESE", "TAI", "LAO",
)  # fmt: skip


def _is_wide(character: str) -> bool:
    """Whether two letters like this one, or with this spacing mark, do not fit into the avatar."""
    return unicodedata.category(character) == "Mc" or unicodedata.name(character, "").startswith(
        _WIDE_SCRIPTS
    )


def _joins(character: str) -> bool:
    return unicodedata.bidirectional(character[0]) == "AL"
