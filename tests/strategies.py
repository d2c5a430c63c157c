"""Strategies of hypothesis that several test modules use. They are small: one example is drawn in about a millisecond.

A strategy that nests one recursive strategy in another draws for 30 ms, and throws one example in seven away as too
large: on a busy machine hypothesis then refuses to go on.
"""

import json

from hypothesis import strategies as st

from tests.examples import SETTING_NAMES

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
)
JSON = st.recursive(
    SCALARS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=8), below, max_size=3),
    max_leaves=6,
)


def objects(fields: st.SearchStrategy[str], leaves: st.SearchStrategy[object], depth: int) -> st.SearchStrategy[object]:
    """Draw objects with these fields, at most `depth` of them inside one another, and `leaves` where they end."""
    for _ in range(depth):
        leaves = leaves | st.dictionaries(fields, leaves, max_size=3)
    return leaves


# What may stand in a session configuration, good or not: known fields inside one another, with anything in them.
SESSION_PARTS = objects(
    st.sampled_from(
        [
            *("input", "output", "format", "transcription", "turn_detection", "noise_reduction", "voice", "speed"),
            *("type", "model", "language"),
        ]
    ),
    JSON | st.sampled_from(["function", "mcp", "audio/pcm", "server_vad", "marin", "ash"]),
    depth=3,
)
SESSIONS = st.dictionaries(
    st.sampled_from(["audio", "tools", "tool_choice", "voice", "type", "model", "output_modalities", "prompt"]),
    SESSION_PARTS | st.lists(SESSION_PARTS, max_size=2),
    max_size=4,
)

# What may stand in the environment.
ENVIRONMENTS = st.dictionaries(
    st.sampled_from(SETTING_NAMES),
    st.text(max_size=20)
    | st.sampled_from(["on", "preview", "eastus2", "60", "https://[", "https://a,http://localhost", "[" * 5000])
    | JSON.map(json.dumps)
    | SESSIONS.map(json.dumps),
    max_size=6,
)
