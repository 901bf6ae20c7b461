"""Sample pages for the browser: every template, with extreme data."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from markupsafe import Markup

from courseware.i18n import interface
from courseware.page import Page
from courseware.templating import environment
from lti_tool.discussion.view_models import PostView
from lti_tool.lti.platform_profile import SetupSketch
from lti_tool.web.templates import ANY_SESSION
from tests.browser.sample_discussion import (
    BASE,
    NOW,
    PAPER,
    PICTURE,
    composer,
    discussion,
    form_view,
    threads,
)
from tests.browser.sample_module import module_page

ORIGIN = "https://tool.example"
PATHS = {
    "module_page.show": "",
    "sessions.open_page": "open",
    "sessions.leave": "leave",
    "notifications.save": "notices",
    "notifications.address": "notices/address",
    "notifications.feed": "notices/feed",
    "packages.show": "packages",
    "packages.request_build": "packages",
    "packages.states": "packages/state",
    "packages.download": "packages/{package_id}",
}


def url_for(endpoint: str, *, _anchor: str = "", question: str = "", **values: object) -> str:
    """The URL of a route of the launch session, as Flask's function of this name gives it."""
    query = f"?question={question}" if question else ""
    return f"{BASE}{PATHS[endpoint].format(**values)}{query}{'#' if _anchor else ''}{_anchor}"


TEMPLATES = environment()
TEMPLATES.globals["url_for"] = url_for


def _modules(cover: str) -> list[SimpleNamespace]:
    languages = [("es", "Español"), ("en", "English"), ("fr", "Français"), ("pt", "Português")]
    return [
        SimpleNamespace(
            module_id="module-4",
            number=4,
            minutes=45,
            languages=languages,
            cover_src=cover,
            cover_alt="Dos tejidos que se encuentran",
            selected=True,
            in_course=True,
            words=SimpleNamespace(
                lang="es",
                title="Cooperación entre ciudades y desarrollo económico local",
                summary="Cómo las ciudades aprenden unas de otras, de igual a igual.",
            ),
        ),
        SimpleNamespace(
            module_id="writing",
            number=None,
            minutes=10,
            languages=languages[:2],
            cover_src=None,
            cover_alt="",
            selected=False,
            in_course=False,
            words=SimpleNamespace(
                lang="es",
                title="Cómo escribir un módulo",
                summary="Un ejemplo vivo de cada clase de sección.",
            ),
        ),
    ]


def launch(cookieless: bool = False) -> SimpleNamespace:
    """The session in the template context."""
    return SimpleNamespace(
        base=BASE,
        token="token-of-the-page",
        cookieless=cookieless,
        here=BASE,
        course="Cooperación Sur-Sur 2026",
        navigation=lambda: [
            {"label": "Escoger otro módulo", "href": f"{BASE}choose"},
            {"label": "Moderación", "href": f"{BASE}moderation", "count": 3},
            {"label": "Descargar para usar sin conexión", "href": f"{BASE}packages"},
        ],
        return_href="https://lms.example/course",
        privacy_href=f"{BASE}privacy",
    )


def package(name: str, state: str, *tags: str) -> SimpleNamespace:
    """A row of the packages page."""
    built = SimpleNamespace(id=7, size=2_840_000, error="es/videos.md:12: error: <no such file>")
    return SimpleNamespace(
        key=f"{name}-{state}",
        offer=SimpleNamespace(variant=(name, " ".join(tags))),
        title=name.upper(),
        for_whom="Para Moodle: se importa como actividad SCORM.",
        languages=[(tag, tag.upper()) for tag in tags],
        package=None if state == "none" else built,
        state=state,
    )


def packages() -> dict[str, Any]:
    """Context of the packages page, with a package in each state."""
    tags = ("es", "en", "fr", "pt")
    states = ("none", "waiting", "building", "ready", "failed")
    return {
        "launch": launch(),
        "token": "token-of-the-page",
        "module_title": "Cooperación entre ciudades y desarrollo económico local",
        "module_lang": "es",
        "module_dir": "ltr",
        "rows": [
            *(package("scorm12", state, *tags) for state in states),
            package("epub", "none", "es"),
        ],
        "busy": True,
    }


def render_package(language: str, row: SimpleNamespace) -> str:
    """Render the state of a package, as for the script."""
    values = {"launch": launch(), "token": "token-of-the-page", "row": row}
    return TEMPLATES.get_template("tool/_package.html").render(ui=interface(language), **values)


