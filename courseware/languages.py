"""Language tags: their canonical form, their direction, their own name, and the choice among them.

Tags are BCP 47 (RFC 5646), the choice is the lookup of RFC 4647, section 3.4, with one addition:
who asks for ``pt`` and finds only ``pt-BR`` is served. No function here raises for any string.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

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

# Names that the Common Locale Data Repository lacks or gives in another language, and those that
# nearly every page says: to load Babel for them would take longer than the page.
_OWN_NAMES = {
    **{"gn": "Avañeʼẽ", "ay": "Aymar aru", "qu": "Runasimi"},
    **{"es": "Español", "en": "English", "fr": "Français", "pt": "Português", "ar": "العربية"},
}


@lru_cache(maxsize=1024)
def normal(tag: str) -> str | None:
    """Return the canonical form of a language tag, or None if it is not one.

    Takes what systems write in practice: ``pt_br``, ``ES``, ``fr_FR.UTF-8``.
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
    """Return the tag of ``available`` that serves ``wanted`` best, else ``source``.

    ``wanted`` goes from the strongest wish to the weakest; None and non-tags are passed over.
    """
    known = {(normal(tag) or tag).lower(): tag for tag in reversed(available)}
    for wish in wanted:
        found = _lookup(wish, known)
        if found is not None:
            return found
    return source


def _lookup(wish: str | None, known: dict[str, str]) -> str | None:
    tag = normal(wish) if wish else None
    if tag is None:
        return None
    parts = tag.lower().split("-")
    primary = parts[0]
    while parts:
        found = known.get("-".join(parts))
        if found is not None:
            return found
        parts.pop()
        if parts and len(parts[-1]) == 1:
            parts.pop()
    cousins = [tag for low, tag in known.items() if low.split("-")[0] == primary]
    return cousins[-1] if cousins else None


@lru_cache(maxsize=1024)
def direction(tag: str) -> Literal["ltr", "rtl"]:
    """Return the direction in which a language is written, by its script or by custom."""
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
    if canonical in _OWN_NAMES:
        return _OWN_NAMES[canonical]
    name = _display_name(canonical)
    return name[:1].upper() + name[1:] if name else canonical


def _display_name(tag: str) -> str | None:
    # Babel costs some milliseconds to load, so only who shows a name pays for it.
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(tag, sep="-").get_display_name() or None
    except (UnknownLocaleError, ValueError, TypeError):
        return None
