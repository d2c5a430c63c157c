"""Computes what 1,000, 100,000 and 1,000,000 calls a day need from what the other parts measured."""

import json
import math
from collections.abc import Mapping

from bench.scaling import Outcome, Setting, simulate
from bench.section import Section, Table, percentiles
from tests.processes import ROOT

DAYS = (1_000, 100_000, 1_000_000)
MINUTES = 4
"""How long a call lasts, as docs/costs.md has it."""
BUSIEST_HOUR = 0.1
"""The share of the day's calls that begin in its busiest hour, as bench/scaling.py has it."""
TOKENS_A_MINUTE, TOKENS_A_UNIT = 5_000, 10_000
LOG_KB = 20
ACCOUNT_OPERATIONS, QUEUE_MESSAGES = 20_000, 2_000
"""What Azure documents for a storage account and for one queue, a second."""
POLLS = 2
"""How often an instance asks its queue in a second: host.json, maxPollingInterval. Two more functions have a queue."""
BUSY = 0.7
"""The share of its core that an instance may use."""
MODEL_DOLLARS = (0.296, 0.771)
"""The model's cost of a call of four minutes, by docs/costs.md."""
GB_SECOND_DOLLARS, INSTANCE_GB = 0.000016, 2
WRITE_DOLLARS = 0.055 / 10_000
"""A write operation by the sample prices of Microsoft's page on estimating costs; a call hardly does anything else."""
_QUEUES = json.loads((ROOT / "host.json").read_text())["extensions"]["queues"]
TODAY = Setting(_QUEUES["batchSize"], _QUEUES["newBatchThreshold"])
"""What host.json says."""
NEEDED = {"calls": ("cpu_ms", "operations"), "observers": ("share", "memory", "operations")}

Figures = Mapping[str, Mapping[str, float]]


def section(measured: Figures, days: tuple[int, ...] = DAYS) -> Section:
    """Return the section; `measured` is what the parts gave, by part and name."""
    missing = [part for part, names in NEEDED.items() if not set(names) <= set(measured.get(part, {}))]
    if missing:
        text = f"**Nothing can be computed: there are no figures of {' and '.join(missing)}.**"
        return Section("Growth", text, [scaling(days)], failed=True)
    share, memory = measured["observers"]["share"], measured["observers"]["memory"]
    by_core, by_memory = math.floor(BUSY / share), math.floor(BUSY * INSTANCE_GB * 1e9 / memory)
    text = (
        f"This is computed, not measured: a call lasts {MINUTES} minutes, a tenth of a day's calls begin in its "
        f"busiest hour, and an instance may use {100 * BUSY:.0f} % of its core and memory. By the figures above, a "
        f"call costs the worker {1000 * share:.2f} ms of a core a second and {memory / 1000:.0f} KB. So one core "
        f"observes {by_core:,} calls, and {INSTANCE_GB:,} GB hold {by_memory:,}; `host.json` lets an instance take "
        f"{TODAY.capacity}. An instance in Azure has another core than this machine. Prices are those of "
        "[costs](costs.md), and 0.055 US dollars for 10,000 write operations: verify them."
    )
    note = "the model, its quota, and what Azure documents as limits and prices. Nobody has run this against Azure."
    columns = [_column(calls, measured) for calls in days]
    rows = [[label, *values] for label, *values in zip(_LABELS, *columns, strict=True)]
    return Section(
        "Growth", text, [Table(["calls a day", *(f"{calls:,}" for calls in days)], rows, note), scaling(days)]
    )


_LABELS = (
    "calls at the same time, busiest hour",
    "calls that begin in a second, busiest hour",
    f"instances that observe, by calls ({TODAY.capacity} each)",
    "instances that observe, by processor",
    "cores for connect and archive, busiest hour",
    "storage operations a second, of 20,000 for an account",
    "messages a second on one queue, of 2,000",
    "polls of the queues a second, at the most",
    "units of the model (10,000 tokens a minute each)",
    "logs a day",
    "gateway, US dollars a day",
    "storage operations, US dollars a day",
    "model, US dollars a day",
    "what breaks first",
    "what to set",
)


def at_once(calls: int) -> int:
    """Return how many of a day's calls run at the same time in the busiest hour, on average."""
    return math.ceil(calls * BUSIEST_HOUR / 60 * MINUTES)


