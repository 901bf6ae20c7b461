"""Open edX' LTI consumer (``lti-consumer-xblock``) in this process, behind two routes.

Its classes want Django: settings are configured once, with a cache in local memory and no database.
"""

import threading
from typing import Any

import django
from django.conf import settings
from flask import Flask, jsonify, redirect, render_template_string, request
from werkzeug.serving import make_server

from demo_lms.running import QuietHandler
from tests.interop.light_platform import FORM, pem_pair

if not settings.configured:
    settings.configure(
        PLATFORM_NAME="Open edX",
        LMS_ROOT_URL="http://127.0.0.1",
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "lti_consumer"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        FEATURES={},
    )
    django.setup()

from lti_consumer.data import Lti1p3LaunchData
from lti_consumer.lti_1p3.constants import LTI_1P3_CONTEXT_TYPE
from lti_consumer.lti_1p3.consumer import LtiAdvantageConsumer
from lti_consumer.utils import get_data_from_cache

NAMES = {"staff": "María Núñez", "student": "João Araújo", "instructor": "Akua Mensah"}


class OpenEdx:
    """An Open edX site on a loopback port; ``items`` are what deep linking chose."""

    def __init__(self, tool_url: str, client_id: str = "3b1c-edx") -> None:
        app = Flask("open_edx")
        self.server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
        self.url = f"http://127.0.0.1:{self.server.port}"
        self.client_id = client_id
        self.items: list[dict[str, Any]] = []
        self.granted: dict[str, Any] = {}
        private, _ = pem_pair()
        self._settings = {
            "iss": self.url,
            "lti_oidc_url": tool_url + "/lti/login",
            "lti_launch_url": tool_url + "/lti/launch",
            "client_id": client_id,
            "deployment_id": "1",
            "rsa_key": private,
            "rsa_key_id": "edx-key-1",
            "redirect_uris": [tool_url + "/lti/launch"],
            "tool_keyset_url": tool_url + "/lti/jwks",
        }
        self._tool_url = tool_url
        app.add_url_rule("/launch/<message>/<role>", view_func=self._begin)
        app.add_url_rule("/authorize", view_func=self._authorize, methods=["GET", "POST"])
        app.add_url_rule("/jwks", view_func=lambda: jsonify(self.consumer().get_public_keyset()))
        app.add_url_rule("/token", view_func=self._token, methods=["POST"])
        app.add_url_rule("/chosen", view_func=self._chosen, methods=["POST"])
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> "OpenEdx":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self._thread.join(10)
        self.server.server_close()

    def consumer(self) -> LtiAdvantageConsumer:
        """A consumer as the platform makes one for each request."""
        consumer = LtiAdvantageConsumer(**self._settings)
        consumer.enable_deep_linking(self._tool_url + "/lti/launch", self.url + "/chosen")
        consumer.enable_ags(self.url + "/ags", allow_programmatic_grade_interaction=True)
        consumer.enable_nrps(self.url + "/members")
        return consumer

    def _begin(self, message: str, role: str) -> Any:
        data = Lti1p3LaunchData(
            user_id=role,
            external_user_id=f"edx-{role}",
            user_role=role,
            config_id="config-1",
            resource_link_id="block-v1:Minga+1+1+type@lti_consumer+block@a1",
            name=NAMES[role],
            message_type=message,
            context_id="course-v1:Minga+1+1",
            context_title="Cooperación",
        )
        return redirect(self.consumer().prepare_preflight_url(data))

    def _authorize(self) -> Any:
        values = request.values.to_dict()
        data = get_data_from_cache(values["lti_message_hint"])
        consumer = self.consumer()
        consumer.set_user_data(data.external_user_id, data.user_role, full_name=data.name)
        consumer.set_resource_link_claim(data.resource_link_id)
        consumer.set_launch_presentation_claim(document_target="iframe")
        consumer.set_context_claim(
            data.context_id, [LTI_1P3_CONTEXT_TYPE.course_offering], data.context_title
        )
        consumer.set_custom_parameters({"module": "module-4"})
        launch = consumer.generate_launch_request(values)
        return render_template_string(FORM, launch_url=values["redirect_uri"], **launch)

    def _chosen(self) -> str:
        self.items = self.consumer().check_and_decode_deep_linking_token(request.form["JWT"])
        return "<p>Chosen.</p>"

    def _token(self) -> Any:
        self.granted = self.consumer().access_token(request.form.to_dict())
        return jsonify(self.granted)
