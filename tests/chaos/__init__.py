"""Calls on several instances, of which everything is taken that can be taken; and a judge who knows the truth.

    python -m tests.chaos --seed 1 --calls 200

plan         sans-I/O: what a seed decides: the calls, the weather, and which steps are deadly
run          the stage, from the first call to the verdict
pages        the browsers: they connect, join, talk, hang up, leave, or stay until a limit ends the call
weather      storage and service at their worst, for some seconds at a time
executioner  kills an instance at a named step of its work, at random, and by deployment
steps        sans-I/O: the names of steps
judge        sans-I/O: what is wrong with a call, by what the service said and billed
records      sans-I/O: whether a summary is true
functions    sans-I/O: whether each function call has one answer and one outcome
evidence     sans-I/O: what the judge looks at, gathered from ledger, archive and pages
report       the verdict as a table

A seed fixes the plan. It does not fix the outcome: real processes race, and that is what is looked for.
"""
