"""Puts the app together, and is the only place that reads the environment: settings -> blueprints -> app.

If the settings, the assistants' files or the tools cannot work, the app stops here before any function is indexed, and
names every fault at once.
"""

import logging
import os
from pathlib import Path

from switchboard.environment import read_settings
from switchboard.late import LateServices
from switchboard.tools.team import read_team
from switchboard.triggers.about import about_blueprint
from switchboard.triggers.app import App
from switchboard.triggers.calls import calls_blueprint
from switchboard.triggers.openai import openai_blueprint
from switchboard.triggers.openapi import openapi_blueprint
from switchboard.triggers.operators import operators_blueprint
from switchboard.triggers.queues import queues_blueprint
from switchboard.triggers.signalling import signalling_blueprint
from switchboard.triggers.unknown import unknown_blueprint

# At INFO, which is the host's level, azure-core would log each request with its URL.
logging.getLogger("azure.core.pipeline.policies.http_logging_policy").setLevel(logging.WARNING)
logging.getLogger("azure.identity").setLevel(logging.WARNING)

settings = read_settings(os.environ)
assistants, team = read_team(Path(__file__).parent, settings)
services = LateServices(settings, assistants, team)

BEHIND_THE_SITE = (
    *(signalling_blueprint, calls_blueprint, openai_blueprint, about_blueprint, openapi_blueprint),
    *(operators_blueprint, unknown_blueprint, queues_blueprint),
)
# The app behind the site observes and archives the calls of the direct gateway too: both use the same queues.
DIRECT = (openai_blueprint, unknown_blueprint, about_blueprint)

app = App(services.warm_up)
for blueprint in DIRECT if settings.direct_gateway else BEHIND_THE_SITE:
    app.register_functions(blueprint(services))
