"""Every route of an open visit, and who may use it: the authorization table.

A path is relative to ``/l/<visit id>/``; ``{post}``, ``{reply}`` and ``{package}`` stand for ids.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Route:
    """One method of one route. ``page``: it answers with a whole page of the visit."""

    endpoint: str
    method: str
    path: str
    instructor: bool = False
    page: bool = False
    fields: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path or '/'}"


ROUTES = (
    Route("sessions.open_page", "POST", "open", page=True),
    Route("module_page.show", "GET", "", page=True),
    Route("module_page.progress", "POST", "progress", fields={"section": "introduction"}),
    Route("discussion.create", "POST", "post", fields={"text": "A reply", "reply_to": "{post}"}),
    Route("discussion.compose", "GET", "compose?reply_to={post}", page=True),
    Route("discussion.thread", "GET", "thread/{post}", page=True),
    Route("discussion.show", "GET", "post/{reply}", page=True),
    Route("discussion.edit", "GET", "post/{post}/edit", page=True),
    Route("discussion.edit", "POST", "post/{post}/edit", fields={"text": "Changed"}),
    Route("discussion.delete", "GET", "post/{post}/delete", page=True),
    Route("discussion.delete", "POST", "post/{post}/delete"),
    Route("discussion.poll", "GET", "poll?after=0"),
    Route("module_choice.choices", "GET", "choose", instructor=True, page=True),
    Route("module_choice.choose", "POST", "choose", instructor=True, fields={"module": "module-4"}),
    Route("packages.show", "GET", "packages", instructor=True, page=True),
    Route("packages.ask", "POST", "packages", instructor=True, fields={"format": "scorm12"}),
    Route("packages.states", "GET", "packages/state", instructor=True),
    Route("packages.download", "GET", "packages/{package}", instructor=True),
)
