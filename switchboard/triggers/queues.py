"""Registers the functions that queue messages trigger: they observe calls, archive them, and keep what failed.

A queue may deliver a message more than once, so each function may run more than once for the same message.
"""

import time

import azure.functions as func

from switchboard.late import LateServices
from switchboard.record.queues import (
    CALL_SUMMARIES,
    OBSERVE_CALLS,
    POISON_SUFFIX,
    read_observe_message,
    read_summary_message,
    summary_message,
)

# This is the host's own storage: a connection string, or an identity and AzureWebJobsStorage__queueServiceUri.
CONNECTION = "AzureWebJobsStorage"
# Every 10 seconds: with LAPSE_SECONDS this bounds how long a call may be without an observer.
SWEEP_SCHEDULE = "*/10 * * * * *"


def queues_blueprint(services: LateServices) -> func.Blueprint:
    """Return the blueprint with observe_call, archive_call_summary and the functions for poison messages."""
    blueprint = func.Blueprint()

    @blueprint.queue_trigger("message", OBSERVE_CALLS, CONNECTION)
    # The output is bytes, because the host parses and rewrites text that looks like JSON. If writing it fails, the
    # message is delivered again, and the observer then finds in the journal that the call has ended.
    @blueprint.queue_output("summaries", CALL_SUMMARIES, CONNECTION)
    async def observe_call(message: func.QueueMessage, summaries: func.Out[bytes]) -> None:
        call = read_observe_message(message.get_body())
        if await (await services.soon()).observers.observe(call):
            summaries.set(summary_message(call.call_id))

    @blueprint.queue_trigger("message", CALL_SUMMARIES, CONNECTION)
    def archive_call_summary(message: func.QueueMessage) -> None:
        services.now().archive.summarise(read_summary_message(message.get_body()).call_id)

    @blueprint.queue_trigger("message", OBSERVE_CALLS + POISON_SUFFIX, CONNECTION)
    def archive_poison_message(message: func.QueueMessage) -> None:
        _keep_poison(services, OBSERVE_CALLS, message)

    @blueprint.queue_trigger("message", CALL_SUMMARIES + POISON_SUFFIX, CONNECTION)
    def archive_poison_summary_message(message: func.QueueMessage) -> None:
        _keep_poison(services, CALL_SUMMARIES, message)

    @blueprint.timer_trigger("timer", SWEEP_SCHEDULE, use_monitor=False)
    def sweep(timer: func.TimerRequest) -> None:  # noqa: ARG001  the platform passes it by name
        services.now().sweep.run()

    return blueprint


def _keep_poison(services: LateServices, queue: str, message: func.QueueMessage) -> None:
    arrived = message.insertion_time.timestamp() if message.insertion_time else time.time()
    services.now().poison.handle(queue, message.id or "unnamed", arrived, message.get_body())
