"""What happens to posts, for features that tell people about it.

A feature calls :func:`subscribe` when it is imported. Its function is called in the transaction
that makes the change, so that it can put an outbox row; it must not commit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.orm import Session

Kind = Literal[
    "announced", "approved", "rejected", "edit_approved", "edit_rejected", "hidden", "shown",
    "deleted", "moved", "reported",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """Something that an instructor did to a post, with the reason for its author.

    ``reported`` is by a participant, and for instructors; the reason is the reporter's.
    """

    kind: Kind
    post_id: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CountsChanged:
    """The number of an author's published posts changed, in all or for a question."""

    resource_link_id: int
    author_id: int


Subscriber = Callable[[Session, Event], None]
_subscribers: list[Subscriber] = []
_count_subscribers: list[Callable[[Session, CountsChanged], None]] = []


def subscribe(function: Subscriber) -> None:
    """Call a function for each event."""
    if function not in _subscribers:
        _subscribers.append(function)


def unsubscribe(function: Subscriber) -> None:
    """Stop calling a function."""
    _subscribers.remove(function)


def publish(session: Session, event: Event) -> None:
    """Call the subscribers, in the transaction of the change."""
    for function in _subscribers:
        function(session, event)


def subscribe_to_counts(function: Callable[[Session, CountsChanged], None]) -> None:
    """Call a function when the counts of an author change."""
    if function not in _count_subscribers:
        _count_subscribers.append(function)


def publish_counts(session: Session, event: CountsChanged) -> None:
    """Call the subscribers, in the transaction of the change."""
    for function in _count_subscribers:
        function(session, event)
