"""Defines what all lines of a journal have in common."""

from typing import Self

import msgspec


class Line(msgspec.Struct, tag_field="type", frozen=True, omit_defaults=True, kw_only=True):
    """This is the base of all lines."""

    at: float
    """When it happened, in Unix seconds by the gateway's clock."""
    event_id: str = ""
    """The id of the service's event that the line was made from; empty when the gateway wrote it by itself."""
    observer: str = ""
    """The id of the observer that wrote the line; empty when somebody else did. It tells two observers apart."""

    def by(self, observer: str) -> Self:
        """Return the line with the id of the observer that writes it."""
        return msgspec.structs.replace(self, observer=observer)
