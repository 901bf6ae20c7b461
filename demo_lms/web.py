"""What every part of the web side shares: finding the state, and problems told in plain words."""

from typing import cast

from flask import Flask

from demo_lms.state import State

EXTENSION = "demo_lms"


class RequestError(Exception):
    """A request that cannot be answered: an HTTP status and a sentence for the person."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def state_of(app: Flask) -> State:
    """The state of the platform that this application serves."""
    return cast(State, app.extensions[EXTENSION])
