"""What a server's refusal means: the address is dead, a policy refuses, or it may work later.

The enhanced status code (RFC 3463) is often ``5.0.0`` or missing while the text tells the reason,
so both are read. An unknown code counts as soft and stops no mail.
"""

import re
from typing import Literal

Verdict = Literal["bad address", "policy", "soft"]

ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")

_BAD_ADDRESS = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
"""Bad mailbox, domain or syntax; mailbox moved; null MX (RFC 7505); mailbox disabled."""

_POLICY_TEXT = re.compile(
    r"spam|blocked|blacklist|block ?list|blocklist|dmarc|\bspf\b|\bdkim\b|unauthenticated"
    r"|reputation|policy|relay(ing)? (is )?(access )?denied|not permitted to relay",
    re.IGNORECASE,
)
_BAD_ADDRESS_TEXT = re.compile(
    r"(unknown|no such|invalid|non-?existent|inactive) (local )?"
    r"(user|mailbox|recipient|account|address|person)"
    r"|(user|mailbox|recipient|account|address)( name| address)? "
    r"(is |was |has been |does |could )?"
    r"(unknown|disabled|inactive|not (found|exist|known|be found))"
    r"|(account|mailbox) (that you tried to reach )?(does not exist|is disabled|has been disabled)"
    r"|recipient address rejected: access denied|no mailbox here by that name"
    r"|unknown user|user doesn't exist|address rejected: undeliverable",
    re.IGNORECASE,
)
_LONGEST_TEXT = 2000


def verdict(status: str, text: str) -> Verdict:
    """Return the meaning of a permanent refusal from its enhanced code and the server's words."""
    text = " ".join(text[:_LONGEST_TEXT].split())
    found = ENHANCED.search(text)
    codes = {status, found[1] if found else ""}
    if any(code.startswith("5.7.") for code in codes):
        return "policy"
    if codes & _BAD_ADDRESS:
        return "bad address"
    if any(code.startswith("4.") for code in codes):
        return "soft"
    if _BAD_ADDRESS_TEXT.search(text):
        return "bad address"
    return "policy" if _POLICY_TEXT.search(text) else "soft"
