"""Make tokens of launches, valid and invalid."""

import base64
import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

Claims = dict[str, Any]


@dataclass(frozen=True)
class Forge:
    """Makes tokens, valid and invalid, with a platform's key and with an unrelated key."""

    private: RSAPrivateKey
    kid: str
    stranger: RSAPrivateKey

    def good(self, claims: Claims) -> str:
        return self.rs256({"typ": "JWT", "alg": "RS256", "kid": self.kid}, payload(claims))

    def rs256(self, header: dict[str, Any], body: bytes, *, stranger: bool = False) -> str:
        key = self.stranger if stranger else self.private
        signed = f"{b64(payload(header))}.{b64(body)}"
        return f"{signed}.{b64(key.sign(signed.encode(), PKCS1v15(), hashes.SHA256()))}"

    def public_pem(self) -> bytes:
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


def payload(value: Any) -> bytes:
    return json.dumps(value).encode()


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def good_token(forge: Forge, claims: Claims) -> str:
    return forge.good(claims)
