"""Route templates of HTTP triggers, matched as ASP.NET does it for the Functions host."""

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
    """A template with its function. `rank` sorts literals before parameters before catch-alls."""

    function: LoadedFunction
    template: str
    methods: frozenset[str]
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    rank: tuple[int, ...]

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """The route parameters, or None. No methods given means every method; HEAD and OPTIONS are not implied."""
        if self.methods and method.upper() not in self.methods:
            return None
        found = self.pattern.fullmatch(path)
        if found is None:
            return None
        return {name: value for name, value in zip(self.names, found.groups(), strict=True) if value is not None}


def routes_of(functions: Iterable[LoadedFunction], prefix: str) -> list[Route]:
    """The routes of all HTTP-triggered functions, those that win first. Raises StartupError."""
    routes = [_route(function, prefix) for function in functions if function.trigger.type == "httpTrigger"]
    return sorted(routes, key=lambda route: route.rank)


def decoded_path(raw_path: str) -> str:
    """A request's path, percent-decoded but for %2F, without the slashes around it."""
    protected = re.sub("%2f", "%252F", raw_path, flags=re.IGNORECASE)
    return unquote(protected).strip("/")


def _route(function: LoadedFunction, prefix: str) -> Route:
    template = "/".join(part for part in (prefix, str(function.trigger.fields["route"]).strip("/")) if part)
    if template.split("/")[0].lower() == "admin":
        raise StartupError(f"{function.name}: the host keeps routes that begin with 'admin' for itself.")
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
    """A segment's regular expression, its rank, and whether it may be missing; adds to `names`."""
    text, rank, optional, end = "", 0, False, 0
    for parameter in _PARAMETER.finditer(segment):
        text += re.escape(segment[end : parameter.start()])
        end = parameter.end()
        names.append(parameter["name"])
        constraint = parameter["constraint"]
        if constraint is not None and constraint not in _CONSTRAINTS:
            raise StartupError(f"{function}: the route constraint {constraint!r} is not imitated by this host.")
        inner = ".*" if parameter["star"] else _CONSTRAINTS.get(constraint or "", "[^/]+")
        text += f"({inner})"
        optional = optional or bool(parameter["star"] or parameter["optional"])
        rank = max(rank, 3 if parameter["star"] else 1 if constraint else 2)
    rest = segment[end:]
    if "{" in rest or "}" in rest:
        raise StartupError(f"{function}: the route segment {segment!r} cannot be read.")
    return text + re.escape(rest), rank, optional
