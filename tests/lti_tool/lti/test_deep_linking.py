"""Content items and the signed response. Deep Linking 2.0."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest

from lti_tool.lti import claim_names
from lti_tool.lti.deep_linking import (
    ContentItem,
    DeepLinkLineItem,
    FileItem,
    Frame,
    Image,
    LinkItem,
    Period,
    ResourceLinkItem,
    Window,
    response_claims,
    response_token,
)
from lti_tool.lti.launch import DeepLinkingSettings
from lti_tool.lti.public_keys import parse_jwks
from lti_tool.lti.signing_keys import SigningKeys
from tests.lti_tool.lti.samples import NOW, REGISTRATION, capture

SETTINGS = DeepLinkingSettings(
    return_url="https://lms.example.edu/return",
    accept_types=("ltiResourceLink",),
    accept_targets=("iframe", "window"),
    accept_multiple=True,
    accept_line_item=True,
    data=None,
)
LATER = datetime(2030, 1, 1, tzinfo=UTC)
FULL = ResourceLinkItem(
    title="Módulo 4\n" + "x" * 300,
    url="https://tool.example.org/m/module-4",
    text="Cooperación",
    custom={"module": "module-4"},
    icon=Image("https://tool.example.org/icon.png", 16, 16),
    thumbnail=Image("https://tool.example.org/thumb.png"),
    iframe=Frame(width=800, height=600),
    window=Window(),
    available=Period(starts_at=LATER),
    submission=Period(ends_at=LATER),
    line_item=DeepLinkLineItem(20, label="Nota", resource_id="module-4", tag="grade"),
)
PLAIN = ResourceLinkItem(title="Módulo 4", url="https://tool.example.org/m/module-4")


def items(*given: ContentItem, **changes: Any) -> list[dict[str, Any]]:
    settings = replace(SETTINGS, **changes)
    claims = response_claims(REGISTRATION, "1", settings, given, now=NOW)
    found: list[dict[str, Any]] = claims[claim_names.CONTENT_ITEMS]
    return found


def test_the_claims_are_those_that_a_real_moodle_took() -> None:
    taken = capture("13-deep-linking-response-sent")["jwt_payload"]
    ours = response_claims(REGISTRATION, "1", SETTINGS, [FULL], now=NOW)
    assert set(taken) - set(ours) == {claim_names.DEEP_LINKING + "msg"}
    assert set(ours) <= set(taken)
    (item,), (theirs,) = ours[claim_names.CONTENT_ITEMS], taken[claim_names.CONTENT_ITEMS]
    assert set(item) - set(theirs) == {"thumbnail"}
    assert set(theirs) <= set(item)


def test_who_says_it_to_whom() -> None:
    claims = response_claims(REGISTRATION, "d", SETTINGS, [], now=NOW)
    assert claims["iss"] == REGISTRATION.client_id
    assert claims["aud"] == REGISTRATION.issuer
    assert (claims["iat"], claims["exp"]) == (NOW, NOW + 300)
    assert claims[claim_names.DEPLOYMENT_ID] == "d"
    assert claims[claim_names.MESSAGE_TYPE] == "LtiDeepLinkingResponse"
    assert claims[claim_names.VERSION] == "1.3.0"
    assert claims[claim_names.CONTENT_ITEMS] == []


def test_the_token_is_signed_with_a_published_key(signing_keys: SigningKeys) -> None:
    token = response_token(
        signing_keys,
        REGISTRATION,
        "1",
        SETTINGS,
        [PLAIN],
        now=NOW,
        message="Listo",
        error_log="x",
    )
    published = parse_jwks(json.dumps(signing_keys.jwks(NOW))).by_id
    key = published[jwt.get_unverified_header(token)["kid"]]
    options: Any = {"verify_aud": False, "verify_exp": False, "verify_iat": False}
    claims = jwt.decode(token, key, ["RS256"], options=options)
    assert claims[claim_names.DEEP_LINKING + "msg"] == "Listo"
    assert claims[claim_names.DEEP_LINKING + "errorlog"] == "x"
    assert claim_names.DEEP_LINKING + "errormsg" not in claims


@pytest.mark.parametrize("data", ["opaque", "", "  <&\u2028>  "])
def test_data_is_echoed_exactly(data: str) -> None:
    claims = response_claims(REGISTRATION, "1", replace(SETTINGS, data=data), [], now=NOW)
    assert claims[claim_names.DEEP_LINKING_DATA] == data


def test_data_that_was_not_sent_is_not_answered() -> None:
    assert claim_names.DEEP_LINKING_DATA not in response_claims(
        REGISTRATION, "1", SETTINGS, [], now=NOW
    )


def test_a_full_item() -> None:
    (item,) = items(FULL)
    assert item.pop("title").startswith("Módulo 4 x")
    assert item == {
        "type": "ltiResourceLink",
        "text": "Cooperación",
        "url": "https://tool.example.org/m/module-4",
        "custom": {"module": "module-4"},
        "icon": {"url": "https://tool.example.org/icon.png", "width": 16, "height": 16},
        "thumbnail": {"url": "https://tool.example.org/thumb.png"},
        "iframe": {"width": 800, "height": 600},
        "window": {"targetName": "_blank"},
        "available": {"startDateTime": "2030-01-01T00:00:00.000Z"},
        "submission": {"endDateTime": "2030-01-01T00:00:00.000Z"},
        "lineItem": {
            "label": "Nota",
            "scoreMaximum": 20,
            "resourceId": "module-4",
            "tag": "grade",
        },
    }
    assert len(items(FULL)[0]["title"]) == 255


def test_a_plain_item_says_no_more() -> None:
    assert items(PLAIN) == [{"type": "ltiResourceLink", "title": PLAIN.title, "url": PLAIN.url}]


def test_what_the_platform_ignores_is_not_sent() -> None:
    (item,) = items(FULL, accept_targets=("window",), accept_line_item=False)
    assert "iframe" not in item
    assert "lineItem" not in item
    assert "window" in item


def test_a_column_takes_the_name_of_its_link() -> None:
    (item,) = items(replace(PLAIN, line_item=DeepLinkLineItem(10)))
    assert item["lineItem"] == {"label": "Módulo 4", "scoreMaximum": 10}


FILE = FileItem(
    title="SCORM", url="https://tool.example.org/packages/a/module.zip", expires_at=LATER
)
A_LINK = LinkItem(title="Módulo 4", url="https://lms.example.edu/4", window=Window())


def test_files_and_links_where_they_are_accepted() -> None:
    file, link = items(FILE, A_LINK, accept_types=("file", "link"))
    assert file == {
        "type": "file",
        "title": "SCORM",
        "url": FILE.url,
        "expiresAt": "2030-01-01T00:00:00.000Z",
    }
    assert link == {
        "type": "link",
        "title": "Módulo 4",
        "url": A_LINK.url,
        "window": {"targetName": "_blank"},
    }


@pytest.mark.parametrize("title", ["", "  ", "\n", "\u202e", "\0"])
def test_a_title_is_never_empty(title: str) -> None:
    (item,) = items(replace(PLAIN, title=title, line_item=DeepLinkLineItem(1)))
    assert item["title"] == item["lineItem"]["label"] == "Minga"


@pytest.mark.parametrize(
    ("accepted", "media_types", "zips"),
    [
        (("file",), (), True),
        (("file",), ("application/zip",), True),
        (("file",), ("image/*", "application/*"), True),
        (("file",), ("*/*",), True),
        (("file",), ("image/*", "text/html"), False),
        (("ltiResourceLink", "link"), ("application/zip",), False),
    ],
)
def test_which_files_are_accepted(
    accepted: tuple[str, ...], media_types: tuple[str, ...], zips: bool
) -> None:
    asked = replace(SETTINGS, accept_types=accepted, accept_media_types=media_types)
    assert asked.accepts_file("application/zip") is zips


@pytest.mark.parametrize(
    ("given", "changes"),
    [
        ([FILE], {}),
        ([A_LINK], {}),
        ([PLAIN, PLAIN], {"accept_multiple": False}),
        ([PLAIN], {"accept_types": ("link", "html")}),
        ([replace(PLAIN, line_item=DeepLinkLineItem(0))], {}),
    ],
)
def test_what_the_request_does_not_take(given: list[ContentItem], changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"platform accepts|maximum"):
        items(*given, **changes)
