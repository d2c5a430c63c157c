"""The hooks are scripts beside each other, as azd runs them: their folder is on the path here as it is there."""

import sys

from tests.infra.bicep import INFRA

sys.path.append(str(INFRA / "hooks"))
