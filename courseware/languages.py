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

# Mostly CLDR's names. Babel would need a second and a hundred megabytes to load them all.
WORLD: dict[str, str] = {
    "af": "Afrikaans", "ak": "Akan", "am": "አማርኛ", "an": "Aragonés", "arn": "Mapudungun",
    "as": "অসমীয়া", "az": "Azərbaycan", "ba": "Башҡорт теле", "be": "Беларуская",
    "bg": "Български", "bho": "भोजपुरी", "bm": "Bamanakan", "bn": "বাংলা", "bo": "བོད་སྐད་",
    "br": "Brezhoneg", "bs": "Bosanski", "ca": "Català", "ceb": "Cebuano", "chr": "ᏣᎳᎩ",
    "ckb": "کوردیی ناوەندی", "cs": "Čeština", "cy": "Cymraeg", "da": "Dansk", "de": "Deutsch",
    "dv": "ދިވެހިބަސް", "dz": "རྫོང་ཁ", "ee": "Eʋegbe", "el": "Ελληνικά", "eo": "Esperanto",
    "et": "Eesti", "eu": "Euskara", "fa": "فارسی", "ff": "Pulaar", "fi": "Suomi",
    "fil": "Filipino", "fo": "Føroyskt", "fur": "Furlan", "fy": "Frysk", "ga": "Gaeilge",
    "gd": "Gàidhlig", "gl": "Galego", "gsw": "Schwiizertüütsch", "gu": "ગુજરાતી", "ha": "Hausa",
    "haw": "ʻŌlelo Hawaiʻi", "he": "עברית", "hi": "हिन्दी", "hr": "Hrvatski",
    "ht": "Kreyòl Ayisyen", "hu": "Magyar", "hy": "Հայերեն", "id": "Indonesia", "ig": "Igbo",
    "is": "Íslenska", "it": "Italiano", "iu": "ᐃᓄᒃᑎᑐᑦ", "ja": "日本語", "jv": "Jawa",
    "ka": "ქართული", "kab": "Taqbaylit", "ki": "Gikuyu", "kk": "Қазақ тілі", "kl": "Kalaallisut",
    "km": "ខ្មែរ", "kn": "ಕನ್ನಡ", "ko": "한국어",
    "kok": "कोंकणी", "ks": "کٲشُر", "ku": "Kurdî", "ky": "Кыргызча",
    "lb": "Lëtzebuergesch", "lg": "Luganda", "ln": "Lingála", "lo": "ລາວ", "lt": "Lietuvių",
    "lv": "Latviešu", "mai": "मैथिली", "mg": "Malagasy", "mi": "Māori", "mk": "Македонски",
    "ml": "മലയാളം", "mn": "Монгол", "mni": "মৈতৈলোন্", "mr": "मराठी", "ms": "Melayu",
    "mt": "Malti", "my": "မြန်မာ", "nb": "Norsk bokmål", "nd": "IsiNdebele",
    "nds": "Neddersass’sch", "ne": "नेपाली", "nl": "Nederlands", "nn": "Norsk nynorsk",
    "nqo": "ߒߞߏ", "nr": "IsiNdebele", "nso": "Sesotho sa Leboa", "ny": "Nyanja", "oc": "Occitan",
    "om": "Oromoo", "or": "ଓଡ଼ିଆ", "pa": "ਪੰਜਾਬੀ", "pl": "Polski", "ps": "پښتو",
    "quc": "Kʼicheʼ", "rm": "Rumantsch", "rn": "Ikirundi", "ro": "Română", "ru": "Русский",
    "rw": "Ikinyarwanda", "sa": "संस्कृत भाषा", "sat": "ᱥᱟᱱᱛᱟᱲᱤ", "sc": "Sardu", "sd": "سنڌي",
    "se": "Davvisámegiella", "sg": "Sängö", "shi": "ⵜⴰⵛⵍⵃⵉⵜ", "si": "සිංහල", "sk": "Slovenčina",
    "sl": "Slovenščina", "sn": "ChiShona", "so": "Soomaali", "sq": "Shqip", "sr": "Српски",
    "sr-Latn": "Srpski (latinica)", "ss": "SiSwati", "st": "Sesotho", "sv": "Svenska",
    "sw": "Kiswahili", "ta": "தமிழ்", "te": "తెలుగు", "tg": "Тоҷикӣ", "th": "ไทย", "ti": "ትግርኛ",
    "tk": "Türkmen dili", "tn": "Setswana", "to": "Lea fakatonga", "tpi": "Tok Pisin",
    "tr": "Türkçe", "ts": "Xitsonga", "tt": "Татар", "ug": "ئۇيغۇرچە", "uk": "Українська",
    "ur": "اردو", "uz": "O‘zbek", "ve": "Tshivenḓa", "vi": "Tiếng Việt", "wa": "Walon",
    "wo": "Wolof", "xh": "IsiXhosa", "yi": "ייִדיש", "yo": "Èdè Yorùbá", "yrl": "Nheẽgatu",
    "yue": "粵語", "zgh": "ⵜⴰⵎⴰⵣⵉⵖⵜ", "zh-Hans": "中文 (简体)",
    "zh-Hant": "中文 (繁體)", "zu": "IsiZulu",
}  # fmt: skip
"""Endonyms of other languages to choose from, besides those of the interface."""


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


def with_region(language: str, wanted: Sequence[str | None]) -> str:
    """Return ``language`` with the region of the first of ``wanted`` that is in it: ``en-GB``."""
    for preference in wanted:
        canonical = normal(preference) if preference else None
        match = _TAG.fullmatch(canonical.lower()) if canonical else None
        if match and match["region"] and match["language"] == language:
            return f"{language}-{match['region'].upper()}"
    return language


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
    name = WORLD.get(canonical) or _display_name(canonical)
    return name[:1].upper() + name[1:] if name else canonical


def _display_name(tag: str) -> str | None:
    try:
        return Locale.parse(tag, sep="-").get_display_name() or None
    except (UnknownLocaleError, ValueError, TypeError):
        return None
