"""The hub as one web application: the API, and what stands beside it on the same address.

Source: DESIGN §5. Tokens of the hub's own, the engagement index's notifications, the console, and
the description of what is no FHIR.
"""

from fastapi import FastAPI
from starlette.routing import BaseRoute, Route

from hub.api.app import create_app
from hub.oauth.configuration import WELL_KNOWN, smart_configuration
from hub.oauth.endpoints import oauth
from hub.openapi import openapi
from hub.running import Hub
from hub.soap.endpoint import soap
from hub.web.console import add_console


def application(hub: Hub) -> FastAPI:
    """Return the API of a hub with /oauth, /soap, /granskning and /openapi.json."""
    configuration = smart_configuration(hub)
    beside: list[BaseRoute] = [
        *(Route(path, configuration, methods=["GET"]) for path in WELL_KNOWN),
        *(Route(path, endpoint, methods=["POST"]) for path, endpoint in oauth(hub).items()),
        Route("/soap/{operation}", soap(hub), methods=["GET", "POST"]),
        Route("/openapi.json", openapi, methods=["GET"]),
    ]
    app = create_app(hub, beside)
    add_console(app, hub)
    return app
