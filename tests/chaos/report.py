"""The verdict of a run as text: what was done to the calls, what was measured, and what was wrong."""

import re
from collections import Counter
from pathlib import Path
from statistics import median

from tests.chaos.evidence import seconds_of
from tests.chaos.judge import Finding, judge, judge_leftovers, lateness, longest_unobserved, noted
from tests.chaos.run import Outcome

# What must never stand in a log: client secrets, SDP, and words that were said.
_SECRET = re.compile(r"\bek_[0-9a-f]{8}|a=ice-pwd|a=fingerprint|old harbour")
_TRACEBACK = re.compile(r"^Traceback \(most recent call last\):$", re.MULTILINE)
_RAISED = re.compile(r"^([\w.]+(?:Error|Exception|Failed|Group)\b[^\n]{0,120})", re.MULTILINE)


def findings(outcome: Outcome) -> list[Finding]:
    """Return everything that is wrong."""
    return [finding for one in outcome.evidence for finding in judge(one)] + judge_leftovers(outcome.left)


def figures(outcome: Outcome) -> dict[str, str]:
    """Return what was done and measured, by name."""
    connected = [one for one in outcome.evidence if one.connected]
    archived = [(one.truth, one.summaries[0]) for one in connected if one.summaries]
    late = [max(lateness(one).values(), default=0.0) for one in connected]
    ends = [seconds_of(summary["ended"]) for _, summary in archived if summary["ended"]]
    deaths = Counter("deployment" if death.how == "SIGTERM" else "kill -9" for death in outcome.fleet.deaths)
    gaps = [noted(summary) for _, summary in archived]
    asked = [call for one in connected for call in one.truth.function_calls()]
    return {
        "pages that offered": str(len(outcome.pages.visits)),
        "calls that the service had": str(len(outcome.evidence)),
        "calls connected": str(len(connected)),
        "with a token": str(sum(one.visit is not None and one.visit.registered is not None for one in connected)),
        "continued": str(sum(one.visit is not None and bool(one.visit.continues) for one in connected)),
        "function calls": f"{len(asked)}, {sum(bool(one.answered) for one in asked)} of them answered",
        "never registered": str(sum(one.kept for one in outcome.evidence)),
        "summaries of them": str(len(archived)),
        "kills": str(deaths["kill -9"]),
        "instances ended by deployments": str(deaths["deployment"]),
        "steps reached": f"{len(set(outcome.executioner.reached))} of {len(outcome.executioner.known)}",
        "runs of the sweep": str(outcome.fleet.ticks),
        "gusts": str(len(outcome.weather.past)),
        "longest without an observer": f"{max((longest_unobserved(one) for one in connected), default=0):.1f} s",
        "latest limit": f"{max(late, default=0):.1f} s",
        "calls with noted gaps": f"{sum(gap > 0 for gap in gaps)} ({sum(gaps):.0f} s in all)",
        "poison messages": str(len(outcome.left.poison)),
        "failed invocations": str(outcome.fleet.failures),
        "storage operations": str(outcome.storage.faults.counts.total()),
        "page answers": ", ".join(f"{n} × {s}" for s, n in sorted(Counter(_answers(outcome)).items())),
        "median of an answer": f"{median([visit.took for visit in outcome.pages.visits] or [0]):.2f} s",
        "right after": f"{outcome.settled:.0f} s",
        "ended": str(len(ends)),
        "took": f"{outcome.seconds:.0f} s",
    }


def logs(folder: Path) -> tuple[Counter[str], list[str]]:
    """Return what was raised in the workers and not caught, and secrets that stand in their logs."""
    raised: Counter[str] = Counter()
    secrets: list[str] = []
    for path in sorted(folder.glob("w*.log")):
        text = path.read_text(errors="replace")
        if _TRACEBACK.search(text):
            raised.update(error[:100] for error in _RAISED.findall(text))
        secrets += [f"{path.name}: {found}" for found in _SECRET.findall(text)]
    return raised, secrets


def report(outcome: Outcome, folder: Path, *, everything: bool = False) -> str:
    """Return the verdict as text."""
    lines = [f"{name:32}{value}" for name, value in figures(outcome).items()]
    found = findings(outcome)
    lines.append(f"{'findings':32}{len(found)}")
    for rule, count in Counter(finding.rule for finding in found).most_common():
        lines.append(f"  {count:3} × {rule}")
        of_rule = [finding for finding in found if finding.rule == rule]
        lines += [f"        {one.call_id} {one.what}" for one in of_rule[: None if everything else 5]]
    raised, secrets = logs(folder)
    lines += [f"in a log: {secret}" for secret in secrets]
    lines += [f"raised {count} ×: {error}" for error, count in raised.most_common(12)]
    lines += [f"not reached: {step}" for step in outcome.executioner.missed]
    return "\n".join(lines)


def _answers(outcome: Outcome) -> list[str]:
    return [f"{visit.status or 'none'} {visit.code}".strip() for visit in outcome.pages.visits]
