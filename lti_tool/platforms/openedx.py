"""Open edX. https://github.com/openedx/xblock-lti-consumer.

A unit holds one registration of its own (issuer, client id, deployment ``1``), entered by hand in
Studio; there is no dynamic registration, and the redirect address must match exactly.
"""

from lti_tool.platforms.profile import PlatformProfile

OPENEDX = PlatformProfile(product="openedx")
