"""Makes the tools with which the model steers its own call."""

from typing import Annotated

import msgspec

from switchboard.tools.call import EndCall, HandOver
from switchboard.tools.definition import tool

_Reason = Annotated[str, msgspec.Meta(max_length=500, description="Why, in one sentence.")]


@tool(once=True)
async def end_call() -> EndCall:
    """End the call when the caller has said goodbye or wants nothing more.

    Afterwards you have one more sentence to say goodbye, and then the gateway hangs up.
    """
    return EndCall()


@tool(once=True)
async def hand_over(reason: _Reason) -> HandOver:
    """Ask for a person to look at this call, when the caller asks for one or when you cannot help.

    The call goes on. Nobody joins it at once, so promise nothing but that somebody has been told.
    """
    return HandOver(reason)
