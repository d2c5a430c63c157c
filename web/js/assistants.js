/**
 * Say which assistant answers the next call, of those that the gateway offers to the visitor.
 */

/** @import { Config, OfferedAssistant } from './api.js' */

/** The name of the assistant that answers when a request names none. */
export const DEFAULT = 'default';

/** The name of the parameter that chooses an assistant in the page's address. */
const PARAMETER = 'assistant';

/**
 * Return the assistant that answers: the chosen one, or the first that there is.
 * @param {Config | null} config
 * @param {string} chosen a name; empty for none
 * @returns {OfferedAssistant | null} null where the gateway offers none, or has not answered yet
 */
export function answering(config, chosen) {
  const offered = config?.assistants ?? [];
  return offered.find(({ name }) => name === chosen) ?? offered[0] ?? null;
}

/**
 * Return the config as it is for calls with one assistant: its voices, its turn detection and its limits.
 * @param {Config} config
 * @param {string} chosen a name; empty for none
 * @returns {Config}
 */
export function configFor(config, chosen) {
  const assistant = answering(config, chosen);
  return assistant ? { ...config, session: assistant.session, limits: assistant.limits } : config;
}

/**
 * Return the name that an address chooses.
 * @param {string} address
 * @returns {string} empty if it chooses none
 */
export function chosenIn(address) {
  return new URL(address).searchParams.get(PARAMETER) ?? '';
}

/**
 * Return an address that chooses an assistant, and is otherwise the same.
 * @param {string} address
 * @param {string} name
 * @returns {string}
 */
export function addressFor(address, name) {
  const url = new URL(address);
  if (name === DEFAULT) url.searchParams.delete(PARAMETER);
  else url.searchParams.set(PARAMETER, name);
  return url.href;
}
