"""This module matches requests with the route templates of HTTP triggers, as ASP.NET does for the Functions host."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from local.host.loading import LoadedFunction
from local.host.settings import StartupError

_CONSTRAINTS = {
    "int": r"-?\d+",
    "long": r"-?\d+",
    "alpha": r"[A-Za-z]+",
    "bool": r"[Tt]rue|[Ff]alse",
    "guid": r"[0-9A-Fa-f]{8}(?:-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}",
}
_PARAMETER = re.compile(r"\{(?P<star>\*{0,2})(?P<name>\w+)(?::(?P<constraint>\w+))?(?P<optional>\?)?\}")


@dataclass(frozen=True)
class Route:
    """A route is a template with the function that it leads to."""

    function: LoadedFunction
    """The function."""
    template: str
    """The template with the route prefix, such as `api/calls/{call_id}`, without slashes around it."""
    methods: frozenset[str]
    """The HTTP methods in upper case; an empty set stands for every method. GET implies neither HEAD nor OPTIONS."""
    pattern: re.Pattern[str]
    """The regular expression for the whole path."""
    names: tuple[str, ...]
    """The names of the route parameters, in the order of the pattern's groups."""
    rank: tuple[int, ...]
    """What routes are sorted by: literal segments come before constrained ones, parameters and catch-alls."""

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """Return the route parameters by name, or None when the route does not match."""
        if self.methods and method.upper() not in self.methods:
            return None
        found = self.pattern.fullmatch(path)
        if found is None:
            return None
        return {name: value for name, value in zip(self.names, found.groups(), strict=True) if value is not None}


def routes_of(functions: Iterable[LoadedFunction], prefix: str) -> list[Route]:
    """Return the routes of all HTTP-triggered functions; of several that match, the first one wins.

    Raises:
        StartupError: A route template cannot be served.
    """
    routes = [_route(function, prefix) for function in functions if function.trigger.type == "httpTrigger"]
    return sorted(routes, key=lambda route: route.rank)


def decoded_path(raw_path: str) -> str:
    """Return the path of a request without the slashes around it, and percent-decoded except for %2F."""
    protected = re.sub("%2f", "%252F", raw_path, flags=re.IGNORECASE)
    return unquote(protected).strip("/")


def _route(function: LoadedFunction, prefix: str) -> Route:
    template = "/".join(part for part in (prefix, str(function.trigger.fields["route"]).strip("/")) if part)
    if template.split("/")[0].lower() == "admin":
        raise StartupError(f"{function.name}: the host reserves routes that begin with 'admin'.")
    names: list[str] = []
    pattern = ""
    rank = []
    for segment in template.split("/"):
        text, segment_rank, optional = _segment(segment, names, function.name)
        slash = "/" if pattern else ""
        pattern += f"(?:{slash}{text})?" if optional else slash + text
        rank.append(segment_rank)
    return Route(
        function=function,
        template=template,
        methods=frozenset(str(method).upper() for method in function.trigger.fields.get("methods") or ()),
        pattern=re.compile(pattern, re.IGNORECASE | re.DOTALL),
        names=tuple(names),
        rank=tuple(rank),
    )


def _segment(segment: str, names: list[str], function: str) -> tuple[str, int, bool]:
    """Return a segment's regular expression, its rank, and whether it may be missing. Add its parameters to `names`."""
    text, rank, optional, end = "", 0, False, 0
    for parameter in _PARAMETER.finditer(segment):
        text += re.escape(segment[end : parameter.start()])
        end = parameter.end()
        names.append(parameter["name"])
        constraint = parameter["constraint"]
        if constraint is not None and constraint not in _CONSTRAINTS:
            raise StartupError(f"{function}: the route constraint {constraint!r} is not supported by this host.")
        inner = ".*" if parameter["star"] else _CONSTRAINTS.get(constraint or "", "[^/]+")
        text += f"({inner})"
        optional = optional or bool(parameter["star"] or parameter["optional"])
        rank = max(rank, 3 if parameter["star"] else 1 if constraint else 2)
    rest = segment[end:]
    if "{" in rest or "}" in rest:
        raise StartupError(f"{function}: the route segment {segment!r} cannot be read.")
    return text + re.escape(rest), rank, optional
