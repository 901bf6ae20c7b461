"""Every reason has words and a status."""

import pytest

from courseware.i18n import interface
from lti_tool.discussion.errors import Reason, Refused
from lti_tool.discussion.messages import STATUS, message_for


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_worded(reason: Reason) -> None:
    said = message_for(interface("en"), Refused(reason, retry_after=42))
    assert said.endswith(".")
    assert "%" not in said
    assert 400 <= STATUS[reason] < 500


def test_the_words_are_all_different() -> None:
    said = {message_for(interface("en"), Refused(reason)) for reason in Reason}
    assert len(said) == len(Reason)


def test_how_long_to_wait_is_said() -> None:
    assert "42" in message_for(interface("en"), Refused(Reason.TOO_FAST, retry_after=42))
