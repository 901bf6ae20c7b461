"""Fixture: the tool and the demo LMS over real HTTP, registered with each other."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from demo_lms.register_tool import register_tool
from demo_lms.running import Running
from demo_lms.signing_keys import Key, KeyRing, new_key
from demo_lms.state import PlatformState
from tests.support.driver import Driver
from tests.support.tool import RunningTool, running_tool


@dataclass(frozen=True)
class Site:
    """A running tool and a running LMS, registered with each other."""

    tool: RunningTool
    lms: Running
    registration_id: int

    def browser(self, *, keeps_cookies: bool = True) -> Driver:
        """A new browser without cookies."""
        return Driver(self.lms, self.tool.url, keeps_cookies=keeps_cookies)


@cache
def _keys() -> tuple[Key, Key]:
    """Two keys for all platforms of the session, because generating one is slow."""
    return new_key(), new_key()


@contextmanager
def site(folder: Path, **settings: str) -> Iterator[Site]:
    """Run a tool and an LMS, registered by dynamic registration."""
    with running_tool(folder, **settings) as tool, running_lms() as lms:
        register_tool(lms.state, tool.invite())
        yield Site(tool, lms, registration_id=1)


@contextmanager
def running_lms() -> Iterator[Running]:
    """Run a demo LMS without a tool."""
    with Running(PlatformState(keys=KeyRing(list(_keys())))) as lms:
        yield lms
