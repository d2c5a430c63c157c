"""Before a deployment: the site as it is to be deployed, in dist/site.

The page's files are the same everywhere; its staticwebapp.config.json is not. Whether callers must sign in, which role
operators have, and which hosts the page may talk to depend on the environment, so they are written into a copy, and
web/ stays as it is. azd deploys dist/ and nothing else: the Static Web Apps CLI takes the first configuration that it
finds below the service's folder, and would take web/'s own, without the gate, if it lay there.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
CONFIG = "staticwebapp.config.json"
# The platform reads no more than this of the configuration file.
MAX_CONFIG_BYTES = 20_000
PREVIEW_HOST = "{region}.realtimeapi-preview.ai.azure.com"


def gated(config: Mapping[str, Any], env: Mapping[str, str]) -> dict[str, Any]:
    """The configuration of web/ with this environment's routes and hosts, which are outputs of main.bicep."""
    routes = [*config.get("routes", []), *_routes(env)]
    headers = {**config.get("globalHeaders", {})}
    hosts = _direct_hosts(env)
    if hosts:
        policy = headers.get("Content-Security-Policy", "")
        headers["Content-Security-Policy"] = _connect_also(policy, hosts)
    return {**config, "routes": routes, "globalHeaders": headers}


def _routes(env: Mapping[str, str]) -> list[dict[str, Any]]:
    """Who may call what. The gateway checks the same again, and what a route cannot say (whose call it is)."""
    operator = env.get("GATEWAY_OPERATOR_ROLE") or "operator"
    routes: list[dict[str, Any]] = [{"route": "/api/calls", "methods": ["GET"], "allowedRoles": [operator]}]
    if env.get("GATEWAY_REQUIRE_SIGN_IN", "").lower() == "true":
        caller = env.get("SIGN_IN_ROLE") or "authenticated"
        routes += [
            {"route": "/api/health", "allowedRoles": ["anonymous"]},
            {"route": "/api/config", "allowedRoles": ["anonymous"]},
            {"route": "/api/*", "allowedRoles": sorted({caller, operator})},
        ]
    return routes


def _direct_hosts(env: Mapping[str, str]) -> list[str]:
    """Origins that the page posts its offers to itself: none where all go through the gateway."""
    if env.get("GATEWAY_SIGNALLING", "proxy") == "proxy":
        return []
    if env.get("GATEWAY_PROTOCOL") == "preview":
        return [f"https://{PREVIEW_HOST.format(region=env['AZURE_OPENAI_REGION'])}"]
    parts = (urlsplit(endpoint.strip()) for endpoint in env["GATEWAY_ENDPOINTS"].split(","))
    return [f"{part.scheme}://{part.netloc}" for part in parts if part.netloc]


def _connect_also(policy: str, hosts: list[str]) -> str:
    directives = [directive.strip() for directive in policy.split(";") if directive.strip()]
    changed = [f"{one} {' '.join(hosts)}" if one.split()[0] == "connect-src" else one for one in directives]
    if changed == directives:
        raise SystemExit(f"{CONFIG} has no connect-src to which the service's hosts could be added")
    return "; ".join(changed)


def build(source: Path, target: Path, env: Mapping[str, str]) -> None:
    """Copy the site from source to target, made anew, with the configuration of this environment."""
    if target.exists():
        shutil.rmtree(target)
    shutil.copytree(source, target)
    config = gated(json.loads((source / CONFIG).read_text(encoding="utf-8")), env)
    text = json.dumps(config, indent=2) + "\n"
    if len(text.encode()) > MAX_CONFIG_BYTES:
        raise SystemExit(f"{CONFIG} would have more than {MAX_CONFIG_BYTES} bytes")
    (target / CONFIG).write_text(text, encoding="utf-8")


def main() -> None:
    """Run as azd's hook."""
    missing = [name for name in ("GATEWAY_ENDPOINTS", "GATEWAY_REQUIRE_SIGN_IN") if name not in os.environ]
    if missing:
        # Without them the gate would be left out in silence.
        sys.exit(f"{' and '.join(missing)} unknown: provision first (azd provision), then deploy")
    build(ROOT / "web", ROOT / "dist" / "site", os.environ)
    signing = "sign-in required" if os.environ["GATEWAY_REQUIRE_SIGN_IN"].lower() == "true" else "no sign-in"
    print(f"dist/site is ready: {signing}, signalling {os.environ.get('GATEWAY_SIGNALLING', 'proxy')}")


if __name__ == "__main__":
    main()
