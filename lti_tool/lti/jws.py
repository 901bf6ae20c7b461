"""Parse a signed token (JWS, RFC 7515 §7.1, compact serialization) and check its signature.

The algorithm is pinned to RS256 (LTI Security Framework 1.0 §5.1.2; RFC 8725 §3.1). It is never
taken from the token or from the key, which excludes ``none`` and HS256 signed with the public key.
This uses ``cryptography`` directly because PyJWT 2.15 inspects each character of a token in Python,
which is four fifths of the time that it needs to verify a launch.
"""

import json
import re
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.sanitize import is_identifier

ALGORITHM = "RS256"
_COMPACT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Jws:
    """A parsed token. Its signature has not been checked yet."""

    key_id: str
    signed: bytes
    payload: bytes
    signature: bytes

    def verified_claims(self, key: RSAPublicKey) -> dict[str, Any]:
        """Check the signature with the key and return the claims. Raises Refused."""
        try:
            key.verify(self.signature, self.signed, PKCS1v15(), SHA256())
        except InvalidSignature as error:
            raise Refused(Code.BAD_SIGNATURE, key_id=self.key_id) from error
        return _json_object(self.payload)


def parse(token: str) -> Jws:
    """Split a compact token and read its header. Raises Refused."""
    if _COMPACT.fullmatch(token) is None:
        raise Refused(Code.BAD_TOKEN)
    signed, _, signature = token.rpartition(".")
    head, _, payload = signed.partition(".")
    header = _json_object(_decode(head))
    if header.get("alg") != ALGORITHM:
        raise Refused(Code.WRONG_ALGORITHM)
    if "crit" in header:
        raise Refused(Code.BAD_TOKEN)
    key_id = header.get("kid")
    if not isinstance(key_id, str) or not is_identifier(key_id):
        raise Refused(Code.NO_KEY_ID)
    return Jws(key_id, signed.encode(), _decode(payload), _decode(signature))


def unverified_claims(token: str) -> dict[str, Any]:
    """The claims of a token whose signature was not checked: only to find the issuer's keys."""
    return _json_object(parse(token).payload)


def _decode(segment: str) -> bytes:
    try:
        return urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except (Base64Error, ValueError) as error:
        raise Refused(Code.BAD_TOKEN) from error


def _json_object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refused(Code.BAD_TOKEN) from error
    if not isinstance(value, dict):
        raise Refused(Code.BAD_TOKEN)
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
