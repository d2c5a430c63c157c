"""Checks the variables of the azd environment before anything is deployed.

azd drops a number that it cannot read and takes the default without a word, and what the template refuses comes back
as a long message of the Resource Manager. Here each fault is one sentence, and all are told at once. variables.json
says what each variable may be; the tests compare it with main.bicep. An empty variable counts as one that is not set.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

SWITCH = ("true", "false", "on", "off")
ON = ("true", "on")
GROUP_ID = re.compile(r"/subscriptions/[^/]+/resourceGroups/[^/]+", re.IGNORECASE)


def region(text: str) -> str:
    """Return a region as Azure writes it: `Sweden Central` is swedencentral."""
    return text.replace(" ", "").lower()


def is_on(env: Mapping[str, str], name: str) -> bool:
    """Return whether a switch that is off by default has been switched on."""
    return env.get(name, "") in ON


def faults(env: Mapping[str, str], table: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each variable that cannot be deployed, none where all can."""
    given = {name: value for name, value in env.items() if value}
    return [*_one_by_one(given, table), *_together(given)]


def _one_by_one(env: Mapping[str, str], table: Mapping[str, Any]) -> Iterator[str]:
    for name in table["switches"]:
        if env.get(name, "true") not in SWITCH:
            yield f"{name} is {env[name]!r}: a switch is true or false (on and off mean the same), in small letters."
    for name, (least, most) in table["integers"].items():
        yield from _integer(name, env.get(name), least, most)
    for name, choices in table["choices"].items():
        if env.get(name, choices[0]) not in choices:
            yield f"{name} is {env[name]!r}: it is one of {', '.join(choices)}."
    for name in table["objects"]:
        if name in env and not _is_object(env[name]):
            yield f"{name} is not a JSON object such as {{}}."
    for name in table["texts"]:
        if re.search(r'["\\\r\n]', env.get(name, "")):
            yield f"{name} has a quote, a backslash or a line break, and azd puts it into JSON as it is."


def _integer(name: str, value: str | None, least: int, most: int | None) -> Iterator[str]:
    if value is None:
        return
    if not re.fullmatch(r"-?\d+", value):
        yield f"{name} is {value!r}: it is a whole number."
    elif int(value) < least or (most is not None and int(value) > most):
        yield f"{name} is {value}: it is {f'{least} to {most}' if most is not None else f'{least} or more'}."


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _together(env: Mapping[str, str]) -> Iterator[str]:
    """What is wrong only beside another variable."""
    if env.get("MONTHLY_BUDGET", "0") != "0" and "ALERT_EMAIL" not in env:
        yield "MONTHLY_BUDGET is set without ALERT_EMAIL: a budget does nothing but send mail."
    if is_on(env, "DIRECT_GATEWAY"):
        yield from _direct_gateway(env)
    subnets = [name in env for name in ("VNET_ENDPOINTS_SUBNET_ID", "VNET_GATEWAY_SUBNET_ID")]
    if any(subnets) and not (all(subnets) and is_on(env, "VNET_ENABLED")):
        yield "VNET_ENDPOINTS_SUBNET_ID and VNET_GATEWAY_SUBNET_ID belong together, with VNET_ENABLED=true."
    zones = env.get("PRIVATE_DNS_ZONES", "none")
    if zones != "none" and not GROUP_ID.fullmatch(zones):
        yield "PRIVATE_DNS_ZONES is neither the resource id of a resource group nor the word none."
    start = env.get("BUDGET_START_DATE", "2026-01-01")
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])-01", start):
        yield f"BUDGET_START_DATE is {start!r}: it is the first day of a month, such as 2026-11-01."


def _direct_gateway(env: Mapping[str, str]) -> Iterator[str]:
    for name in ("DIRECT_GATEWAY_CLIENT_ID", "DIRECT_GATEWAY_APPLICATIONS"):
        if name not in env:
            yield f"DIRECT_GATEWAY is on and {name} is missing: without it the platform would let nobody in."
    if env.get("SIGNALLING") == "token" or env.get("REALTIME_PROTOCOL") == "preview":
        yield "DIRECT_GATEWAY relays offers of the GA protocol: SIGNALLING must be proxy or both, REALTIME_PROTOCOL ga."