def _contexts(page: Page) -> dict[str, tuple[str, dict[str, Any]]]:
    progress = SimpleNamespace(
        seen={"introduction", "videos"},
        total=5,
        done=2,
        resume="readings",
        href=f"{BASE}seen",
        token="token-of-the-page",
    )
    live = {
        "page": page,
        "launch": launch(),
        "progress": progress,
        "discussion": discussion(),
        "language_href": lambda tag: f"?language={tag}",
        "question_href": lambda question: f"{BASE}?question={question}#composer",
    }
    question = next(s for s in page.sections if s.questions).questions[0]
    first = threads()[0]
    mine = first.replies[2]
    empty = discussion(
        threads=[], chips=[], total=0, more_href=None, answers={}, filtered=False, unread=None
    )
    answering = discussion(
        composer=composer(
            question=question,
            text="Sí, y además…",
            error="Tu texto no llegó: la conexión se cortó.",
            form=form_view(files=(PICTURE, PAPER), preview=Markup("<p>Sí, <em>y</em> además…</p>")),
        )
    )
    replying = discussion(composer=composer(reply_to=first.replies[1]))
    filtered = discussion(hidden=1194, threads=[], chips=discussion().chips, more_href=None)
    closed = discussion(
        closed=True,
        threads=[],
        chips=[],
        more_href=None,
        answers={},
        composer=composer(can_post=False, why_not="Este foro no está abierto a invitados."),
    )
    reader = discussion(
        composer=composer(can_post=False, why_not="Aquí los invitados pueden leer.")
    )
    waiting = discussion(post_first=True, threads=[])
    form = {
        "action": "#",
        "token": "t",
        "cancel_href": "#",
        "post": mine,
        "text": "Concordo.",
        "language": "pt",
        "languages": composer().languages,
        "draft_key": "edit 4",
        "form": form_view(published=(PICTURE, PAPER)),
    }
    fields = {"state": "s", "registration": "r"}
    storage = {
        "storage_target": "_parent",
        "platform_origin": "https://lms.example",
        "key": "k",
        "value": "v",
        "continue_href": "/continue",
        "action": "/lti/launch",
        "id_token": "i",
        "state": "s",
        "new_tab_action": "/lti/login",
        "new_tab_fields": fields,
    }
    registration = {
        "platform_name": "Campus Virtual del Sur",
        "issuer": "https://campus.example.org",
        "product": "moodle 4.5",
        "action": "#",
        "fields": fields,
        "data": [("names", "Nombres"), ("grades", "Escribir calificaciones")],
        "known": 1,
        "one_for_each_domain": True,
        "next_steps": [
            "Pulsa Activar en la lista de herramientas.",
            "En el curso: Más → Herramientas externas.",
        ],
    }
    refusal = {
        "title": "Este curso no está registrado",
        "typed": "Lo que yo estaba escribiendo.",
        "status": 403,
        "paragraphs": [
            "La plataforma te envió aquí desde un lugar que esta herramienta no conoce."
        ],
        "advice": "Ejecuta lti-tool deployments add para añadir la implantación 7.",
        "details": [
            ("Plataforma", "https://campus.example.org"),
            ("Implantación", "7"),
            ("Cuándo", "9 mar 2026, 15:30"),
        ],
        "actions": [("Volver al curso", "#"), ("Ayuda", "#")],
    }
    choose = {
        "modules": _modules(page.sections[1].items[0].poster),
        "total": 2,
        "multiple": False,
        "action": "#",
        "token": "t",
        "deep_linking": False,
        "gradable": False,
        "has_search": False,
        "has_options": True,
        "kinds": [],
        "back_href": "#",
        "state": [],
        "notices": [],
        "unknown_module": None,
        "error": None,
    }
    edit = {
        "error": "Escribe algo antes de guardar.",
        "draft_action": "#",
        "revision": 0,
        "stored": None,
        "saved_at": None,
    }
    return {
        "module": ("tool/module.html", live),
        "plain": ("module/page.html", {**live, "progress": None}),
        "empty": ("tool/module.html", {**live, "discussion": empty}),
        "answering": ("tool/module.html", {**live, "discussion": answering}),
        "replying": ("tool/module.html", {**live, "discussion": replying}),
        "filtered": ("tool/module.html", {**live, "discussion": filtered}),
        "reader": ("tool/module.html", {**live, "discussion": reader}),
        "closed": ("tool/module.html", {**live, "discussion": closed}),
        "waiting": ("tool/module.html", {**live, "discussion": waiting}),
        "edit": ("tool/edit_post.html", {**form, **edit, "launch": launch()}),
        "delete": ("tool/delete_post.html", form),
        "choose": ("tool/choose.html", choose),
        "choose-many": (
            "tool/choose.html",
            {
                **choose,
                "multiple": True,
                "deep_linking": True,
                "gradable": True,
                "method": "none",
                "maximum": "",
                "has_search": True,
                "search": SimpleNamespace(words="ciudad", language="es"),
                "search_languages": [("es", "Español"), ("fr", "Français")],
                "found": 2,
                "error": "Elige al menos un módulo.",
            },
        ),
        "choose-none": ("tool/choose.html", {**choose, "modules": [], "total": 0}),
        "packages": ("tool/packages.html", packages()),
        "packages-none": ("tool/packages.html", {**packages(), "rows": [], "busy": False}),
        "nothing-chosen": ("tool/nothing_chosen.html", {}),
        "deep-linking-return": (
            "tool/deep_linking_return.html",
            {"return_url": "https://lms.example/return", "jwt": "a.b.c"},
        ),
        "message": ("tool/message.html", refusal),
        "login-storage": ("tool/login_storage.html", storage),
        "launch-storage": ("tool/launch_storage.html", storage),
        "new-tab": ("tool/new_tab.html", storage),
        "session-needed": ("tool/session_needed.html", {"return_url": "https://lms.example/c/7"}),
        "session-saved": ("tool/session_needed.html", {"saved": True}),
        "left": ("tool/left.html", {"return_href": "https://lms.example/c/7"}),
        "history": (
            "tool/history.html",
            {
                "title": "Textos anteriores del mensaje",
                "post": threads()[0],
                "versions": [SimpleNamespace(replaced_at=NOW, language="es", source="Un *texto*")],
                "back_href": "#",
                "launch": launch(),
            },
        ),
        "notices": ("tool/notices.html", notices()),
        "registration": ("tool/registration.html", {**registration, "stage": "confirm"}),
        "registered": ("tool/registration.html", {**registration, "stage": "done"}),
        "registration-waits": ("tool/registration.html", {**registration, "stage": "waits"}),
        "home": ("tool/home.html", home()),
        "home-invited": (
            "tool/home.html",
            {**home(), "front": False, "registration_url": f"{ORIGIN}/lti/register/{'x' * 24}"},
        ),
    }


