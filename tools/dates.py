"""Counts with dates, which models do badly. This is an example: replace it with tools of your own."""

from datetime import date

from switchboard.tools import tool


@tool
def count_days(start: date, end: date) -> str:
    """Return how many days lie between two dates, and on which weekdays they fall.

    The dates are in ISO 8601, such as 2026-11-21. The number is negative if `end` is before `start`.
    """
    return f"{(end - start).days} days, from a {start:%A} to a {end:%A}"
