"""Strategies of hypothesis that several test modules use. They are small: one example is drawn in about a millisecond.

A strategy that nests one recursive strategy in another draws for 30 ms, and throws one example in seven away as too
large: on a busy machine hypothesis then refuses to go on.
"""

from hypothesis import strategies as st

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
JSON = st.recursive(
    SCALARS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=8), below, max_size=3),
    max_leaves=6,
)


def objects(fields: st.SearchStrategy[str], leaves: st.SearchStrategy[object], depth: int) -> st.SearchStrategy[object]:
    """Objects with these fields, at most `depth` of them inside one another, and `leaves` where they end."""
    for _ in range(depth):
        leaves = leaves | st.dictionaries(fields, leaves, max_size=3)
    return leaves
