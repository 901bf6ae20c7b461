"""Every route of the tool, and who may use it: the authorization table.

A new route fails ``test_authorization.py`` until it is added here.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Route:
    """One method of a route of a launch session, for its user or (``instructor``) for instructors.

    ``path`` is relative to ``/l/<session id>/``; ``{post}``, ``{reply}`` and ``{package}`` are
    IDs. ``page``: it answers with a whole page.
    """

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
    Route("discussion.save_draft", "POST", "draft", fields={"text": "A draft"}),
    Route("discussion.find_draft", "GET", "draft?question=introduction"),
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


@dataclass(frozen=True)
class PublicRoute:
    """One method of a route that anybody may use, and the status for somebody who sends nothing.

    ``path`` is absolute; ``{asset}`` and ``{media}`` stand for URLs of existing files.
    """

    endpoint: str
    method: str
    path: str
    status: int

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


PUBLIC_ROUTES = (
    PublicRoute("registrations.home", "GET", "/", 200),
    PublicRoute("registrations.jwks", "GET", "/lti/jwks", 200),
    PublicRoute("registrations.look", "GET", "/lti/register", 403),
    PublicRoute("registrations.look", "GET", "/lti/register/no-invitation", 403),
    PublicRoute("registrations.register", "POST", "/lti/register", 403),
    PublicRoute("registrations.register", "POST", "/lti/register/no-invitation", 403),
    PublicRoute("launches.login", "GET", "/lti/login", 400),
    PublicRoute("launches.login", "POST", "/lti/login", 400),
    PublicRoute("launches.launch", "POST", "/lti/launch", 400),
    PublicRoute("launches.launch_by_hand", "GET", "/lti/launch", 405),
    PublicRoute("launches.link", "GET", "/m/module-4", 403),
    PublicRoute("launches.launch_at_link", "POST", "/m/module-4", 405),
    PublicRoute("static.own_file", "GET", "{asset}", 200),
    PublicRoute("static.media_file", "GET", "{media}", 200),
    PublicRoute("health.alive", "GET", "/healthz", 200),
    PublicRoute("health.ready", "GET", "/readyz", 200),
)
