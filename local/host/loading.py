"""This module imports function_app.py, and refuses an app that the platform's worker would refuse.

It uses only the public API of azure.functions: FunctionRegister, get_functions, get_raw_bindings and the binding
registry. The rules are those of the platform's worker (loader.py and functions.py of azure-functions-runtime).
"""

import importlib
import inspect
import json
import os
import sys
import traceback
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import azure.functions as func

from local.host.settings import StartupError
from local.host.values import converter

SERVED_TRIGGERS = ("httpTrigger", "queueTrigger", "timerTrigger")
SERVED_OUTPUTS = ("http", "queue")
OWN_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Binding:
    """This class is one binding of a function."""

    type: str
    """The type, such as `httpTrigger` or `queue`."""
    name: str
    """The parameter that the binding belongs to; `$return` stands for the function's result."""
    fields: Mapping[str, Any]
    """All fields of the binding as function.json would have them, `type` and `name` among them."""


@dataclass(frozen=True)
class LoadedFunction:
    """This class is one function of an app, ready to be called."""

    name: str
    """The name that the function is registered with."""
    call: Callable[..., Any]
    """The function itself."""
    is_async: bool
    """Whether it is a coroutine function."""
    wants_context: bool
    """Whether it has a parameter `context` for the invocation's context."""
    directory: str
    """The folder of the file that defines it."""
    trigger: Binding
    """What starts it."""
    outputs: tuple[Binding, ...]
    """Its output bindings."""
    text_parameters: frozenset[str]
    """The parameters that are annotated `str` or `bytes`, and so take the plain text or bytes of their binding."""

    @property
    def is_served(self) -> bool:
        """Return whether this host knows the trigger and every output."""
        outputs_known = all(output.type in SERVED_OUTPUTS for output in self.outputs)
        return self.trigger.type in SERVED_TRIGGERS and outputs_known


def load_app(folder: Path) -> list[LoadedFunction]:
    """Import the function_app.py of `folder`, and return its functions.

    This has the same side effects as on the platform: the working directory becomes `folder`, and `folder` becomes the
    last entry of sys.path. So a module of the app cannot shadow a library here that it cannot shadow there.

    Raises:
        StartupError: The platform would refuse the app.
    """
    if not (folder / "function_app.py").is_file():
        raise StartupError(f"{folder} has no function_app.py.")
    # `python -m` has put the folder in which it was started first, and that folder may be this app's or another's.
    hidden = {folder, OWN_ROOT}
    sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() not in hidden]
    sys.path.append(str(folder))
    os.chdir(folder)
    try:
        module = importlib.import_module("function_app")
        functions = _only_app(module).get_functions()
        loaded = [_load(function) for function in functions]
    except StartupError:
        raise
    except Exception as error:
        where = _last_line_in(folder, error)
        raise StartupError(f"function_app.py cannot be indexed: {type(error).__name__}: {error}{where}") from error
    _refuse_duplicates([function.name for function in loaded])
    return loaded


def _only_app(module: Any) -> func.FunctionRegister:
    found = [name for name, value in vars(module).items() if isinstance(value, func.FunctionRegister)]
    if not found:
        raise StartupError("function_app.py has no FunctionApp at its top level.")
    if len(found) > 1:
        raise StartupError(
            f"function_app.py has more than one top-level name for a FunctionApp ({', '.join(found)}); "
            "the platform refuses that, even when they are the same object."
        )
    app: func.FunctionRegister = getattr(module, found[0])
    return app


def _refuse_duplicates(names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            raise StartupError(f"Two functions are named {name!r}; names are compared without regard to case.")
        seen.add(name.lower())


def _load(function: func.Function) -> LoadedFunction:
    call = function.get_user_function()
    name = str(function.get_function_name())
    raw = [json.loads(binding) for binding in function.get_raw_bindings()]
    bindings = {b["name"]: (b["direction"], Binding(b["type"], b["name"], b)) for b in raw}
    parameters = set(inspect.signature(call).parameters)
    hints = typing.get_type_hints(call)
    wants_context = "context" in parameters and "context" not in bindings
    _check_parameters(name, parameters - ({"context"} if wants_context else set()), set(bindings) - {"$return"})
    if wants_context and getattr(hints.get("context", func.Context), "__name__", "") != "Context":
        raise StartupError(f"{name}: context must be annotated azure.functions.Context, or not at all.")
    texts = set()
    for parameter, (direction, binding) in bindings.items():
        if _check_annotation(name, parameter, direction == "OUT", binding.type, hints):
            texts.add(parameter)
    triggers = [binding for direction, binding in bindings.values() if binding.type.endswith("Trigger")]
    return LoadedFunction(
        name=name,
        call=call,
        is_async=inspect.iscoroutinefunction(call),
        wants_context=wants_context,
        directory=str(Path(inspect.getfile(call)).parent),
        trigger=triggers[0],
        outputs=tuple(binding for direction, binding in bindings.values() if direction == "OUT"),
        text_parameters=frozenset(texts),
    )


def _check_parameters(name: str, parameters: set[str], bound: set[str]) -> None:
    if unbound := parameters - bound:
        raise StartupError(f"{name}: parameters without a binding: {', '.join(sorted(unbound))}.")
    if missing := bound - parameters:
        raise StartupError(f"{name}: bindings without a parameter: {', '.join(sorted(missing))}.")


def _check_annotation(name: str, parameter: str, is_out: bool, kind: str, hints: Mapping[str, Any]) -> bool:
    """Refuse what the worker refuses. Return whether the parameter takes the plain text or bytes of its binding."""
    returned = parameter == "$return"
    annotation = hints.get("return" if returned else parameter)
    if annotation is None:
        return False
    marked_out = typing.get_origin(annotation) is func.Out or annotation is func.Out
    if marked_out != (is_out and not returned):
        raise StartupError(f"{name}: {parameter} is annotated {annotation!r}, which its direction forbids.")
    if marked_out and not typing.get_args(annotation):
        raise StartupError(
            f"{name}: {parameter} is annotated Out; the platform wants to know of what, as in Out[bytes]."
        )
    inner = typing.get_args(annotation)[0] if marked_out else annotation
    if inner in (str, bytes) and not returned:
        return True
    is_type = isinstance(inner, type) or (typing.get_origin(inner) is not None and not returned)
    if not is_type:
        raise StartupError(f"{name}: {parameter} is annotated {annotation!r}; the platform wants a plain type.")
    if (known := converter(kind)) is not None:
        check = known.check_output_type_annotation if is_out else known.check_input_type_annotation
        if not check(inner):
            raise StartupError(f"{name}: {parameter} is annotated {annotation!r}, which {kind} cannot take.")
    return False


def _last_line_in(folder: Path, error: BaseException) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(str(folder))]
    return f" ({Path(frames[-1].filename).relative_to(folder)}, line {frames[-1].lineno})" if frames else ""
