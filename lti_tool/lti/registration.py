"""What the tool and a platform know of each other: one issuer and one client id."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Registration:
    """A platform's registration of this tool (LTI Core 1.3 §3.1.1; Security Framework 1.0 §5).

    ``token_audience`` is None where the platform expects its token endpoint's address as the
    audience of the client assertion. ``product`` is the platform's product family code
    (``moodle``, ``canvas``…), where known. ``frame_origins`` are what an administrator added.
    """

    issuer: str
    client_id: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    id: int | None = None
    token_audience: str | None = None
    product: str | None = None
    active: bool = True
    frame_origins: tuple[str, ...] = ()
