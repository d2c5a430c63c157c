"""Before provisioning: are the variables right, does the model exist, and when did the budget begin?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import catalogue
import variables
from arm import CANNOT_ASK, arm_list

INFRA = Path(__file__).resolve().parents[1]
BUDGETS = "providers/Microsoft.Consumption/budgets?api-version=2024-08-01"

List = Callable[[str], list[dict[str, Any]]]


def budget_start(env: Mapping[str, str], today: date, ask: List) -> str | None:
    """Return the first day of the budget's first month where it has to be written down; else None.

    Azure refuses another day for a budget that exists. So the day is asked of the budget itself, which matters in a
    pipeline, where each run begins with a fresh environment; only a budget that does not exist yet begins now.
    """
    asked_for = (env.get("MONTHLY_BUDGET") or "0") != "0" and env.get("ALERT_EMAIL")
    if not asked_for or env.get("BUDGET_START_DATE"):
        return None
    return _start_of_existing(env, ask) or today.replace(day=1).isoformat()


def _start_of_existing(env: Mapping[str, str], ask: List) -> str | None:
    try:
        group = env.get("RESOURCE_GROUP_NAME") or f"rg-{env['AZURE_ENV_NAME']}"
        budgets = ask(f"/subscriptions/{env['AZURE_SUBSCRIPTION_ID']}/resourceGroups/{group}/{BUDGETS}")
        ours = [budget for budget in budgets if budget["name"].startswith("budget-")]
        start: str | None = ours[0]["properties"]["timePeriod"]["startDate"][:10] if ours else None
    except CANNOT_ASK:
        print("Whether there is a budget already could not be asked; one that is new begins this month.")
        return None
    return start


def set_variable(name: str, value: str) -> None:
    """Write a variable into the azd environment; azd reads it again after the hook."""
    subprocess.run(["azd", "env", "set", name, value], check=True)  # noqa: S603, S607 (no shell, azd runs this)


def main(ask: List = arm_list) -> int:
    """Run as azd's hook. Returns the exit status: 1 where something must be put right first."""
    env, today = os.environ, datetime.now(UTC).date()
    table = json.loads((INFRA / "variables.json").read_text(encoding="utf-8"))
    faults = variables.faults(env, table)
    if not faults:
        models = json.loads((INFRA / "models.json").read_text(encoding="utf-8"))
        verdict = catalogue.check(env, models, today, ask)
        faults = verdict.faults
        for note in verdict.notes:
            print(note)
    if faults:
        print("Nothing was deployed:", *faults, sep="\n  ", file=sys.stderr)
        return 1
    start = budget_start(env, today, ask)
    if start:
        set_variable("BUDGET_START_DATE", start)
    return 0


if __name__ == "__main__":
    sys.exit(main())
