"""The settings of two discussions that become one."""

import json
from datetime import timedelta

import pytest

from lti_tool.discussion.model import Discussion
from lti_tool.discussion.settings import keeping_anonymity
from lti_tool.storage.database import now

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


def test_the_later_settings_of_a_discussion_stay() -> None:
    link_text, decided_text = '{"moderation": "all"}', '{"reports": false}'
    earlier, later = now() - timedelta(days=1), now()
    counts = {"latest_sequence": 0, "waiting": 0, "reported": 0}
    link = Discussion(settings=link_text, settings_at=earlier, **counts)
    decided = Discussion(settings=decided_text, settings_at=later, **counts)
    empty = Discussion(settings="", settings_at=None, **counts)
    assert Discussion.merged_values(link, decided)["settings_at"] == later
    assert Discussion.merged_values(decided, link)["settings"] == decided_text
    assert Discussion.merged_values(empty, link)["settings"] == link_text
    assert Discussion.merged_values(link, empty)["settings"] == link_text
