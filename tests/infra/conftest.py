"""Puts the hooks' folder on the path, because azd runs the hooks as scripts, which import each other from there."""

import sys

from tests.infra.bicep import INFRA

sys.path.append(str(INFRA / "hooks"))
