"""This module sets the one log format of the host and the app, which log to standard error."""

import contextvars
import logging
import os
import sys

invocation_id_of_log: contextvars.ContextVar[str] = contextvars.ContextVar("invocation_id", default="-")
"""The id of the invocation that the current task belongs to, which its log lines show."""


class _AddInvocationId(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.invocation = invocation_id_of_log.get()[:8]
        return True


def configure_logging() -> None:
    """Log INFO and above, or also DEBUG when the platform's switch PYTHON_ENABLE_DEBUG_LOGGING is 1.

    Lines of an invocation carry the first eight characters of its id.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_AddInvocationId())
    handler.setFormatter(
        logging.Formatter("%(asctime)s.%(msecs)03d %(levelname)s [%(invocation)s] %(name)s: %(message)s", "%H:%M:%S")
    )
    level = logging.DEBUG if os.environ.get("PYTHON_ENABLE_DEBUG_LOGGING") == "1" else logging.INFO
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # The host polls queues with the same SDK as the app, whose line for each HTTP request would drown all others.
    for noisy in ("azure.core.pipeline.policies.http_logging_policy", "azure.identity", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
