"""The history variables: which IDs a launch lists as those it was copied from."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti.copy_history import LIMIT, RESOURCE_LINK, read_history
from lti_tool.lti.launch_claims import parse_launch
from lti_tool.lti.registration import Registration
from lti_tool.lti.sanitize import is_identifier
from lti_tool.platforms import find_profile

LTI = "https://purl.imsglobal.org/spec/lti/claim/"


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("a", ("a",)),
        ("b,a", ("b", "a")),
        (" b , a ", ("b", "a")),
        ("b,,a,", ("b", "a")),
        ("b,b,a", ("b", "a")),
        ("own,a", ("a",)),
        ("own", ()),
        ("", ()),
        (" ", ()),
        (",,,", ()),
        ("$ResourceLink.id.history", ()),
        (" $ResourceLink.id.history ", ()),
        ("$Context.id.history", ()),
        ("block-v1:A+1%2B2,x%2Cy", ("block-v1:A+1+2", "x,y")),
        ("ñ,%C3%B1b", ("ñ", "ñb")),
        ("a%00b,c\x00d,e", ("e",)),
        ("a%0Ab,e", ("e",)),
        ("x" * 256 + ",e", ("e",)),
        ("' OR 1=1 --,e", ("' OR 1=1 --", "e")),
        (",".join(f"id-{n}" for n in range(50)), tuple(f"id-{n}" for n in range(50))),
        (",".join(f"id-{n}" for n in range(51)), tuple(f"id-{n}" for n in range(50))),
        # A long list is not cut in the middle of an ID, which would then be another one.
        (",".join("9" * 250 for _ in range(40)) + ",1", ("9" * 250, "1")),
        (None, ()),
        (17, ()),
        (["a"], ()),
        ({"a": "b"}, ()),
        (True, ()),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_the_ids_of_a_value(value: object, ids: tuple[str, ...]) -> None:
    assert read_history(RESOURCE_LINK, "own", {"resource_link_id_history": value}, {}) == ids


@given(st.text())
def test_any_text_gives_few_valid_ids(text: str) -> None:
    ids = read_history(RESOURCE_LINK, "own", {"resource_link_id_history": text}, {})
    assert len(ids) <= LIMIT
    assert all(is_identifier(each) and each != "own" for each in ids)


def test_a_value_of_megabytes_costs_little() -> None:
    started = time.process_time()
    for text in ("a," * 1_000_000, "%2C" * 700_000, "$" * 2_000_000, "," * 2_000_000):
        read_history(RESOURCE_LINK, "own", {"resource_link_id_history": text}, {})
    assert time.process_time() - started < 5


BRIGHTSPACE = "http://www.brightspace.com"


@pytest.mark.parametrize(
    ("product", "claims", "found"),
    [
        ("moodle", {LTI + "custom": {"context_id_history": "7,5"}}, ((), ("7", "5"))),
        ("blackboard", {LTI + "custom": {"ResourceLink.id.history": "_9_1"}}, (("_9_1",), ())),
        ("desire2learn", {BRIGHTSPACE: {"ResourceLink.id.history": "9"}}, (("9",), ())),
        ("desire2learn", {BRIGHTSPACE: {"Context.id.history": "8"}}, ((), ("8",))),
        (
            "desire2learn",
            {
                BRIGHTSPACE: {"ResourceLink.id.history": "9"},
                LTI + "custom": {"resource_link_id_history": "$ResourceLink.id.history"},
            },
            (("9",), ()),
        ),
        ("desire2learn", {BRIGHTSPACE: []}, ((), ())),
        ("desire2learn", {BRIGHTSPACE: "9"}, ((), ())),
        ("moodle", {BRIGHTSPACE: {"ResourceLink.id.history": "9"}}, ((), ())),
        ("moodle", {LTI + "custom": []}, ((), ())),
        ("moodle", {}, ((), ())),
    ],
)
def test_where_platforms_send_it(product: str, claims: dict, found: tuple) -> None:
    issuer = "https://lms.example.org"
    registration = Registration(
        issuer=issuer,
        client_id="minga",
        authorization_endpoint=f"{issuer}/auth",
        token_endpoint=f"{issuer}/token",
        jwks_uri=f"{issuer}/jwks",
        profile=find_profile(issuer, product),
    )
    launch = parse_launch(
        {
            LTI + "message_type": "LtiResourceLinkRequest",
            LTI + "deployment_id": "1",
            LTI + "target_link_uri": "https://minga.example.org/lti/launch",
            LTI + "roles": [],
            LTI + "context": {"id": "c"},
            LTI + "resource_link": {"id": "own"},
            "nonce": "n",
            **claims,
        },
        registration,
        issued_at=0,
        expires_at=60,
    )
    assert (launch.resource_link.history, launch.course.history) == found
