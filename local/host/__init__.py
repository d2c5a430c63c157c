"""This program is the local Functions host; README.md beside this file says what it imitates and what it does not.

This is the map of the package. A module imports modules below it and never one above it; import-linter enforces
that, and a test compares this map with its contracts.

    __main__     reads the command line, and ends the process or replaces it
    host         runs all the parts below together, from start to end
    http_edge    the HTTP server: turns requests into invocations
    listener     one queue trigger: polls, invokes, renews, settles, moves to the poison queue
    timer        one timer trigger: invokes by its schedule
    invoker      takes an invocation through the worker and on to its outputs, within the time limit
    worker       the app's side: its event loop, its thread pool, one invocation
    routes       route templates, methods and precedence
    loading      imports function_app.py and objects to what the platform's worker objects to
    outputs      what the host makes of a queue output: JSON rewritten, arrays split, at most 64 KiB
    storage      connections, queues and messages
    values       the values that go into a function and come out of it
    settings     host.json and local.settings.json
    logs         the one log format
"""
