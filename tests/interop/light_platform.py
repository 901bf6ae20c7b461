"""A platform around ``lti1p3platform``, a third-party library, to launch our tool.

The library creates and signs the messages, issues tokens and implements AGS and NRPS; this file
adds storage (dictionaries) and routes (Flask).
"""

import secrets
import threading
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import serialization
from flask import Flask, Response, jsonify, redirect, render_template_string, request
from lti1p3platform.exceptions import LineItemNotFoundException, LtiException
from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.membership import Context
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract
from lti1p3platform.oidc_login import OIDCLoginAbstract
from lti1p3platform.registration import Registration
from lti1p3platform.request import Request
from lti1p3platform.response import Response as ServiceResponse
from lti1p3platform.response import generate_next_link
from lti1p3platform.score import UpdateScoreStatus
from lti1p3platform.service_connector import AssignmentsGradesService, NamesRoleProvisioningService
from werkzeug.serving import make_server

from demo_lms.running import QuietHandler
from tests.support.rsa_keys import generate_private_key

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
PEOPLE = {
    "t-1": ("María Núñez", "maria@example.org", MEMBERSHIP + "Instructor"),
    "s-1": ("João Araújo", "joao@example.org", MEMBERSHIP + "Learner"),
    "s-2": ("أمينة السعدي", "amina@example.org", MEMBERSHIP + "Learner"),
}
FORM = """<!doctype html><form method="post" action="{{ launch_url }}">
<input type="hidden" name="id_token" value="{{ id_token }}">
<input type="hidden" name="state" value="{{ state }}"></form>"""


@cache
def pem_pair() -> tuple[str, str]:
    """An RSA key for all platforms of the run: its private and its public half, as PEM."""
    key = generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


class FlaskRequest(Request):
    """The request of the moment, as the library reads it."""

    def build_metadata(self, given: Any) -> Any:
        numbers = ("page", "limit")
        query = {k: int(v) if k in numbers else v for k, v in given.args.items()}
        return {
            "method": given.method,
            "form_data": given.form.to_dict(),
            "get_data": query,
            "headers": given.headers,
            "content_type": given.content_type,
            "path": given.path,
            "json": given.get_json(force=True, silent=True) if given.data else None,
        }


class Conf(LTI1P3PlatformConfAbstract):
    """The one registration of this platform."""

    def init_platform_config(self, registration: Registration, **_: Any) -> None:
        self._registration = registration

    def get_registration_by_params(self, **_: Any) -> Registration:
        assert self._registration is not None
        return self._registration


class Login(OIDCLoginAbstract):
    def set_lti_message_hint(self, **kwargs: Any) -> None:
        self._lti_message_hint = kwargs["hint"]

    def get_redirect(self, url: str) -> Any:
        return redirect(url)


class Launch(LTIAdvantageMessageLaunchAbstract):
    def render_launch_form(self, launch_data: Any, **_: Any) -> str:
        return render_template_string(FORM, **launch_data)


class Grades(AssignmentsGradesService):
    """Line items and scores in dictionaries of the platform."""

    platform: "LightPlatform"

    def find_lineitems(self, page: int = 1, limit: int | None = None, **filters: Any) -> Any:
        names = {"resource_link_id": "resourceLinkId", "resource_id": "resourceId", "tag": "tag"}
        found = [
            item
            for item in self.platform.line_items.values()
            if all(item.get(names[k]) == v for k, v in filters.items() if k in names)
        ]
        return _page(found, page, limit)

    def find_lineitem(self, line_item_id: str) -> Any:
        if line_item_id not in self.platform.line_items:
            raise LineItemNotFoundException
        return self.platform.line_items[line_item_id]

    def create_lineitem(self, creation_data: Any) -> Any:
        id_ = secrets.token_hex(4)
        made = {**creation_data, "id": f"{self.platform.url}/line-items/{id_}"}
        self.platform.line_items[id_] = made
        return made

    def update_lineitem(self, update_data: Any) -> Any:
        id_ = update_data["id"]
        stored = self.find_lineitem(id_)
        self.platform.line_items[id_] = {**update_data, "id": stored["id"]}
        return self.platform.line_items[id_]

    def delete_lineitem(self, line_item_id: str) -> None:
        self.find_lineitem(line_item_id)
        del self.platform.line_items[line_item_id]

    def update_score(self, line_item_id: str, score: Any) -> UpdateScoreStatus:
        self.find_lineitem(line_item_id)
        known = self.platform.scores.get((line_item_id, score["userId"]))
        if known and known["timestamp"] >= score["timestamp"]:
            return UpdateScoreStatus.OLD_TIMESTAMP
        self.platform.scores[line_item_id, score["userId"]] = score
        return UpdateScoreStatus.SUCCESS

    def get_results(
        self, line_item_id: str, page: int = 1, limit: int | None = None, user_id: Any = None
    ) -> Any:
        item = self.find_lineitem(line_item_id)
        found = [
            {
                "id": f"{item['id']}/results/{user}",
                "scoreOf": item["id"],
                "userId": user,
                "resultScore": score["scoreGiven"] / score["scoreMaximum"] * item["scoreMaximum"],
                "resultMaximum": item["scoreMaximum"],
            }
            for (of, user), score in self.platform.scores.items()
            if of == line_item_id and user_id in (None, user)
        ]
        return _page(found, page, limit)


class Members(NamesRoleProvisioningService):
    def get_member_data_page(
        self, page: int = 1, limit: int | None = None, role: str | None = None, **_: Any
    ) -> Any:
        found = [
            {"user_id": id_, "name": name, "email": email, "roles": [own]}
            for id_, (name, email, own) in PEOPLE.items()
            if role in (None, own)
        ]
        return _page(found, page, limit)

    def get_context_by_id(self) -> Context:
        return Context(id="course-1", label="C 1", title="Curso «uno»")

    def is_resource_link_valid(self, context_id: str, resource_link_id: str) -> bool:
        return resource_link_id == "link-1"


