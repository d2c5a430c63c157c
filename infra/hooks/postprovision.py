"""After provisioning: local.settings.json for this environment, then patience until the new roles are in force."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from roles import wait_for_roles

ROOT = Path(__file__).resolve().parents[2]
# What points a laptop's gateway at the model in Azure. The rest of the file is the developer's own.
FROM_OUTPUTS = {
    "REALTIME_ENDPOINT": "GATEWAY_ENDPOINTS",
    "REALTIME_DEPLOYMENT": "AZURE_OPENAI_DEPLOYMENT",
    "REALTIME_REGION": "AZURE_OPENAI_REGION",
    "REALTIME_PROTOCOL": "GATEWAY_PROTOCOL",
    "SESSION_TRANSCRIPTION_DEPLOYMENT": "AZURE_OPENAI_TRANSCRIPTION_DEPLOYMENT",
}


def write_local_settings(example: Path, target: Path, env: Mapping[str, str]) -> None:
    """Point local.settings.json at this environment; what else it says stays.

    Storage stays Azurite: a laptop on the queues of the environment would take its calls away from it.
    """
    document = json.loads((target if target.exists() else example).read_text(encoding="utf-8"))
    values = document["Values"]
    values.update({setting: env[output] for setting, output in FROM_OUTPUTS.items() if env.get(output)})
    # az login or azd auth login stands in for the managed identity; the emulator's key would be refused.
    values["REALTIME_API_KEY"] = ""
    target.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Run as azd's hook."""
    write_local_settings(ROOT / "local.settings.example.json", ROOT / "local.settings.json", os.environ)
    print("local.settings.json points at the model in Azure. Delete it to go back to the emulator.")
    wait_for_roles(os.environ)


if __name__ == "__main__":
    main()
