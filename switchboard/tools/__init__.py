"""The tools that the model may call: typed Python functions, which the gateway runs beside the call.

A team's own tools are in the folder `tools/` beside function_app.py, and import what they need from here:

    from switchboard.tools import tool

    @tool
    def count_days(start: date, end: date) -> int:
        \"\"\"Return how many days lie between two dates.\"\"\"
        return (end - start).days

docs/tools.md says what a tool may be, and what the gateway does with it.
"""

from switchboard.tools.call import Call, EndCall, HandOver, ToolError
from switchboard.tools.definition import tool

__all__ = ["Call", "EndCall", "HandOver", "ToolError", "tool"]