def _column(calls: int, measured: Figures) -> list[str]:
    whole, talking = measured["calls"], measured["observers"]
    together, rate = at_once(calls), calls * BUSIEST_HOUR / 3600
    by_calls = math.ceil(together / TODAY.capacity)
    by_core = math.ceil(together * talking["share"] / BUSY)
    instances = max(by_calls, by_core)
    connecting = rate * whole["cpu_ms"] / 1000 / BUSY
    each = whole["operations"] + 60 * MINUTES * talking["operations"]
    operations = rate * each
    # An instance of the busiest hour is paid for all day: nobody sets always-ready instances by the hour.
    gateway = (instances + max(1, math.ceil(connecting))) * 86_400 * INSTANCE_GB * GB_SECOND_DOLLARS
    units = math.ceil(together * TOKENS_A_MINUTE / TOKENS_A_UNIT)
    logs = calls * LOG_KB / 1e6
    return [
        f"{together:,}",
        f"{rate:.2f}",
        f"{by_calls:,}",
        f"{by_core:,}",
        f"{connecting:.2f}",
        f"{operations:,.0f}",
        f"{rate:.2f}",
        f"{POLLS * (instances + 2):,.0f}",
        f"{units:,}",
        f"{logs:.2f} GB",
        f"{gateway:,.0f}",
        f"{calls * each * WRITE_DOLLARS:,.2f}",
        f"{calls * MODEL_DOLLARS[0]:,.0f}–{calls * MODEL_DOLLARS[1]:,.0f}",
        *_limits(units, logs, instances, operations),
    ]


def _limits(units: int, logs: float, instances: int, operations: float) -> tuple[str, str]:
    """Return what breaks, the first first, and what to set against it."""
    told = [
        (units > 5, "the model's quota", f"`REALTIME_CAPACITY={units}`"),
        (instances > 1, "calls wait for an observer", f"`GATEWAY_ALWAYS_READY_OBSERVER={instances + 1}`"),
        (logs > 5, "the daily cap of the logs", f"`LOG_DAILY_CAP_GB={math.ceil(1.5 * logs)}`"),
        (instances > 40, "the instances", f"`GATEWAY_MAX_INSTANCES={math.ceil(1.5 * instances)}`"),
        (operations > ACCOUNT_OPERATIONS / 2, "the storage account", "several environments, each with its callers"),
    ]
    breaks = [(what, to_set) for applies, what, to_set in told if applies]
    if not breaks:
        return "nothing", "nothing"
    return ", then ".join(what for what, _ in breaks), "; ".join(to_set for _, to_set in breaks)


def scaling(days: tuple[int, ...] = DAYS) -> Table:
    """Simulate the scale controller over these days, with several settings."""
    rows = []
    for calls in days:
        enough = math.ceil(at_once(calls) / TODAY.capacity) + 1
        settings = [TODAY, Setting(TODAY.batch, TODAY.threshold, max(40, 2 * enough), enough)]
        if calls == 100_000:
            settings += [Setting(1, 255, 40, enough), Setting(32, 224, 40, enough), Setting(32, 96, 40, enough)]
        # Calls that nobody serves make a queue, through which the simulation crawls.
        rows += [
            _row(calls, setting, simulate(calls, setting, setting.capacity))
            for setting in settings
            if calls < 1_000_000 or setting.always_ready > 1
        ]
    head = [
        *("calls a day", "`batchSize` + `newBatchThreshold`", "always ready", "at the most"),
        *("wait for an observer, p99 / longest", "waited over 60 s", "most instances", "most calls on one"),
        "hours of instances",
    ]
    note = (
        "the scale controller's rule is that of the queue extension; how often it looks (10 s), how fast an "
        "instance starts (10 s) and how fast instances are ended (one at each look) are assumptions."
    )
    return Table(head, rows, note)


def _row(calls: int, setting: Setting, outcome: Outcome) -> list[str]:
    waits = percentiles([float(wait) for wait in outcome.waits])
    return [
        f"{calls:,}",
        f"{setting.batch} + {setting.threshold}",
        str(setting.always_ready),
        str(setting.most_instances),
        f"{waits['p99']:.0f} / {max(outcome.waits)} s",
        str(sum(wait > 60 for wait in outcome.waits)),
        str(outcome.most_instances),
        str(outcome.most_on_one),
        f"{outcome.instance_hours:.0f}",
    ]
