"""This package stands in for Azure on a developer's machine. It is never deployed.

This is the map of the package. The three programs do not import each other, nor anything of `switchboard`;
import-linter enforces that, and a test compares this map with its contracts.

    run          `make run`: starts everything on this machine
    host/        `python -m local.host`: serves function_app.py as the Functions host does
    realtime/    `python -m local.realtime`: emulates the Azure OpenAI Realtime API
"""