def home() -> dict[str, Any]:
    """Context of the front page, where registration needs an invitation."""
    platform = SimpleNamespace(
        name="Canvas",
        steps=["Abre Admin, Aplicaciones.", "Pega la URL de registro."],
        by_url=True,
        notes=["Canvas acepta un solo registro por dominio."],
        sketch=SetupSketch(("Admin", "Apps"), (("URL", f"{ORIGIN}/lti/register"),), "Install"),
        configuration_url=f"{ORIGIN}/lti/config/canvas.json",
    )
    custom = "resource_link_id_history=$ResourceLink.id.history\ncontext_id_history=$Context.id"
    return {
        "front": True,
        "registration_url": None,
        "contact": "minga@example.org",
        "platforms": [platform],
        "values": [
            SimpleNamespace(key="login", label="URL de inicio", text=f"{ORIGIN}/lti/login"),
            SimpleNamespace(key="custom", label="Parámetros propios", text=custom),
        ],
        "languages": [("es", "Español", "?lang=es"), ("ar", "العربية", "?lang=ar")],
    }


def notices() -> dict[str, Any]:
    """Context of the notices of an instructor whose address is not confirmed yet."""
    person = SimpleNamespace(
        address=None,
        platform_address=None,
        problem="no address",
        own_addresses=True,
        choice="daily",
        instructor=True,
        course_choice="weekly",
        zone="America/Argentina/Buenos_Aires",
        hour=7,
    )
    return {
        "person": person,
        "sends_mail": True,
        "choices": [("every", "Cada mensaje"), ("daily", "Un resumen diario"), ("none", "Nada")],
        "time_zones": ["America/Argentina/Buenos_Aires", "UTC"],
        "hours": [(7, "7:00")],
        "pending_address": "joao.araujo.de.nombre.muy.largo@ejemplo.example.org",
        "own_address": None,
        "stopped": None,
        "feed_url": "https://tool.example/feeds/abcdefghijklmnopqrstuvwxyz0123456789",
        "done": "address",
        "error": "Escribe una dirección de correo.",
        "given": "joao@",
        "back_href": "#",
        "token": "t",
        "launch": launch(),
    }


def render_all(language: str) -> dict[str, str]:
    """Render all sample pages, with the interface in ``language``."""
    return {name: render(name, language) for name in _contexts(module_page(language))}


def one_of_each_template() -> set[str]:
    """The name of the first sample page of each template."""
    first: dict[str, str] = {}
    for name, (template, _) in _contexts(module_page("es")).items():
        first.setdefault(template, name)
    return set(first.values())


def render(name: str, language: str, **changes: Any) -> str:
    """Render one sample page, with changes to its context."""
    template, context = _contexts(module_page(language))[name]
    values = {"ui": interface(language), "asset": "/static/{}".format, **context, **changes}
    return _rendered(template, values)


def render_post(language: str, view: PostView) -> str:
    """Render the response to the script after publishing."""
    return _rendered("tool/_post.html", {"ui": interface(language), "post": view})


def _rendered(template: str, values: Mapping[str, Any]) -> str:
    return TEMPLATES.get_template(template).render(values).replace(ANY_SESSION, BASE)
