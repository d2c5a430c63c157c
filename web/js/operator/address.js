/**
 * Say in the address what the page shows, so that a link to it can be shared. This module knows no document.
 *
 * @typedef {object} Place
 * @property {'live' | 'archive' | 'call' | 'figures'} view
 * @property {string} call the id of the call; empty for other views
 * @property {Record<string, string>} query what the view filters by
 */

/** The parameters that each view takes from the address: others could change what the gateway is asked. */
const TAKEN = {
  live: [],
  archive: ['from', 'to', 'caller', 'assistant', 'reason', 'words'],
  call: [],
  figures: ['from', 'to'],
};

/**
 * Return what a fragment such as `#/archive?caller=aad:ada` shows; an unknown one shows the live calls.
 * @param {string} fragment
 * @returns {Place}
 */
export function readPlace(fragment) {
  const [path, search = ''] = fragment.replace(/^#\/?/, '').split(/\?(.*)/s);
  const [name, call = ''] = path.split('/');
  if (name === 'call' && /^[\w-]{1,128}$/.test(call)) return { view: 'call', call, query: {} };
  const view = name === 'archive' || name === 'figures' ? name : 'live';
  const given = new URLSearchParams(search);
  const query = Object.fromEntries(TAKEN[view].filter((key) => given.get(key)).map((key) => [key, given.get(key) ?? '']));
  return { view, call: '', query };
}

/**
 * Return the fragment that shows this.
 * @param {Place['view']} view
 * @param {Record<string, string>} [query] empty values are left out
 * @param {string} [call]
 */
export function placeLink(view, query = {}, call = '') {
  const given = new URLSearchParams(Object.entries(query).filter(([, value]) => value));
  return `#/${view}${call && `/${call}`}${given.size ? `?${given}` : ''}`;
}
