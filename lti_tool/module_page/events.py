"""What readers of a module page do, for features that follow it.

A feature calls :func:`subscribe` when it is imported. Its function is called in the transaction
that records the change, so that it can put an outbox row; it must not commit.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class SectionRead:
    """A user has read a section of the activity's module for the first time."""

    resource_link_id: int
    user_id: int
    section: str


Subscriber = Callable[[Session, SectionRead], None]
_subscribers: list[Subscriber] = []


def subscribe(function: Subscriber) -> None:
    """Call a function for each event."""
    if function not in _subscribers:
        _subscribers.append(function)


def publish(session: Session, event: SectionRead) -> None:
    """Call the subscribers, in the transaction of the change."""
    for function in _subscribers:
        function(session, event)
