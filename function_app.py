"""Composition root, and the only place that reads the environment: settings -> services -> blueprints -> app.

Settings that cannot work stop the app here, all faults named at once, before any function is indexed.
"""

import logging
import os

import azure.functions as func

from switchboard.environment import read_settings
from switchboard.services import build
from switchboard.triggers.about import about_blueprint
from switchboard.triggers.calls import calls_blueprint
from switchboard.triggers.openai import openai_blueprint
from switchboard.triggers.openapi import openapi_blueprint
from switchboard.triggers.queues import queues_blueprint
from switchboard.triggers.signalling import signalling_blueprint

# azure-core logs each request with its URL at INFO, which is the level the host runs at.
logging.getLogger("azure.core.pipeline.policies.http_logging_policy").setLevel(logging.WARNING)
logging.getLogger("azure.identity").setLevel(logging.WARNING)

services = build(read_settings(os.environ))

# Function keys would have to live in the page; who may call is decided in switchboard.callers.
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
for blueprint in (
    *(signalling_blueprint, calls_blueprint, openai_blueprint, about_blueprint, openapi_blueprint),
    queues_blueprint,
):
    app.register_functions(blueprint(services))
