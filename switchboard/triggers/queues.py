"""What the queues trigger: observing calls, archiving them, and keeping what failed. Each may run more than once."""

import time

import azure.functions as func

from switchboard.record.queues import (
    CALL_SUMMARIES,
    OBSERVE_CALLS,
    POISON_SUFFIX,
    read_observe_message,
    read_summary_message,
    summary_message,
)
from switchboard.services import Services

# The host's own storage connection, by connection string or by identity (AzureWebJobsStorage__queueServiceUri).
CONNECTION = "AzureWebJobsStorage"


def queues_blueprint(services: Services) -> func.Blueprint:
    """observe_call, archive_call_summary, and what keeps the messages that failed too often."""
    blueprint = func.Blueprint()

    @blueprint.queue_trigger("message", OBSERVE_CALLS, CONNECTION)
    # Bytes, because the host parses and rewrites text that looks like JSON. If this write fails the message comes back,
    # and the observer finds in the journal that the call has ended.
    @blueprint.queue_output("summaries", CALL_SUMMARIES, CONNECTION)
    async def observe_call(message: func.QueueMessage, summaries: func.Out[bytes]) -> None:
        call = read_observe_message(message.get_body())
        await services.observers.observe(call)
        summaries.set(summary_message(call.call_id))

    @blueprint.queue_trigger("message", CALL_SUMMARIES, CONNECTION)
    def archive_call_summary(message: func.QueueMessage) -> None:
        services.archive.summarise(read_summary_message(message.get_body()).call_id)

    @blueprint.queue_trigger("message", OBSERVE_CALLS + POISON_SUFFIX, CONNECTION)
    def archive_poison_message(message: func.QueueMessage) -> None:
        _keep_poison(services, OBSERVE_CALLS, message)

    @blueprint.queue_trigger("message", CALL_SUMMARIES + POISON_SUFFIX, CONNECTION)
    def archive_poison_summary_message(message: func.QueueMessage) -> None:
        _keep_poison(services, CALL_SUMMARIES, message)

    return blueprint


def _keep_poison(services: Services, queue: str, message: func.QueueMessage) -> None:
    arrived = message.insertion_time.timestamp() if message.insertion_time else time.time()
    services.poison.handle(queue, message.id or "unnamed", arrived, message.get_body())
