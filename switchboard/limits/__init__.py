"""Limits what callers can start: how many calls at once, how long in a day, and how much money all of them may cost."""
