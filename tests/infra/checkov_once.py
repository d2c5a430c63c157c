"""Runs checkov in .venv-checkov, as its own program does, in a fifth of the time.

Checkov reads some hundred JSONPath expressions, and its library builds the same tables anew for each of them.
"""

import sys
from typing import Any

import ply.yacc
from checkov.main import Checkov

_build = ply.yacc.yacc
_parsers: dict[tuple[type, str], Any] = {}


def _once(*, module: Any, start: str, **options: Any) -> Any:
    """Return the parser of a grammar, and build it only the first time: the rules of a grammar keep no state."""
    key = (type(module), start)
    if key not in _parsers:
        _parsers[key] = _build(module=module, start=start, **options)
    return _parsers[key]


if __name__ == "__main__":
    ply.yacc.yacc = _once
    sys.exit(Checkov().run())
