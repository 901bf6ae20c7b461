"""Language tags (BCP 47): canonical form, direction, endonym, and lookup.

Tags are those of RFC 5646, the lookup is that of RFC 4647, section 3.4, with one addition: ``pt``
also matches ``pt-BR``. No function here raises an exception for any string.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from babel import Locale, UnknownLocaleError

_TAG = re.compile(
    r"(?P<language>[a-z]{2,3}(?:-[a-z]{3}){0,3})"
    r"(?:-(?P<script>[a-z]{4}))?"
    r"(?:-(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"
    r"(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*"
    r"(?:-x(?:-[a-z0-9]{1,8})+)?",
    re.ASCII,
)
_RENAMED = {"iw": "he", "in": "id", "ji": "yi", "mo": "ro"}
_LONGEST = 64

_RTL_SCRIPT = re.compile("adlm|ara[bn]|hebr|mand|mend|nkoo|nbat|rohg|samr|syr[cejn]|thaa")
_RTL_LANGUAGE = re.compile(
    "ar|arc|arz|azb|bal|bgn|ckb|dv|fa|he|ks|lrc|mzn|nqo|pnb|prs|ps|sd|skr|syr|ug|ur|yi"
)
_RTL_IN_REGION = re.compile("pa-pk|uz-af|az-ir|ku-i[qr]|ha-sd|ms-cc|tk-af")

# Names that CLDR does not have, or has in another language.
_ENDONYMS = {"gn": "Avañeʼẽ", "ay": "Aymar aru", "qu": "Runasimi"}


@lru_cache(maxsize=1024)
def normal(tag: str) -> str | None:
    """Return the canonical form of a language tag, or None if it is not one.

    Accepts variants that systems use: ``pt_br``, ``ES``, ``fr_FR.UTF-8``.
    """
    plain = re.split(r"[.@]", tag.strip().replace("_", "-"), maxsplit=1)[0].lower()
    if len(plain) > _LONGEST:
        return None
    match = _TAG.fullmatch(plain)
    if match is None:
        return None
    language = match["language"]
    parts = [_RENAMED.get(language, language)]
    rest = plain[len(language) + 1 :]
    if match["script"]:
        parts.append(match["script"].title())
        rest = rest[5:]
    if match["region"]:
        parts.append(match["region"].upper())
        rest = rest[len(match["region"]) + 1 :]
    if rest:
        parts.append(rest)
    return "-".join(parts)


def choose(wanted: Sequence[str | None], available: Sequence[str], source: str) -> str:
    """Return the best match of ``available`` for ``wanted``, else ``source``.

    ``wanted`` is in order of preference; None and invalid tags are ignored.
    """
    by_tag = {(normal(tag) or tag).lower(): tag for tag in reversed(available)}
    for preference in wanted:
        found = _lookup(preference, by_tag)
        if found is not None:
            return found
    return source


def _lookup(preference: str | None, by_tag: dict[str, str]) -> str | None:
    tag = normal(preference) if preference else None
    if tag is None:
        return None
    parts = tag.lower().split("-")
    primary = parts[0]
    while parts:
        found = by_tag.get("-".join(parts))
        if found is not None:
            return found
        parts.pop()
        if parts and len(parts[-1]) == 1:
            parts.pop()
    same_language = [tag for low, tag in by_tag.items() if low.split("-")[0] == primary]
    return same_language[-1] if same_language else None


@lru_cache(maxsize=1024)
def direction(tag: str) -> Literal["ltr", "rtl"]:
    """Return the writing direction of a language, by its script if the tag has one."""
    canonical = normal(tag) or ""
    match = _TAG.fullmatch(canonical.lower())
    if match is None:
        return "ltr"
    if match["script"]:
        return "rtl" if _RTL_SCRIPT.fullmatch(match["script"]) else "ltr"
    language = match["language"].split("-")[0]
    if match["region"] and _RTL_IN_REGION.fullmatch(f"{language}-{match['region']}"):
        return "rtl"
    return "rtl" if _RTL_LANGUAGE.fullmatch(language) else "ltr"


@lru_cache(maxsize=1024)
def endonym(tag: str) -> str:
    """Return a language's name in that language (``Español``), or the tag if it is unknown."""
    canonical = normal(tag)
    if canonical is None:
        return tag
    if canonical in _ENDONYMS:
        return _ENDONYMS[canonical]
    name = _display_name(canonical)
    return name[:1].upper() + name[1:] if name else canonical


def _display_name(tag: str) -> str | None:
    try:
        return Locale.parse(tag, sep="-").get_display_name() or None
    except (UnknownLocaleError, ValueError, TypeError):
        return None
