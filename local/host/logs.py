"""One log format for the host and the app, to standard error."""

import contextvars
import logging
import os
import sys

invocation_id_of_log: contextvars.ContextVar[str] = contextvars.ContextVar("invocation_id", default="-")


class _AddInvocationId(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.invocation = invocation_id_of_log.get()[:8]
        return True


def configure_logging() -> None:
    """Root logger at INFO, or DEBUG with PYTHON_ENABLE_DEBUG_LOGGING=1, the platform's switch.

    The app's lines carry the first eight characters of the invocation id.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_AddInvocationId())
    handler.setFormatter(
        logging.Formatter("%(asctime)s.%(msecs)03d %(levelname)s [%(invocation)s] %(name)s: %(message)s", "%H:%M:%S")
    )
    level = logging.DEBUG if os.environ.get("PYTHON_ENABLE_DEBUG_LOGGING") == "1" else logging.INFO
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # The host polls queues with the same SDK as the app: its line per HTTP request would drown everything.
    for noisy in ("azure.core.pipeline.policies.http_logging_policy", "azure.identity", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
