"""The parts of the local Functions host; README.md beside this file says what it imitates and what it does not.

settings   host.json and local.settings.json
loading    function_app.py -> LoadedFunction, with the worker's own objections to a bad app
worker     the app's side: its event loop, its thread pool, one invocation
values     Out, Context, and the Datum values that go in and come out
outputs    what the host makes of a queue output (JSON rewritten, arrays split, 64 KiB)
storage    connections, queues, messages
listener   one queue trigger: polling, renewal, deletion, poison
routes     route templates, methods, precedence
http_edge  the HTTP server
host       all of them together, from start to end
logs       the one log format
invoker    from a trigger to the worker and on to the outputs: time limit, log line
"""
