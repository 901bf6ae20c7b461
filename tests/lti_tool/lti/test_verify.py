"""Every row of the launch table, what a good launch says, and any JSON at all."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.lti import claim_names
from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.registration import Registration
from lti_tool.lti.verify import verify
from lti_tool.platforms.moodle import MOODLE
from tests.lti_tool.launch_cases import CASES, LaunchCase, put, within
from tests.lti_tool.lti.samples import (
    NOW,
    PUBLIC_URL,
    REGISTRATION,
    capture,
    deep_linking,
    find_key,
    forge,
    launched,
    prepared,
    state_of,
    verified,
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_launch(case: LaunchCase) -> None:
    state, claims = prepared()
    token = case.token(forge(), claims)
    if case.refused is None:
        launch = verified(token, state, guests=case.guests)
        assert launch.roles.instructor is case.instructor
        return
    with pytest.raises(Refused) as caught:
        verified(token, state, guests=case.guests)
    assert caught.value.code is case.refused
    assert 400 <= caught.value.status < 500


def test_names_of_cases_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_no_refusal_tells_who_came() -> None:
    state, claims = prepared()
    personal = [claims[name] for name in ("sub", "name", "email", "family_name")]
    for case in CASES:
        if case.refused is None:
            continue
        with pytest.raises(Refused) as caught:
            verified(case.token(forge(), claims), state, guests=case.guests)
        assert not [value for value in personal if value in str(caught.value)], case.name


def test_a_launch_says_what_the_claims_said() -> None:
    launch = launched()
    assert launch.message_type == "LtiResourceLinkRequest"
    assert launch.user.name == "María Núñez"
    assert launch.course is not None
    assert launch.course.title == "Cooperativas 101"
    assert launch.resource_link is not None
    assert launch.resource_link.id == "link-1"
    assert launch.presentation.return_url == "https://lms.example.edu/course/1"
    assert launch.grades is not None
    assert launch.grades.line_item == "https://lms.example.edu/1/lineitems/2?type_id=1"
    assert launch.roster is not None
    assert launch.custom == {"module": "module-4"}
    assert (launch.issued_at, launch.expires_at) == (NOW, NOW + 60)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Mar\0ía \ud800Núñez", "María Núñez"),
        ("  María\n Núñez ", "María  Núñez"),
        ("ñ" * 300, "ñ" * 255),
        ("$Person.name.full", None),
        ("$100 bill", "$100 bill"),
        ("", None),
        ("\0", None),
    ],
)
def test_names_are_cleaned(sent: str, kept: str | None) -> None:
    assert launched(put("name", sent)).user.name == kept


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("maria@example.edu", "maria@example.edu"),
        ("nobody", None),
        ("$Person.email.primary", None),
        ("a@" + "b" * 300, None),
    ],
)
def test_an_email_is_one_or_absent(sent: str, kept: str | None) -> None:
    assert launched(put("email", sent)).user.email == kept


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("text", "text"),
        (7, "7"),
        (True, "true"),
        (None, None),
        ("$User.image", None),
        (["nested"], None),
        ({"nested": 1}, None),
    ],
)
def test_custom_parameters_are_texts(sent: Any, kept: str | None) -> None:
    assert launched(put(claim_names.CUSTOM, {"x": sent})).custom.get("x") == kept


@pytest.mark.parametrize(
    "sent", ["javascript:alert(1)", "data:text/html,x", "/relative", "", "x y"]
)
def test_an_address_of_another_kind_is_absent(sent: str) -> None:
    change = within(claim_names.LAUNCH_PRESENTATION, "return_url", sent)
    assert launched(change).presentation.return_url is None


def test_grades_without_a_column() -> None:
    grades = launched(within(claim_names.AGS_ENDPOINT, "lineitem", "")).grades
    assert grades is not None
    assert grades.line_item is None
    assert grades.line_items == "https://lms.example.edu/1/lineitems"


def test_an_older_roster_service_is_not_used() -> None:
    assert (
        launched(within(claim_names.NAMES_ROLE_SERVICE, "service_versions", ["1.0"])).roster is None
    )


# Messages other than a resource link


def test_deep_linking_request() -> None:
    launch = launched(deep_linking)
    settings_ = launch.deep_linking
    assert launch.resource_link is None
    assert settings_ is not None
    assert settings_.data == "opaque \u2028 data"
    assert settings_.accept_multiple
    assert settings_.accept_line_item


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [
        ("deep_link_return_url", None, Code.MISSING_CLAIM),
        ("deep_link_return_url", "javascript:1", Code.BAD_CLAIM),
        ("accept_types", None, Code.MISSING_CLAIM),
        ("accept_types", "ltiResourceLink", Code.BAD_CLAIM),
        ("accept_presentation_document_targets", None, Code.MISSING_CLAIM),
        ("data", {"a": 1}, Code.BAD_CLAIM),
        ("data", "\0", Code.BAD_CLAIM),
    ],
)
def test_bad_deep_linking_settings(member: str, value: Any, code: Code) -> None:
    def change(claims: dict[str, Any]) -> None:
        deep_linking(claims)
        claims[claim_names.DEEP_LINKING_SETTINGS][member] = value

    with pytest.raises(Refused) as caught:
        launched(change)
    assert caught.value.code is code


def test_a_submission_review_names_the_person_reviewed() -> None:
    def change(claims: dict[str, Any]) -> None:
        claims[claim_names.MESSAGE_TYPE] = "LtiSubmissionReviewRequest"
        claims[claim_names.FOR_USER] = {"user_id": "person-9"}

    assert launched(change).reviewed_subject == "person-9"


@pytest.mark.parametrize("message", ["LtiSubmissionReviewRequest", "DataPrivacyLaunchRequest"])
def test_a_message_about_a_person_needs_one(message: str) -> None:
    with pytest.raises(Refused) as caught:
        launched(put(claim_names.MESSAGE_TYPE, message))
    assert caught.value.facts["claim"] == "for_user"


def test_a_data_privacy_launch_has_no_placement() -> None:
    def change(claims: dict[str, Any]) -> None:
        del claims[claim_names.RESOURCE_LINK], claims[claim_names.CONTEXT]
        claims[claim_names.MESSAGE_TYPE] = "DataPrivacyLaunchRequest"
        claims[claim_names.FOR_USER] = {"user_id": "person-9"}

    launch = launched(change)
    assert (launch.resource_link, launch.course, launch.reviewed_subject) == (
        None,
        None,
        "person-9",
    )


# The state is one record with the launch


def test_a_state_of_another_registration() -> None:
    state, claims = prepared()
    with pytest.raises(Refused) as caught:
        verified(forge().good(claims), replace(state, client_id="client-2"))
    assert caught.value.code is Code.STATE_INVALID


def test_a_launch_of_another_deployment_than_its_login() -> None:
    state, claims = prepared()
    with pytest.raises(Refused) as caught:
        verified(forge().good(claims), replace(state, deployment_id="2"))
    assert caught.value.code is Code.WRONG_DEPLOYMENT


def test_an_inactive_registration() -> None:
    state, claims = prepared()
    with pytest.raises(Refused) as caught:
        verify(
            forge().good(claims),
            state=state,
            registration=replace(REGISTRATION, status="disabled"),
            find_key=find_key,
            public_url=PUBLIC_URL,
            now=NOW,
        )
    assert caught.value.code is Code.INACTIVE_REGISTRATION


# What a real Moodle sent


@pytest.mark.parametrize(
    ("name", "message", "instructor", "administrator"),
    [
        ("07-launch-deep-linking-teacher", "LtiDeepLinkingRequest", True, False),
        ("08-launch-student", "LtiResourceLinkRequest", False, False),
        ("09-launch-teacher", "LtiResourceLinkRequest", True, False),
        ("10-launch-admin", "LtiResourceLinkRequest", True, True),
        ("11-launch-without-personal-data", "LtiResourceLinkRequest", True, False),
        ("12-launch-submission-review", "LtiSubmissionReviewRequest", True, False),
    ],
)
def test_a_real_moodle(name: str, message: str, instructor: bool, administrator: bool) -> None:
    claims = capture(name)["claims"]
    target = claims[claim_names.TARGET_LINK_URI]
    moodle = Registration(
        issuer=claims["iss"],
        client_id=claims["aud"],
        authorization_endpoint="a",
        token_endpoint="t",
        jwks_uri="j",
        id=1,
        profile=MOODLE,
    )
    state = state_of(
        moodle, target, now=claims["iat"] - 2, deployment_id=claims[claim_names.DEPLOYMENT_ID]
    )
    launch = verify(
        forge().good({**claims, "nonce": state.nonce}),
        state=state,
        registration=moodle,
        find_key=find_key,
        public_url=target.partition("/launch")[0],
        now=claims["iat"] + 2,
    )
    assert launch.message_type == message
    assert launch.roles.instructor is instructor
    assert launch.roles.administrator is administrator
    assert launch.platform.product == "moodle"
    assert "lang" not in launch.custom  # $User.language, left unsubstituted
    assert "rl_id" not in launch.custom or launch.resource_link is not None
    if name.startswith("11"):
        assert launch.user.name is launch.user.email is None


# Any JSON

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=6,
)
_claim_names = [
    *sorted(prepared()[1]),
    claim_names.DEEP_LINKING_SETTINGS,
    claim_names.FOR_USER,
    claim_names.GROUPS_SERVICE,
    claim_names.PLATFORM_NOTIFICATION_SERVICE,
    "azp",
    "nbf",
]
_members = ["id", "title", "scope", "lineitem", "deep_link_return_url", "accept_types", "user_id"]
_messages = [
    "LtiResourceLinkRequest",
    "LtiDeepLinkingRequest",
    "LtiSubmissionReviewRequest",
    "DataPrivacyLaunchRequest",
]
_value = _json | st.dictionaries(st.sampled_from(_members), _json, max_size=4)


@settings(max_examples=400)
@given(
    changes=st.dictionaries(st.sampled_from(_claim_names), _value, max_size=4),
    message=st.sampled_from(_messages),
)
def test_any_claims_are_accepted_or_refused(changes: dict[str, Any], message: str) -> None:
    state, claims = prepared()
    claims |= {claim_names.MESSAGE_TYPE: message, **changes}
    try:
        launch = verified(forge().good(claims), state, guests=True)
    except Refused:
        return
    json.dumps(launch.custom).encode()
    repr(launch).encode()


@settings(max_examples=200)
@given(header=_json, body=_json)
def test_any_header_and_body_are_refused(header: Any, body: Any) -> None:
    state, _ = prepared()
    token = forge().rs256(header, json.dumps(body).encode())
    with pytest.raises(Refused):
        verified(token, state)


@settings(max_examples=200)
@given(token=st.text(max_size=60))
def test_any_text_is_refused_as_a_token(token: str) -> None:
    state, _ = prepared()
    with pytest.raises(Refused):
        verified(token, state)


ODD = (None, "", "$Variable.name", 7, True, [], [1, None], {}, {"a": []}, "\0")
"""Values of a type that an optional claim does not have, or that stand for no value."""


@pytest.mark.parametrize("odd", [*ODD, "text"], ids=repr)
@pytest.mark.parametrize(
    "name",
    [
        claim_names.LAUNCH_PRESENTATION,
        claim_names.TOOL_PLATFORM,
        claim_names.AGS_ENDPOINT,
        claim_names.NAMES_ROLE_SERVICE,
        claim_names.GROUPS_SERVICE,
        claim_names.PLATFORM_NOTIFICATION_SERVICE,
        claim_names.FOR_USER,
    ],
)
def test_an_optional_object_of_an_odd_type_is_absent(name: str, odd: Any) -> None:
    launch = launched(put(name, odd))
    expected = launched(lambda claims: claims.pop(name, None))
    assert replace(launch, nonce="", custom={}) == replace(expected, nonce="", custom={})


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize("member", ["name", "given_name", "family_name", "email", "locale"])
def test_an_optional_string_of_an_odd_type_is_absent(member: str, odd: Any) -> None:
    assert getattr(launched(put(member, odd)).user, member) is None


@pytest.mark.parametrize("odd", [None, "", 7, [], {}, "text"], ids=repr)
def test_a_context_of_an_odd_type_is_absent(odd: Any) -> None:
    assert launched(put(claim_names.CONTEXT, odd)).course is None


@pytest.mark.parametrize(
    ("scopes", "read"),
    [
        ("all of them", ()),
        (7, ()),
        ({}, ()),
        ([claim_names.SCORE_SCOPE, 7], (claim_names.SCORE_SCOPE,)),
    ],
)
def test_scopes_of_an_odd_type(scopes: Any, read: tuple[str, ...]) -> None:
    grades = launched(within(claim_names.AGS_ENDPOINT, "scope", scopes)).grades
    assert grades is not None
    assert grades.scopes == read
