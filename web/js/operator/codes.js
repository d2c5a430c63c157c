/**
 * Name in words what records hold as codes.
 */

/** @import { Key } from './words.js' */

/** @type {Record<string, Key>} why a call ended */
export const REASONS = {
  hung_up_by_caller: 'endCaller',
  hung_up_by_operator: 'endOperator',
  ended_by_assistant: 'endAssistant',
  peer_left: 'endLeft',
  max_call_seconds: 'endLongest',
  max_idle_seconds: 'endIdle',
  service_limit: 'endService',
  budget_spent: 'endBudget',
  observer_failed: 'endFailed',
  unknown: 'endUnknown',
};

/** @type {Record<string, Key>} how a tool ended, and what the service did with an operator's event */
export const OUTCOMES = {
  completed: 'outcomeCompleted',
  failed: 'outcomeFailed',
  invalid_arguments: 'outcomeInvalid',
  timed_out: 'outcomeTimedOut',
  too_large: 'outcomeTooLarge',
  too_many_calls: 'outcomeTooMany',
  interrupted: 'interrupted',
  unknown: 'endUnknown',
  answered: 'outcomeAnswered',
  refused: 'outcomeRefused',
  unanswered: 'outcomeUnanswered',
};
