"""Tests by Microsoft's own parser that the queries of workbook and alerts are KQL. Azure says so only when they run."""

import json
import shutil
import subprocess
from pathlib import Path

from tests.infra.bicep import INFRA, literal, parse


def queries() -> dict[str, str]:
    """Return every query by the name of its alert or of its item in the workbook."""
    items = json.loads((INFRA / "workbook.json").read_text())["items"]
    found = {item["name"]: item["content"]["query"] for item in items if item["type"] == 3}
    rules = parse(INFRA / "modules" / "alerts.bicep").of("var")
    for name in ("callRules", "figureRules", "capRule"):
        value = rules[name].value
        assert value
        group = literal(value)
        for rule in group if isinstance(group, list) else [group]:
            found[rule["name"]] = rule["query"].replace("\\\\", "\\")
    return found


def faults(asked: dict[str, str]) -> dict[str, list[str]]:
    """Return what is wrong with each query."""
    node, script = shutil.which("node"), Path(__file__).with_name("kql.cjs")
    assert node
    done = subprocess.run([node, script], input=json.dumps(asked), check=True, capture_output=True, text=True)
    answer: dict[str, list[str]] = json.loads(done.stdout)
    return answer


def test_every_query_is_kql_and_asks_for_columns_that_are_there() -> None:
    """Three wrong queries beside them show that the parser would notice."""
    asked = queries()
    wrong = {"a column": "traces | where words == 1", "a word": "traces | summarise count()"}
    wrong["a name"] = "traces | extend kind = 1"
    found = faults({**asked, **wrong})
    assert {name for name, one in found.items() if one} == set(wrong), found
