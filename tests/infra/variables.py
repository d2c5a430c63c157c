"""What infra/variables.json has to say, worked out from main.bicep, types.bicep and main.parameters.json.

python -m tests.infra.variables > infra/variables.json      after a change of the parameters
"""

import json
import re
from typing import Any

from tests.infra.bicep import INFRA, MAIN, range_of

PARAMETERS: dict[str, str] = {
    name: entry["value"]
    for name, entry in json.loads((INFRA / "main.parameters.json").read_text())["parameters"].items()
}
# azd sets these itself.
BY_AZD = {"AZURE_ENV_NAME", "AZURE_PRINCIPAL_ID", "AZURE_PRINCIPAL_TYPE"}
# Switches that only hooks read.
SWITCHES_OF_HOOKS = ["SKIP_MODEL_CHECK", "SMOKE_TEST_CALL"]


def variable_of(parameter: str) -> str:
    """Return the variable of the environment that a parameter comes from."""
    found = re.match(r"\$\{(\w+)", PARAMETERS[parameter])
    assert found
    return found[1]


def table() -> dict[str, Any]:
    """Return the table, in the order of the parameters."""
    found: dict[str, Any] = {"switches": [], "integers": {}, "choices": {}, "objects": [], "texts": []}
    for name, parameter in MAIN.of("param").items():
        variable, allowed = variable_of(name), range_of(parameter)
        if variable in BY_AZD:
            continue
        if parameter.type == "switchValue":
            found["switches"].append(variable)
        elif allowed.allowed:
            found["choices"][variable] = [str(one) for one in allowed.allowed]
        elif allowed.kind == "int":
            found["integers"][variable] = [allowed.least, allowed.most]
        elif allowed.kind == "object":
            found["objects"].append(variable)
        else:
            found["texts"].append(variable)
    found["switches"] += SWITCHES_OF_HOOKS
    return found


if __name__ == "__main__":
    print(json.dumps(table(), indent=2))
