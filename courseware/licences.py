"""Licences by their SPDX identifier (https://spdx.org/licenses/): name and URL."""

import re

_CREATIVE_COMMONS = re.compile(r"CC-(BY(?:-NC)?(?:-SA|-ND)?)-([1-4]\.[05])(?:-IGO)?")
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,63}")

COMMON = (
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-SA-4.0",
    "CC-BY-ND-4.0",
    "CC-BY-NC-ND-4.0",
    "CC0-1.0",
    "CC-BY-3.0-IGO",
)


def is_identifier(text: str) -> bool:
    """Tell whether ``text`` has the form of an SPDX identifier."""
    return _IDENTIFIER.fullmatch(text) is not None


def name(identifier: str) -> str:
    """Return the common name of a licence: ``CC BY 4.0``."""
    if identifier == "CC0-1.0":
        return "CC0 1.0"
    match = _CREATIVE_COMMONS.fullmatch(identifier)
    if match is None:
        return identifier
    return f"CC {match[1]} {match[2]}" + (" IGO" if identifier.endswith("-IGO") else "")


def url(identifier: str) -> str | None:
    """Return the URL of the licence's text, or None if it has none (LicenseRef-…)."""
    if identifier.startswith("LicenseRef-"):
        return None
    if identifier == "CC0-1.0":
        return "https://creativecommons.org/publicdomain/zero/1.0/"
    match = _CREATIVE_COMMONS.fullmatch(identifier)
    if match is None:
        return f"https://spdx.org/licenses/{identifier}.html"
    edition = "igo/" if identifier.endswith("-IGO") else ""
    return f"https://creativecommons.org/licenses/{match[1].lower()}/{match[2]}/{edition}"
