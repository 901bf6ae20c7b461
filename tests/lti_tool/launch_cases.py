"""Valid and hostile launches, as data: one table for ``verify`` and for the tool over HTTP.

A case changes the claims of a good launch, or the way they are signed, and names the refusal that
must follow; None means that the launch is accepted. Rows that need a login, a browser or a
database (an unknown issuer, another browser's state, a replay) are not tokens and are not here.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lti_tool.lti import claim_names
from lti_tool.lti.refusal import Code
from tests.lti_tool.forge import Claims, Forge, b64, good_token, payload

COURSE = "http://purl.imsglobal.org/vocab/lis/v2/membership"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person"


@dataclass(frozen=True)
class LaunchCase:
    """A launch. ``change`` edits the claims; ``sign`` makes the token of them."""

    name: str
    refused: Code | None = None
    change: Callable[[Claims], None] = lambda claims: None
    sign: Callable[[Forge, Claims], str] = good_token
    guests: bool = False
    """Whether the institution lets anonymous launches in."""
    instructor: bool = False
    """Whether an accepted launch makes the person staff of the course."""

    def token(self, forge: Forge, claims: Claims) -> str:
        changed = json.loads(json.dumps(claims))
        self.change(changed)
        return self.sign(forge, changed)


def default_claims(now: int, nonce: str) -> Claims:
    """A plain launch by a learner, of everything that may be in one."""
    return {
        "iss": "https://lms.example.edu",
        "aud": "client-1",
        "sub": "person-7",
        "iat": now,
        "exp": now + 60,
        "nonce": nonce,
        "name": "María Núñez",
        "given_name": "María",
        "family_name": "Núñez",
        "email": "maria@example.edu",
        "locale": "es",
        claim_names.MESSAGE_TYPE: "LtiResourceLinkRequest",
        claim_names.VERSION: "1.3.0",
        claim_names.DEPLOYMENT_ID: "1",
        claim_names.TARGET_LINK_URI: "https://tool.example.org/m/module-4",
        claim_names.ROLES: [f"{COURSE}#Learner"],
        claim_names.CONTEXT: {"id": "course-1", "label": "COOP101", "title": "Cooperativas 101"},
        claim_names.RESOURCE_LINK: {"id": "link-1", "title": "Módulo 4"},
        claim_names.LAUNCH_PRESENTATION: {
            "document_target": "iframe",
            "locale": "es",
            "return_url": "https://lms.example.edu/course/1",
        },
        claim_names.TOOL_PLATFORM: {
            "product_family_code": "example",
            "version": "9",
            "name": "LMS",
        },
        claim_names.CUSTOM: {"module": "module-4"},
        claim_names.AGS_ENDPOINT: {
            "scope": [claim_names.SCORE_SCOPE],
            "lineitems": "https://lms.example.edu/1/lineitems",
            "lineitem": "https://lms.example.edu/1/lineitems/2?type_id=1",
        },
        claim_names.NAMES_ROLE_SERVICE: {
            "context_memberships_url": "https://lms.example.edu/1/memberships",
            "service_versions": ["2.0"],
        },
    }


# Ways to change claims


def put(name: str, value: Any) -> Callable[[Claims], None]:
    def change(claims: Claims) -> None:
        claims[name] = value

    return change


def within(name: str, member: str, value: Any) -> Callable[[Claims], None]:
    def change(claims: Claims) -> None:
        claims[name][member] = value

    return change


def without(*gone: str) -> Callable[[Claims], None]:
    def change(claims: Claims) -> None:
        for name in gone:
            del claims[name]

    return change


def without_member(name: str, member: str) -> Callable[[Claims], None]:
    def change(claims: Claims) -> None:
        del claims[name][member]

    return change


def shifted(**seconds: int) -> Callable[[Claims], None]:
    def change(claims: Claims) -> None:
        for name, by in seconds.items():
            claims[name] += by

    return change


def roles(*uris: str) -> Callable[[Claims], None]:
    return put(claim_names.ROLES, list(uris))


def _audience(*, first: bool, party: str | None) -> Callable[[Claims], None]:
    def change(claims: Claims) -> None:
        client = claims["aud"]
        claims["aud"] = [client, "another"] if first else ["another", client]
        if party is not None:
            claims["azp"] = party or client

    return change


def _only_own(claims: Claims) -> None:
    claims["aud"] = [claims["aud"]]


def _no_lti(claims: Claims) -> None:
    for name in [name for name in claims if name.startswith("https://purl.imsglobal.org/")]:
        del claims[name]


def _no_services(claims: Claims) -> None:
    for name in (
        claim_names.AGS_ENDPOINT,
        claim_names.NAMES_ROLE_SERVICE,
        claim_names.CUSTOM,
        claim_names.TOOL_PLATFORM,
    ):
        del claims[name]


def _another_target_of_ours(claims: Claims) -> None:
    claims[claim_names.TARGET_LINK_URI] += "?another=1"


def _deep(claims: Claims) -> None:
    """A value nested a thousand levels deep: legal JSON, good for nothing."""
    value: Any = "x"
    for _ in range(900):
        value = [value]
    claims["https://example.org/nested"] = value


# Ways to sign


def _header(**changes: Any) -> Callable[[Forge, Claims], str]:
    def sign(forge: Forge, claims: Claims) -> str:
        header = {"typ": "JWT", "alg": "RS256", "kid": forge.kid, **changes}
        kept = {name: value for name, value in header.items() if value is not None}
        return forge.rs256(kept, payload(claims))

    return sign


def _unsigned(forge: Forge, claims: Claims) -> str:
    header = payload({"typ": "JWT", "alg": "none", "kid": forge.kid})
    return f"{b64(header)}.{b64(payload(claims))}."


def _hs256(forge: Forge, claims: Claims) -> str:
    header = payload({"typ": "JWT", "alg": "HS256", "kid": forge.kid})
    signed = f"{b64(header)}.{b64(payload(claims))}"
    mac = hmac.new(forge.public_pem(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{b64(mac)}"


def _by_a_stranger(forge: Forge, claims: Claims) -> str:
    header = {"typ": "JWT", "alg": "RS256", "kid": forge.kid}
    return forge.rs256(header, payload(claims), stranger=True)


def _changed_after(forge: Forge, claims: Claims) -> str:
    head, _, signature = forge.good(claims).split(".")
    return f"{head}.{b64(payload({**claims, 'sub': 'somebody-else'}))}.{signature}"


def _body(body: bytes) -> Callable[[Forge, Claims], str]:
    def sign(forge: Forge, claims: Claims) -> str:
        return forge.rs256({"typ": "JWT", "alg": "RS256", "kid": forge.kid}, body)

    return sign


def _text(text: str) -> Callable[[Forge, Claims], str]:
    return lambda forge, claims: text


def _without_signature(forge: Forge, claims: Claims) -> str:
    return forge.good(claims).rpartition(".")[0] + "."


def _embedded_key(forge: Forge, claims: Claims) -> str:
    numbers = forge.stranger.public_key().public_numbers()
    size = (numbers.n.bit_length() + 7) // 8
    jwk = {"kty": "RSA", "n": b64(numbers.n.to_bytes(size)), "e": "AQAB"}
    header = {"typ": "JWT", "alg": "RS256", "kid": forge.kid, "jwk": jwk}
    return forge.rs256(header, payload(claims), stranger=True)


SIGNATURES = (
    LaunchCase("no kid", Code.NO_KEY_ID, sign=_header(kid=None)),
    LaunchCase("an empty kid", Code.NO_KEY_ID, sign=_header(kid="")),
    LaunchCase("a kid that is a number", Code.NO_KEY_ID, sign=_header(kid=7)),
    LaunchCase("a kid of ten thousand signs", Code.NO_KEY_ID, sign=_header(kid="k" * 10_000)),
    LaunchCase("wrong kid", Code.UNKNOWN_KEY, sign=_header(kid="nobody")),
    LaunchCase("bad signature", Code.BAD_SIGNATURE, sign=_by_a_stranger),
    LaunchCase("claims changed after signing", Code.BAD_SIGNATURE, sign=_changed_after),
    LaunchCase("no signature", Code.BAD_SIGNATURE, sign=_without_signature),
    LaunchCase("the key inside the token", Code.BAD_SIGNATURE, sign=_embedded_key),
    LaunchCase("alg none", Code.WRONG_ALGORITHM, sign=_unsigned),
    LaunchCase("HS256 signed with the public key", Code.WRONG_ALGORITHM, sign=_hs256),
    LaunchCase("RS512", Code.WRONG_ALGORITHM, sign=_header(alg="RS512")),
    LaunchCase("an alg that is a list", Code.WRONG_ALGORITHM, sign=_header(alg=["RS256"])),
    LaunchCase("no alg", Code.WRONG_ALGORITHM, sign=_header(alg=None)),
    LaunchCase("a critical extension", Code.BAD_TOKEN, sign=_header(crit=["exp"])),
    LaunchCase("not a token", Code.BAD_TOKEN, sign=_text("hello")),
    LaunchCase("two parts", Code.BAD_TOKEN, sign=_text("e30.e30")),
    LaunchCase("not base64", Code.BAD_TOKEN, sign=_text("é.é.é")),
    LaunchCase("a header that is no JSON", Code.BAD_TOKEN, sign=_text("eA.e30.eA")),
    LaunchCase("claims that are a list", Code.BAD_TOKEN, sign=_body(b"[1]")),
    LaunchCase("claims that are no JSON", Code.BAD_TOKEN, sign=_body(b"{")),
    LaunchCase("claims that are not UTF-8", Code.BAD_TOKEN, sign=_body(b'{"iss": "\xff"}')),
    LaunchCase("claims in UTF-16", Code.BAD_TOKEN, sign=_body('{"iss": "x"}'.encode("utf-16"))),
    LaunchCase("NaN as a number", Code.BAD_TOKEN, sign=_body(b'{"iat": NaN}')),
    LaunchCase("claims nested without end", Code.BAD_TOKEN, sign=_body(b"[" * 100_000)),
    LaunchCase(
        "a number of ten thousand digits",
        Code.BAD_TOKEN,
        sign=_body(b'{"iat": ' + b"9" * 10_000 + b"}"),
    ),
)

PARTIES = (
    LaunchCase("issuer missing", Code.MISSING_CLAIM, without("iss")),
    LaunchCase("another issuer", Code.WRONG_ISSUER, put("iss", "https://evil.example")),
    LaunchCase("issuer is a list", Code.BAD_CLAIM, put("iss", ["https://lms.example.edu"])),
    LaunchCase("audience missing", Code.MISSING_CLAIM, without("aud")),
    LaunchCase("audience null", Code.MISSING_CLAIM, put("aud", None)),
    LaunchCase("wrong audience", Code.WRONG_AUDIENCE, put("aud", "another")),
    LaunchCase("audience is an empty list", Code.WRONG_AUDIENCE, put("aud", [])),
    LaunchCase("audience is a list of others", Code.WRONG_AUDIENCE, put("aud", ["another"])),
    LaunchCase("audience is a number", Code.BAD_CLAIM, put("aud", 7)),
    LaunchCase("audience is an object", Code.BAD_CLAIM, put("aud", {"client-1": True})),
    LaunchCase("audience with nested lists", Code.BAD_CLAIM, put("aud", [["client-1"]])),
    LaunchCase("audience is a list of one", None, _only_own),
    LaunchCase("two audiences, ours first, azp ours", None, _audience(first=True, party="")),
    LaunchCase("two audiences, ours second, azp ours", None, _audience(first=False, party="")),
    LaunchCase("two audiences without azp", Code.MISSING_CLAIM, _audience(first=True, party=None)),
    LaunchCase(
        "two audiences, azp another",
        Code.WRONG_PARTY,
        _audience(first=True, party="another"),
    ),
    LaunchCase("one audience, azp another", Code.WRONG_PARTY, put("azp", "another")),
    LaunchCase("azp is a number", Code.BAD_CLAIM, put("azp", 7)),
    LaunchCase("azp is null", None, put("azp", None)),
    LaunchCase("azp is empty", None, put("azp", "")),
    LaunchCase("azp is PHP's empty map", None, put("azp", [])),
    LaunchCase("azp is a list with another", Code.BAD_CLAIM, put("azp", ["another"])),
    LaunchCase(
        "two audiences, azp empty",
        Code.MISSING_CLAIM,
        lambda claims: claims.update(aud=[claims["aud"], "another"], azp=""),
    ),
)

TIMES = (
    LaunchCase("exp missing", Code.MISSING_CLAIM, without("exp")),
    LaunchCase("iat missing", Code.MISSING_CLAIM, without("iat")),
    LaunchCase("exp is a text", Code.BAD_CLAIM, put("exp", "tomorrow")),
    LaunchCase("exp is true", Code.BAD_CLAIM, put("exp", True)),
    LaunchCase("iat is a text", Code.BAD_CLAIM, put("iat", "1795358341")),
    LaunchCase("iat is negative", Code.BAD_CLAIM, put("iat", -1)),
    LaunchCase("iat in milliseconds", Code.BAD_CLAIM, put("iat", 1_795_358_341_000)),
    LaunchCase("exp without end", Code.BAD_CLAIM, put("exp", 10**400)),
    LaunchCase("expired long ago", Code.EXPIRED, shifted(iat=-300, exp=-300)),
    LaunchCase("expired within the leeway", None, shifted(iat=-90, exp=-90)),
    LaunchCase("iat 5 s in the future", None, shifted(iat=5, exp=5)),
    LaunchCase("iat an hour in the future", Code.ISSUED_IN_FUTURE, shifted(iat=3600, exp=3600)),
    LaunchCase("iat 9 minutes old", None, shifted(iat=-540, exp=3600)),
    LaunchCase("iat hours old", Code.ISSUED_TOO_LONG_AGO, shifted(iat=-7200, exp=3600)),
    LaunchCase("iat with a fraction", None, lambda claims: put("iat", claims["iat"] + 0.5)(claims)),
    LaunchCase(
        "nbf in the future",
        Code.ISSUED_IN_FUTURE,
        lambda claims: put("nbf", claims["iat"] + 3600)(claims),
    ),
    *(
        LaunchCase(f"nbf is {value!r}", None, put("nbf", value))
        for value in (None, "", [], {}, "$x.y", "soon", True, -1)
    ),
    LaunchCase("nbf without end", Code.ISSUED_IN_FUTURE, put("nbf", 10**400)),
    LaunchCase("nonce missing", Code.MISSING_CLAIM, without("nonce")),
    LaunchCase("nonce empty", Code.BAD_CLAIM, put("nonce", "")),
    LaunchCase("nonce of another login", Code.WRONG_NONCE, put("nonce", "never-issued")),
    LaunchCase("nonce that is not ASCII", Code.WRONG_NONCE, put("nonce", "ñandú")),
    LaunchCase("nonce is a number", Code.BAD_CLAIM, put("nonce", 7)),
)

MESSAGES = (
    LaunchCase("not an LTI message at all", Code.NOT_LTI, _no_lti),
    LaunchCase("no version", Code.MISSING_CLAIM, without(claim_names.VERSION)),
    LaunchCase("wrong version", Code.WRONG_VERSION, put(claim_names.VERSION, "1.2.0")),
    LaunchCase("version is a number", Code.BAD_CLAIM, put(claim_names.VERSION, 1.3)),
    LaunchCase("no message type", Code.MISSING_CLAIM, without(claim_names.MESSAGE_TYPE)),
    LaunchCase(
        "unknown message type", Code.WRONG_MESSAGE_TYPE, put(claim_names.MESSAGE_TYPE, "LtiNothing")
    ),
    LaunchCase("message type is a list", Code.BAD_CLAIM, put(claim_names.MESSAGE_TYPE, [])),
    LaunchCase("no deployment", Code.MISSING_CLAIM, without(claim_names.DEPLOYMENT_ID)),
    LaunchCase("deployment empty", Code.BAD_CLAIM, put(claim_names.DEPLOYMENT_ID, "")),
    LaunchCase("deployment is a number", Code.BAD_CLAIM, put(claim_names.DEPLOYMENT_ID, 1)),
    LaunchCase("deployment too long", Code.BAD_CLAIM, put(claim_names.DEPLOYMENT_ID, "d" * 256)),
    LaunchCase("no target", Code.MISSING_CLAIM, without(claim_names.TARGET_LINK_URI)),
    LaunchCase(
        "foreign target",
        Code.WRONG_TARGET,
        put(claim_names.TARGET_LINK_URI, "https://evil.example/m/module-4"),
    ),
    LaunchCase(
        "a target that only begins like ours",
        Code.WRONG_TARGET,
        put(claim_names.TARGET_LINK_URI, "https://tool.example.org.evil.example/"),
    ),
    LaunchCase(
        "a target with a user name",
        Code.WRONG_TARGET,
        put(claim_names.TARGET_LINK_URI, "https://tool.example.org@evil.example/"),
    ),
    LaunchCase(
        "a target that is a script",
        Code.WRONG_TARGET,
        put(claim_names.TARGET_LINK_URI, "javascript:1"),
    ),
    LaunchCase("a target of another login", Code.WRONG_TARGET, _another_target_of_ours),
    LaunchCase("target is a number", Code.BAD_CLAIM, put(claim_names.TARGET_LINK_URI, 7)),
    LaunchCase("no resource link", Code.MISSING_CLAIM, without(claim_names.RESOURCE_LINK)),
    LaunchCase("resource link null", Code.MISSING_CLAIM, put(claim_names.RESOURCE_LINK, None)),
    LaunchCase("resource link is empty", Code.MISSING_CLAIM, put(claim_names.RESOURCE_LINK, {})),
    LaunchCase(
        "resource link is PHP's empty map", Code.MISSING_CLAIM, put(claim_names.RESOURCE_LINK, [])
    ),
    LaunchCase("resource link is a text", Code.BAD_CLAIM, put(claim_names.RESOURCE_LINK, "link-1")),
    LaunchCase(
        "resource link without id",
        Code.MISSING_CLAIM,
        without_member(claim_names.RESOURCE_LINK, "id"),
    ),
    LaunchCase(
        "resource link id empty", Code.BAD_CLAIM, within(claim_names.RESOURCE_LINK, "id", "")
    ),
    LaunchCase(
        "resource link id with NUL", Code.BAD_CLAIM, within(claim_names.RESOURCE_LINK, "id", "a\0b")
    ),
    LaunchCase("context without id", Code.MISSING_CLAIM, without_member(claim_names.CONTEXT, "id")),
    LaunchCase("context is a text", None, put(claim_names.CONTEXT, "course-1")),
    LaunchCase("custom is a list", None, put(claim_names.CUSTOM, ["module"])),
    LaunchCase("presentation is a text", None, put(claim_names.LAUNCH_PRESENTATION, "x")),
    LaunchCase("grade service is a text", None, put(claim_names.AGS_ENDPOINT, "x")),
    LaunchCase(
        "grade scopes are a text",
        None,
        within(claim_names.AGS_ENDPOINT, "scope", claim_names.SCORE_SCOPE),
    ),
    LaunchCase("roster service is a list", None, put(claim_names.NAMES_ROLE_SERVICE, [])),
    LaunchCase("context is PHP's empty map", None, put(claim_names.CONTEXT, [])),
    LaunchCase("context is empty", None, put(claim_names.CONTEXT, {})),
    LaunchCase("no context", None, without(claim_names.CONTEXT)),
    LaunchCase("no presentation", None, without(claim_names.LAUNCH_PRESENTATION)),
    LaunchCase("no services, no custom parameters", None, _no_services),
    LaunchCase(
        "window", None, within(claim_names.LAUNCH_PRESENTATION, "document_target", "window")
    ),
    LaunchCase(
        "unknown target", None, within(claim_names.LAUNCH_PRESENTATION, "document_target", "tv")
    ),
    LaunchCase("a foreign claim, deeply nested", None, _deep),
)

PEOPLE = (
    LaunchCase("sub missing", Code.ANONYMOUS_REFUSED, without("sub")),
    LaunchCase("sub null", Code.ANONYMOUS_REFUSED, put("sub", None)),
    LaunchCase("sub missing where guests are allowed", None, without("sub"), guests=True),
    LaunchCase("sub empty", Code.BAD_CLAIM, put("sub", ""), guests=True),
    LaunchCase("sub too long", Code.BAD_CLAIM, put("sub", "s" * 256)),
    LaunchCase("sub of 255 signs", None, put("sub", "s" * 255)),
    LaunchCase("sub is a number", Code.BAD_CLAIM, put("sub", 7)),
    LaunchCase("sub with NUL", Code.BAD_CLAIM, put("sub", "a\0b")),
    LaunchCase("sub with a lone surrogate", Code.BAD_CLAIM, put("sub", "a\ud800b")),
    LaunchCase("name is a list", None, put("name", ["María"])),
    LaunchCase("email is an object", None, put("email", {})),
    LaunchCase("name with NUL", None, put("name", "Mar\0ía")),
    LaunchCase("name with a lone surrogate", None, put("name", "Mar\ud800ía")),
    LaunchCase("a name of fifteen thousand signs", None, put("name", "ñ" * 15_000)),
    LaunchCase("a name in another script", None, put("name", "测试 Ünal-Straße عائشة")),
    LaunchCase("e-mail only", None, without("name", "given_name", "family_name")),
    LaunchCase("names only", None, without("email")),
    LaunchCase(
        "no personal data", None, without("name", "given_name", "family_name", "email", "locale")
    ),
    LaunchCase("e-mail without context", None, without("name", claim_names.CONTEXT)),
)

ROLES = (
    LaunchCase("roles missing", Code.MISSING_CLAIM, without(claim_names.ROLES)),
    LaunchCase("roles null", Code.MISSING_CLAIM, put(claim_names.ROLES, None)),
    LaunchCase("roles a text", Code.BAD_CLAIM, put(claim_names.ROLES, f"{COURSE}#Instructor")),
    LaunchCase("roles with a number", Code.BAD_CLAIM, put(claim_names.ROLES, [7])),
    LaunchCase("roles with null", Code.BAD_CLAIM, put(claim_names.ROLES, [None])),
    LaunchCase("student", None, roles(f"{COURSE}#Learner")),
    LaunchCase("instructor", None, roles(f"{COURSE}#Instructor"), instructor=True),
    LaunchCase(
        "several roles",
        None,
        roles(f"{INSTITUTION}#Faculty", f"{COURSE}#Learner", f"{COURSE}#Instructor"),
        instructor=True,
    ),
    LaunchCase("a short role", None, roles("Instructor"), instructor=True),
    LaunchCase("a short role of a student", None, roles("Learner")),
    LaunchCase(
        "a teaching assistant",
        None,
        roles(f"{COURSE}/Instructor#TeachingAssistant"),
        instructor=True,
    ),
    LaunchCase("no role", None, roles()),
    LaunchCase("an empty role", None, roles("")),
    LaunchCase("an unknown role", None, roles(f"{COURSE}#Astronaut")),
    LaunchCase(
        "a role of somebody else's", None, roles("http://evil.example/membership#Instructor")
    ),
    LaunchCase("an instructor of the institution", None, roles(f"{INSTITUTION}#Instructor")),
    LaunchCase("an administrator of the system", None, roles(f"{SYSTEM}#Administrator")),
    LaunchCase("a learner who helps to teach", None, roles(f"{COURSE}/Learner#Instructor")),
    LaunchCase("an unknown kind of instructor", None, roles(f"{COURSE}/Instructor#Instructor")),
    LaunchCase("a role in capitals", None, roles(f"{COURSE}#INSTRUCTOR")),
    LaunchCase(
        "https instead of http", None, roles(f"{COURSE}#Instructor".replace("http", "https"))
    ),
    LaunchCase("a role with a blank", None, roles(f"{COURSE}#Instructor x")),
)

CASES = (
    LaunchCase("plain"),
    *SIGNATURES,
    *PARTIES,
    *TIMES,
    *MESSAGES,
    *PEOPLE,
    *ROLES,
)
