"""What to write instead of a URL or path that cannot be used, by its most likely mistake."""

import re

from courseware.parser.report import shown

_DOMAIN = r"(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}"
_SITE = re.compile(rf"(?:www\.)?{_DOMAIN}(?::\d{{1,5}})?(?:[/?#].*)?", re.IGNORECASE | re.DOTALL)
_MAIL = re.compile(rf"[^\s@/:]{{1,64}}@{_DOMAIN}(?:\?.*)?", re.IGNORECASE | re.DOTALL)
_SCHEME = re.compile(r"(https?)[:;]?/{0,3}(?=[a-z0-9])", re.IGNORECASE)
_COMPUTER = re.compile(r"[A-Za-z]:[\\/]|file:|/(?:home|Users)/|~/|\\\\", re.IGNORECASE)
_FILE_ENDING = re.compile(
    r"[^/]*\.(?:md|toml|pdf|png|jpe?g|gif|svg|webp|avif|docx?|xlsx?|pptx?|txt|csv|zip|mp[34]|epub)",
    re.IGNORECASE,
)


def url_advice(url: str, *, paths: bool = False) -> str | None:
    """Return what to write instead of ``url``, or None where nothing better is known.

    With ``paths``, only a file of the module can stand there, as for a picture.
    """
    text = url.strip()
    if _COMPUTER.match(text):
        return (
            "This is a place on your own computer: put the file into media/ "
            "and write ../media/ and its name."
        )
    if "\\" in text:
        return f"Write / instead of \\: {shown(text.replace(chr(92), '/'))}"
    if text.startswith("/media/"):
        return f"Write ..{shown(text)}"
    if text.lower().startswith("data:"):
        return "Save the picture as a file in media/ and write ../media/ and its name."
    if re.match(r"(?:https?:)?//", text, re.IGNORECASE) and paths:
        return (
            "Save the picture of the other site into media/, if its licence allows it, "
            "and write ../media/ and its name."
        )
    if paths:
        return None
    if text.startswith("//") and _SITE.fullmatch(text[2:]):
        return f"Write https: before it: https:{shown(text)}"
    if _MAIL.fullmatch(text):
        return f"Write mailto: before it: mailto:{shown(text)}"
    if re.search(r"\s", text) and text.lower().startswith("http"):
        return "Write %20 instead of each space: " + shown("%20".join(text.split()))
    scheme = _SCHEME.match(text)
    if scheme and _SITE.fullmatch(text[scheme.end() :]) and not is_plain_url(text):
        return f"Write {scheme[1].lower()}://{shown(text[scheme.end() :])}"
    if _SITE.fullmatch(text) and (text.lower().startswith("www.") or not _FILE_ENDING.match(text)):
        return f"Write https:// before it: https://{shown(text)}"
    return None


def is_plain_url(text: str) -> bool:
    """Tell whether ``text`` begins with http:// or https://, correctly written."""
    return re.match(r"https?://[^/]", text, re.IGNORECASE) is not None
