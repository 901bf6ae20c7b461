"""The settings of two discussions that become one."""

import json

import pytest

from lti_tool.discussion.settings import keeping_anonymity

PSEUDONYMS = {"anonymous": True}
COUNTED = {"anonymous": True, "count_anonymous": True}


@pytest.mark.parametrize(
    ("chosen", "other", "expected"),
    [
        ({}, {}, {}),
        ({"moderation": "all"}, {}, {"moderation": "all"}),
        ({}, {"moderation": "all"}, {}),
        (PSEUDONYMS, {}, PSEUDONYMS),
        ({}, PSEUDONYMS, PSEUDONYMS),
        ({"moderation": "all"}, PSEUDONYMS, {"moderation": "all", **PSEUDONYMS}),
        ({}, COUNTED, COUNTED),
        (COUNTED, {}, COUNTED),
        (COUNTED, PSEUDONYMS, PSEUDONYMS),
        (PSEUDONYMS, COUNTED, PSEUDONYMS),
        (COUNTED, COUNTED, COUNTED),
    ],
)
def test_what_was_promised_to_people_with_pseudonyms_stays(
    chosen: dict[str, object], other: dict[str, object], expected: dict[str, object]
) -> None:
    stored = [json.dumps(each) if each else "" for each in (chosen, other)]
    joined = json.loads(keeping_anonymity(*stored) or "{}")
    assert {name: value for name, value in joined.items() if value} == expected
