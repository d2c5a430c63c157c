/**
 * Put what getStats() says into a dozen numbers a second. These functions are pure: the caller asks the connection and the clock.
 *
 * @typedef {object} Totals counts that only grow; the difference of two makes a Sample
 * @property {number} at when they were read, in epoch milliseconds
 * @property {number} bytesIn bytes received
 * @property {number} bytesOut bytes sent
 * @property {number} packets packets received
 * @property {number} lost packets lost on the way to the visitor
 * @property {number} samples samples of sound received
 * @property {number} concealed samples that the browser made up to cover a gap
 * @property {number} silent those of them that fell into silence
 * @property {number} bufferDelay the time that all samples together spent in the jitter buffer, in seconds
 * @property {number} bufferCount samples that have left the jitter buffer
 * @property {number} energy the energy of the model's voice
 *
 * @typedef {object} Sample one second of the connection; null stands for what the browser does not tell
 * @property {number} at when the second ended, in epoch milliseconds
 * @property {number | null} rttMs the round trip, in milliseconds
 * @property {number | null} jitterMs in milliseconds
 * @property {number | null} lossPercent packets lost on the way to the visitor
 * @property {number | null} lossOutPercent packets lost on the way to the model, as the model's side reports them
 * @property {number | null} concealedPercent the share of the sound that was made up to cover gaps
 * @property {number | null} bufferMs how long sound waits in the jitter buffer, in milliseconds
 * @property {number} kbpsIn kilobits per second received
 * @property {number} kbpsOut kilobits per second sent
 * @property {number} energy the energy of the model's voice in this second
 * @property {Pair | null} pair the candidate pair in use
 *
 * @typedef {{ protocol: string, local: string, remote: string, address: string }} Pair protocol and kinds of the candidates, and the
 *   service's address with its port
 */

/**
 * Make a sample from a report and the totals of the last one.
 * @param {RTCStatsReport} report
 * @param {Totals | null} before the totals of the last time; null for the first time
 * @param {number} now epoch milliseconds
 * @returns {{ totals: Totals, sample: Sample | null }} the first time there is no sample, for want of a comparison
 */
export function digest(report, before, now) {
  const found = pick(report);
  const { inbound = {}, outbound = {}, remote = {}, pair } = found;
  const totals = {
    at: now,
    bytesIn: count(inbound.bytesReceived),
    bytesOut: count(outbound.bytesSent),
    packets: count(inbound.packetsReceived),
    lost: count(inbound.packetsLost),
    samples: count(inbound.totalSamplesReceived),
    concealed: count(inbound.concealedSamples),
    silent: count(inbound.silentConcealedSamples),
    bufferDelay: count(inbound.jitterBufferDelay),
    bufferCount: count(inbound.jitterBufferEmittedCount),
    energy: count(inbound.totalAudioEnergy),
  };
  if (!before || now <= before.at) return { totals, sample: null };

  const seconds = (now - before.at) / 1000;
  const grown = (/** @type {keyof Totals} */ key) => Math.max(0, totals[key] - before[key]);
  const lost = grown('lost');
  const sample = {
    at: now,
    rttMs: millis(pair?.currentRoundTripTime ?? remote.roundTripTime),
    jitterMs: millis(inbound.jitter),
    lossPercent: share(lost, grown('packets') + lost),
    lossOutPercent: typeof remote.fractionLost === 'number' ? remote.fractionLost * 100 : null,
    concealedPercent: share(Math.max(0, grown('concealed') - grown('silent')), grown('samples')),
    bufferMs: grown('bufferCount') ? (grown('bufferDelay') / grown('bufferCount')) * 1000 : null,
    kbpsIn: (grown('bytesIn') * 8) / 1000 / seconds,
    kbpsOut: (grown('bytesOut') * 8) / 1000 / seconds,
    energy: grown('energy'),
    pair: pair ? pairOf(found) : null,
  };
  return { totals, sample };
}

/**
 * Find the entries that matter among all of a report.
 * @param {RTCStatsReport} report
 * @returns {{ inbound?: any, outbound?: any, remote?: any, pair?: any, local?: any, far?: any }}
 */
function pick(report) {
  /** @type {ReturnType<typeof pick>} */
  const found = {};
  /** @type {string | undefined} */
  let selected;
  for (const entry of report.values()) {
    if (entry.type === 'inbound-rtp' && entry.kind === 'audio') found.inbound = entry;
    if (entry.type === 'outbound-rtp' && entry.kind === 'audio') found.outbound = entry;
    if (entry.type === 'remote-inbound-rtp' && entry.kind === 'audio') found.remote = entry;
    if (entry.type === 'transport') selected = entry.selectedCandidatePairId ?? selected;
    // Browsers whose transport does not name the pair in use mark the pair itself.
    if (entry.type === 'candidate-pair' && entry.selected) selected = entry.id;
  }
  found.pair = selected ? report.get(selected) : undefined;
  found.local = found.pair && report.get(found.pair.localCandidateId);
  found.far = found.pair && report.get(found.pair.remoteCandidateId);
  return found;
}

/**
 * Describe the candidate pair in use.
 * @param {ReturnType<typeof pick>} found
 * @returns {Pair}
 */
function pairOf({ local, far }) {
  const port = far?.port ? `:${far.port}` : '';
  return {
    protocol: local?.protocol ?? far?.protocol ?? '',
    local: local?.candidateType ?? '',
    remote: far?.candidateType ?? '',
    address: `${far?.address ?? far?.ip ?? ''}${port}`,
  };
}

/**
 * Return a count, or 0 where the browser does not tell it.
 * @param {unknown} value
 */
const count = (value) => (typeof value === 'number' ? value : 0);

/**
 * Return milliseconds, or null where the browser does not tell the time.
 * @param {unknown} seconds
 */
const millis = (seconds) => (typeof seconds === 'number' ? seconds * 1000 : null);

/**
 * Return a part as a percentage, or null of nothing.
 * @param {number} part
 * @param {number} whole
 */
const share = (part, whole) => (whole > 0 ? (part / whole) * 100 : null);