def _page(items: list[Any], page: int, limit: int | None) -> Any:
    size = limit or 100
    start = (page - 1) * size
    return {"content": items[start : start + size], "has_next": start + size < len(items)}


class LightPlatform:
    """A platform on a loopback port, for one tool; ``items`` are what deep linking chose."""

    def __init__(self, tool_url: str, client_id: str = "light-client") -> None:
        app = Flask("light_platform")
        self.server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
        self.url = f"http://127.0.0.1:{self.server.port}"
        self.line_items: dict[str, Any] = {}
        self.scores: dict[tuple[str, str], Any] = {}
        self.items: list[dict[str, Any]] = []
        self.custom: dict[str, str] = {"module": "module-4"}
        private, public = pem_pair()
        self.registration = (
            Registration()
            .set_iss(self.url)
            .set_client_id(client_id)
            .set_deployment_id("1")
            .set_launch_url(tool_url + "/lti/launch")
            .set_deeplink_launch_url(tool_url + "/lti/launch")
            .set_oidc_login_url(tool_url + "/lti/login")
            .set_tool_key_set_url(tool_url + "/lti/jwks")
            .set_platform_public_key(public)
            .set_platform_private_key(private)
        )
        self._route(app)
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> "LightPlatform":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self._thread.join(10)
        self.server.server_close()

    def conf(self) -> Conf:
        return Conf(registration=self.registration)

    def _route(self, app: Flask) -> None:
        app.add_url_rule("/launch/<kind>/<user>", view_func=self._begin)
        app.add_url_rule("/authorize", view_func=self._authorize, methods=["GET", "POST"])
        app.add_url_rule("/jwks", view_func=lambda: jsonify(self.conf().get_jwks()))
        app.add_url_rule("/token", view_func=self._token, methods=["POST"])
        app.add_url_rule("/chosen", view_func=self._chosen, methods=["POST"])
        app.add_url_rule("/members", view_func=self._members)
        app.add_url_rule("/line-items", view_func=self._collection, methods=["GET", "POST"])
        app.add_url_rule(
            "/line-items/<id_>", view_func=self._item, methods=["GET", "PUT", "DELETE"]
        )
        app.add_url_rule("/line-items/<id_>/scores", view_func=self._scores, methods=["POST"])
        app.add_url_rule("/line-items/<id_>/results", view_func=self._results)

    # The launch --------------------------------------------------------------------------

    def _begin(self, kind: str, user: str) -> Any:
        login = Login(FlaskRequest(request), self.conf())
        login.set_lti_message_hint(hint=f"{kind}-{user}")
        return login.initiate_login(user)

    def _authorize(self) -> Any:
        kind, _, user = request.values["lti_message_hint"].partition("-")
        name, email, role = PEOPLE[user]
        launch = Launch(FlaskRequest(request), self.conf())
        launch.set_user_data(user, [role], full_name=name, email_address=email)
        launch.set_launch_context_claim("course-1", context_title="Curso «uno»")
        launch.set_launch_presentation_claim("iframe", self.url + "/back")
        launch.set_ags(self.url + "/line-items")
        launch.set_nrps(self.url + "/members")
        if kind == "choose":
            launch.set_dl(self.url + "/chosen", accept_types={"ltiResourceLink"})
        else:
            launch.set_resource_link_claim("link-1", title="Módulo")
            launch.set_custom_parameters_claim(self.custom)
        return launch.lti_launch()

    def _chosen(self) -> str:
        self.items = self.conf().validate_deeplinking_resp(request.form.to_dict())
        return "<p>Chosen.</p>"

    def _token(self) -> Any:
        try:
            return jsonify(self.conf().get_access_token(request.form.to_dict()))
        except LtiException as error:
            return jsonify(error="invalid_client", error_description=str(error)), 401

    # Services ----------------------------------------------------------------------------

    def _grades(self) -> Grades:
        service = Grades(FlaskRequest(request), self.conf(), self.url + "/line-items")
        service.platform = self
        return service

    def _members(self) -> Response:
        service = Members(FlaskRequest(request), self.conf(), self.url + "/members")
        return _sent(service.handle_resp(service.handle_get_members))

    def _collection(self) -> Response:
        service = self._grades()
        if request.method == "POST":
            return _sent(service.handle_resp(service.handle_create_lineitem))
        return _sent(service.handle_resp(service.handle_get_lineitems))

    def _item(self, id_: str) -> Response:
        service = self._grades()
        handle = {
            "GET": service.handle_get_lineitem,
            "PUT": service.handle_update_lineitem,
            "DELETE": service.handle_delete_lineitem,
        }[request.method]
        return _sent(service.handle_resp(handle, line_item_id=id_))

    def _scores(self, id_: str) -> Response:
        service = self._grades()
        return _sent(service.handle_resp(service.handle_update_score, line_item_id=id_))

    def _results(self, id_: str) -> Response:
        service = self._grades()
        return _sent(service.handle_resp(service.handle_get_results, line_item_id=id_))


def _sent(answer: ServiceResponse) -> Response:
    """An answer of the library as HTTP: a list goes bare, with its next page as a Link."""
    body = answer.result
    sent = jsonify(body["content"] if isinstance(body, dict) and "content" in body else body)
    sent.status_code = answer.code
    sent.content_type = answer.media_type
    if isinstance(body, dict) and body.get("next"):
        sent.headers["Link"] = generate_next_link(body["next"])
    if answer.result is None:
        sent.set_data(b"")
    return sent
