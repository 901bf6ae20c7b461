"""Every reason has a message and a status."""

import pytest

from courseware.i18n import interface
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.messages import STATUS, message_for


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_message(reason: Reason) -> None:
    message = message_for(interface("en"), DiscussionError(reason, retry_after=42))
    assert message.endswith(".")
    assert "%" not in message
    assert 400 <= STATUS[reason] < 500


def test_all_messages_differ() -> None:
    messages = {message_for(interface("en"), DiscussionError(reason)) for reason in Reason}
    assert len(messages) == len(Reason)


def test_the_message_has_the_waiting_time() -> None:
    assert "42" in message_for(interface("en"), DiscussionError(Reason.TOO_FAST, retry_after=42))
