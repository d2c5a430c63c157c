"""This module defines the errors of the limits: the request is in order, but its time has not come."""

from switchboard.errors.caller import CallerError


class LimitReached(CallerError):
    """This error means that a limit is reached. Only its subclasses are raised, each with a Retry-After."""

    status = 429
    retryable = True


class TooManyCalls(LimitReached):
    """This error means that the caller is already in as many calls as MAX_CALLS_PER_CALLER allows."""

    code = "too_many_calls"
    title = "You are already in as many calls as this gateway allows"
    default_hint = "Hang up another call, or try again after the seconds that Retry-After gives."


class GatewayFull(LimitReached):
    """This error means that all callers together are in as many calls as MAX_CALLS allows."""

    code = "gateway_full"
    title = "The gateway is in as many calls as it may be"
    default_hint = "Try again after the seconds that Retry-After gives. The operator of this gateway sets MAX_CALLS."


class TooManyTokens(LimitReached):
    """This error means that the caller has taken as many tokens in this minute as MAX_TOKENS_PER_MINUTE allows."""

    code = "too_many_tokens"
    title = "You have taken as many tokens in this minute as this gateway allows"
    default_hint = "One token is good for several calls: use it again, or wait as long as Retry-After says."


class DailySecondsSpent(LimitReached):
    """This error means that the caller has talked as long today as DAILY_SECONDS_PER_CALLER allows."""

    code = "daily_seconds_spent"
    title = "You have used up your time for today"
    default_hint = "Your time begins anew at midnight UTC; Retry-After gives the seconds until then."


class BudgetSpent(LimitReached):
    """This error means that the calls of this day have cost as much as DAILY_BUDGET allows."""

    code = "budget_spent"
    title = "The budget of this gateway is spent for today"
    default_hint = "The budget begins anew at midnight UTC; Retry-After gives the seconds until then."
