"""Reads single app settings from a mapping of names to texts, and collects what is wrong with them."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

import msgspec

T = TypeVar("T")

# A switch may be written in these ways, in any setting.
SWITCH = {"true": True, "on": True, "false": False, "off": False}


class Values:
    """Reads values from the mapping and collects their faults."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.faults: list[str] = []
        """What is wrong, one sentence for each fault: first the name of the setting."""

    def raw(self, name: str) -> str:
        """Return the text of a setting without surrounding white space; empty if it is not set."""
        return self._environ.get(name, "").strip()

    def fault(self, name: str, what: str) -> None:
        """Note what is wrong with a setting. The words must not contain the value of a secret."""
        self.faults.append(f"{name} {what}")

    def text(self, name: str, default: str = "", *, required: bool = False) -> str:
        """Return the text of a setting, or the default. A required one that is missing is a fault."""
        value = self.raw(name) or default
        if required and not value:
            self.fault(name, "is missing")
        return value

    def value(self, name: str, kind: Any, default: T) -> T:
        """Return a number or a choice of the given type, or the default if the setting is not set or at fault."""
        return self._convert(name, default, lambda text: msgspec.convert(text, kind, strict=False))

    def json(self, name: str, kind: Any, default: T) -> T:
        """Return what a setting holds as JSON of the given type, or the default if it is not set or at fault."""
        return self._convert(name, default, lambda text: msgspec.json.decode(text, type=kind))

    def _convert(self, name: str, default: T, read: Callable[[str], Any]) -> T:
        text = self.raw(name)
        if not text:
            return default
        try:
            value: T = read(text)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            self.fault(name, f"cannot be read: {error}")
            return default
        return value

    def switch(self, name: str, *, default: bool) -> bool:
        """Return whether a switch is on, or the default if it is not set. Anything else but a switch is a fault."""
        value = self.raw(name).lower()
        if value and value not in SWITCH:
            self.fault(name, "is a switch: true or false (on and off mean the same)")
        return SWITCH.get(value, default)


def url_parts(url: str) -> SplitResult | None:
    """Return the parts of a URL, or None if it cannot be taken apart, or has a port that is not one."""
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else None
    except ValueError:
        return None
