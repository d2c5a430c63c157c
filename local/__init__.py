"""This package stands in for Azure on a developer's machine. It is never deployed.

This is the map of the package. The four programs do not import each other, nor anything of `switchboard`;
import-linter enforces that, and a test compares this map with its contracts.

    run          `make run`: starts everything on this machine
    edge         `python -m local.edge`: refuses preflight requests to the API, as the edge of Static Web Apps does
    host/        `python -m local.host`: serves function_app.py as the Functions host does
    realtime/    `python -m local.realtime`: emulates the Azure OpenAI Realtime API
"""
