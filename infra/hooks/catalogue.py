"""Asks the live catalogue of models whether what is to be deployed exists, and how long it will."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from arm import CANNOT_ASK
from variables import region

# Deployments are made with this one (modules/model.bicep).
SKU = "GlobalStandard"
WARN_DAYS = 60
API_VERSION = "2025-06-01"

Entries = list[dict[str, Any]]


class Wanted(NamedTuple):
    """One deployment as the template would make it; `retires` as the project knows it, empty where it does not."""

    model: str
    version: str
    capacity: int
    retires: str


class Verdict(NamedTuple):
    """Sentences: `faults` stop the deployment, `notes` are only told."""

    faults: list[str]
    notes: list[str]


def wanted(env: Mapping[str, str], models: Mapping[str, Any]) -> list[Wanted]:
    """Return the deployments that the environment asks for; none where an account is there already."""
    if env.get("AZURE_OPENAI_ACCOUNT_ID"):
        return []
    voice = env.get("REALTIME_MODEL") or "gpt-realtime-2.1"
    words = env.get("TRANSCRIPTION_MODEL") or "gpt-realtime-whisper"
    capacity = int(env.get("TRANSCRIPTION_CAPACITY") or 0) or models["transcription"][words]["capacity"]
    return [
        _wanted(voice, env.get("REALTIME_MODEL_VERSION"), int(env.get("REALTIME_CAPACITY") or 5), models["realtime"]),
        _wanted(words, env.get("TRANSCRIPTION_MODEL_VERSION"), capacity, models["transcription"]),
    ]


def _wanted(model: str, version: str | None, capacity: int, known: Mapping[str, Any]) -> Wanted:
    own = known[model]
    retires = own["retires"] if version in (None, "", own["version"]) else ""
    return Wanted(model, version or own["version"], capacity, retires)


def catalogue_path(env: Mapping[str, str]) -> str:
    """Return the path of the region's list of models.

    Raises KeyError where the subscription or the region is not known yet.
    """
    place = region(env.get("AZURE_OPENAI_LOCATION") or env["AZURE_LOCATION"])
    prefix = f"/subscriptions/{env['AZURE_SUBSCRIPTION_ID']}/providers/Microsoft.CognitiveServices"
    return f"{prefix}/locations/{place}/models?api-version={API_VERSION}"


def judge(asked: Wanted, entries: Entries, place: str, today: date) -> Verdict:
    """Return what the catalogue of `place` says of one deployment."""
    of_model = [entry["model"] for entry in entries if entry.get("model", {}).get("name") == asked.model]
    if not of_model:
        return Verdict([f"{place} has no {asked.model}: choose another region (AZURE_OPENAI_LOCATION) or model."], [])
    found = [model for model in of_model if model.get("version") == asked.version]
    if not found:
        versions = sorted({str(model.get("version")) for model in of_model})
        return Verdict([f"{place} has {asked.model} in {', '.join(versions)} only, not in {asked.version}."], [])
    skus = [sku for model in found for sku in model.get("skus") or [] if sku.get("name") == SKU]
    if not skus:
        return Verdict([f"{place} does not deploy {asked.model} {asked.version} as {SKU}."], [])
    dates = [skus[0].get("deprecationDate"), (found[0].get("deprecation") or {}).get("inference"), asked.retires]
    notes = [*_rate(asked, skus[0]), *_retirement(asked, next((one for one in dates if one), ""), today)]
    return Verdict([], notes)


def known_retirements(asked: list[Wanted], today: date) -> list[str]:
    """Return the warnings that need no catalogue: from the dates that the project knows."""
    return [note for one in asked for note in _retirement(one, one.retires, today)]


def _rate(asked: Wanted, sku: Mapping[str, Any]) -> list[str]:
    limits = [
        f"{int(limit['count'] * asked.capacity * 60 / (limit.get('renewalPeriod') or 60)):,} {limit['key']}s"
        for limit in sku.get("rateLimits") or []
        if limit.get("count") and limit.get("key")
    ]
    return [f"{asked.capacity} units of {asked.model} are {' and '.join(limits)} a minute."] if limits else []


def _retirement(asked: Wanted, day: str, today: date) -> list[str]:
    if not day:
        return []
    left = (date.fromisoformat(day[:10]) - today).days
    if left > WARN_DAYS:
        return []
    when = f"retires on {day[:10]}, in {left} days" if left > 0 else f"was retired on {day[:10]}"
    return [f"{asked.model} {asked.version} {when}: calls fail from then on. Choose another model or version."]


def check(env: Mapping[str, str], models: Mapping[str, Any], today: date, ask: Callable[[str], Entries]) -> Verdict:
    """Return what the catalogue says of all deployments. Where it cannot be asked, a note says so."""
    asked = wanted(env, models)
    if not asked or env.get("SKIP_MODEL_CHECK") in ("true", "on"):
        return Verdict([], [])
    try:
        entries = ask(catalogue_path(env))
    except CANNOT_ASK as error:
        unknown = isinstance(error, KeyError)
        why = "subscription and region are not known yet" if unknown else "azd or Azure gave no answer"
        return Verdict([], [f"The catalogue of models was not asked: {why}.", *known_retirements(asked, today)])
    place = region(env.get("AZURE_OPENAI_LOCATION") or env["AZURE_LOCATION"])
    verdicts = [judge(one, entries, place, today) for one in asked]
    hint = ["SKIP_MODEL_CHECK=true deploys all the same."] if any(verdict.faults for verdict in verdicts) else []
    return Verdict([fault for v in verdicts for fault in v.faults] + hint, [note for v in verdicts for note in v.notes])
