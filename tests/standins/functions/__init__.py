"""The Functions host over the platform's own worker library (azure-functions-runtime), and several of them at once.

fleet     several instances on one storage: kills, deployments, replacements, and the timers
instance  one instance: HTTP, queues and a worker process; it is started, drained, or killed
process   the worker process, which runs tests/app/runtime_driver.py in .venv-runtime
timers    sans-I/O: which instance runs the timers

HTTP edge, routes, queue listener and outputs are those of local/host, which imitates the real host. What this one does
not do, on purpose: instances serve every function (on Flex Consumption each queue and timer function has instances of
its own), nothing scales, and the host lives in the harness's process: when an instance is killed, its worker dies by
SIGKILL, and its half of the host forgets at once what it was doing.
"""
