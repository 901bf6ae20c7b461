"""Open edX. https://github.com/openedx/xblock-lti-consumer.

A unit has one registration of its own (issuer, client id, deployment ``1``), entered by hand in
Studio. There is no dynamic registration, and the redirect URI must match exactly.
"""

from lti_tool.lti.platform_profile import PlatformProfile

OPENEDX = PlatformProfile(product="openedx", display_name="Open edX")
