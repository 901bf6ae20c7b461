"""Make id_tokens, valid or deliberately invalid: any claims, header, key and algorithm.

Faults of the running platform are set in :mod:`demo_lms.fault_injection`.
"""

import base64
import copy
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any, Literal

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from demo_lms.messages import claims_of
from demo_lms.signing_keys import Key, new_key
from demo_lms.state import PlatformState
from demo_lms.vocabulary import LTI

Signer = Literal["current", "unpublished"]

REMOVED: Any = object()
"""As a value in :func:`changed` or in a header: remove this name."""

_unpublished: list[Key] = []


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unpublished() -> Key:
    """Return a key that no platform publishes; the same one for each call."""
    if not _unpublished:
        _unpublished.append(new_key())
    return _unpublished[0]


_HASHES: dict[str, hashes.HashAlgorithm] = {
    "256": hashes.SHA256(),
    "384": hashes.SHA384(),
    "512": hashes.SHA512(),
}


def _signature(alg: str, key: Key, signed: bytes) -> bytes:
    if alg.startswith("HS"):
        return hmac.new(key.public_pem(), signed, getattr(hashlib, "sha" + alg[2:])).digest()
    if alg.startswith("PS"):
        digest = _HASHES[alg[2:]]
        pss = padding.PSS(padding.MGF1(digest), padding.PSS.DIGEST_LENGTH)
        return key.private.sign(signed, pss, digest)
    if alg.startswith("RS"):
        return key.private.sign(signed, padding.PKCS1v15(), _HASHES[alg[2:]])
    return b""


def encode(claims: Any, key: Key, *, alg: str = "RS256", header: Mapping[str, Any]) -> str:
    """Sign without any check. ``claims``: a JSON value, or bytes used unchanged."""
    head = {k: v for k, v in header.items() if v is not REMOVED}
    body = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    signed = _b64(json.dumps(head).encode()) + "." + _b64(body)
    return signed + "." + _b64(_signature(alg, key, signed.encode()))


def mint(
    state: PlatformState,
    claims: Any = None,
    *,
    header: Mapping[str, Any] | None = None,
    key: Signer | Key = "current",
    alg: str = "RS256",
) -> str:
    """Make an id_token of any kind.

    ``claims``: None for a valid launch of María into the first resource link (:func:`sample`), any
    JSON value, or raw bytes. ``header`` overrides ``{"typ", "alg", "kid"}``; the value
    :data:`REMOVED` removes a name. ``key``: "current" signs with the platform's key,
    "unpublished" with one that it never published (under the current kid). ``alg``: RS256/384/512,
    PS256/384/512, HS256/384/512 (keyed with the *public* key's PEM: algorithm confusion),
    or "none" (an empty signature).
    """
    current = state.keys.signing
    signer = (
        {"current": current, "unpublished": unpublished()}[key] if isinstance(key, str) else key
    )
    head = {"typ": "JWT", "alg": alg, "kid": current.kid} | dict(header or {})
    return encode(sample(state) if claims is None else claims, signer, alg=alg, header=head)


def sample(
    state: PlatformState, nonce: str = "sample-nonce", user: str = "maria"
) -> dict[str, Any]:
    """Return the claims of a valid launch into the first resource link."""
    resource_link = next(iter(state.resource_links.values()))
    pending = state.start_launch(
        user, resource_link.course_id, resource_link.client_id, resource_link_id=resource_link.id
    )
    return claims_of(state, pending, nonce)


def changed(claims: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy with changes by path: ``{"exp": 1, "roles": [], "resource_link.id": REMOVED}``.

    A name that is not a claim of OpenID Connect is treated as an LTI claim (``roles`` is
    ``https://purl.imsglobal.org/spec/lti/claim/roles``); full URLs work too.
    """
    copied = copy.deepcopy(dict(claims))
    for path, value in changes.items():
        name, _, inner = (path, "", "") if "://" in path else path.partition(".")
        full = name if "://" in name or name in OPENID else LTI + name
        holder, last = (copied.setdefault(full, {}), inner) if inner else (copied, full)
        if value is REMOVED:
            holder.pop(last, None)
        else:
            holder[last] = value
    return copied


OPENID = frozenset(
    {
        *("iss", "sub", "aud", "azp", "exp", "iat", "nbf", "nonce", "jti"),
        *("name", "given_name", "family_name", "middle_name", "email", "picture", "locale"),
    }
)


def expired(claims: Mapping[str, Any], seconds: int = 3_600) -> dict[str, Any]:
    """Return the same claims, expired ``seconds`` ago."""
    now = int(time.time())
    return dict(claims) | {"iat": now - seconds - 60, "exp": now - seconds}
