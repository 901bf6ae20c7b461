"""Characters that look like the one that is needed, or like nothing at all, and their names."""

import unicodedata
from collections.abc import Iterable, Iterator

_NAMES: dict[str, tuple[str, str]] = {
    **dict.fromkeys("“”„‟«»", ("a curly quotation mark", '"')),
    **dict.fromkeys("‘’‚‛‹›", ("a curly quotation mark", "'")),
    **dict.fromkeys("′‵ʹ´`", ("a prime or an accent", "'")),
    **dict.fromkeys("″‶ʺ", ("a double prime", '"')),
    **dict.fromkeys("\u2010\u2011", ("a special hyphen", "-")),
    **dict.fromkeys("–—―", ("a dash", "-")),
    "−": ("a minus sign", "-"),
    **dict.fromkeys("\xa0\u202f\u2007\u2060", ("a no-break space", "an ordinary space")),
    **dict.fromkeys(
        "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u205f\u3000",
        ("a special space", "an ordinary space"),
    ),
    **dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u061c\u00ad", ("an invisible character", "")),
    **dict.fromkeys("\u202a\u202b\u202c\u202d\u202e\u2066\u2067", ("an invisible character", "")),
    **dict.fromkeys("\u2068\u2069", ("an invisible character", "")),
    "\ufeff": ("a byte order mark (BOM), which is invisible,", ""),
    **dict.fromkeys("\u2028\u2029\x0b\x0c\x85", ("an invisible line break", "an ordinary one")),
    "…": ("three dots in one sign", "..."),
    "⁄": ("a fraction slash", "/"),
    "∕": ("a division slash", "/"),
    "٫": ("an Arabic decimal separator", "."),
    "،": ("an Arabic comma", ","),
    "、": ("an ideographic comma", ","),
}


def look_alike(sign: str) -> tuple[str, str] | None:
    """Return the name of a look-alike and what to write instead ("" to delete it), or None."""
    if sign in _NAMES:
        return _NAMES[sign]
    folded = unicodedata.normalize("NFKC", sign)
    if len(folded) == 1 and folded != sign and folded.isascii():
        return "a full-width or decorated sign", folded
    if not sign.isascii() and sign.isdecimal():
        return "a digit of another script", str(unicodedata.decimal(sign))
    if unicodedata.category(sign) in ("Cf", "Cc"):
        return "an invisible character", ""
    return None


def described(signs: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield for each look-alike what it is, with its code point, and the remedy; each once."""
    for sign in dict.fromkeys(signs):
        found = look_alike(sign)
        if found is None:
            continue
        name, instead = found
        shown = f" {sign}" if sign.isprintable() and not sign.isspace() else ""
        remedy = f"Write {instead} instead." if instead else "Delete it, or write the line again."
        yield f"{name}{shown} (U+{ord(sign):04X})", remedy
