/**
 * getStats() in a dozen numbers a second. Pure: the caller asks the connection and keeps the clock.
 *
 * @typedef {object} Totals what only grows; two of them make a Sample
 * @property {number} at milliseconds of the report
 * @property {number} bytesIn
 * @property {number} bytesOut
 * @property {number} packets received
 * @property {number} lost
 * @property {number} samples received
 * @property {number} concealed samples the browser invented to cover a gap
 * @property {number} silent concealed while nothing was to be heard
 * @property {number} bufferDelay seconds spent in the jitter buffer, summed
 * @property {number} bufferCount samples that left it
 * @property {number} energy of the model's voice
 *
 * @typedef {object} Sample one second of the connection
 * @property {number} at epoch milliseconds
 * @property {number | null} rttMs
 * @property {number | null} jitterMs
 * @property {number | null} lossPercent on the way to the visitor
 * @property {number | null} lossOutPercent on the way to the model, as it reports
 * @property {number | null} concealedPercent audible gaps that were covered up
 * @property {number | null} bufferMs
 * @property {number} kbpsIn
 * @property {number} kbpsOut
 * @property {number} energy
 * @property {Pair | null} pair
 *
 * @typedef {{ protocol: string, local: string, remote: string, address: string }} Pair the candidate pair in use
 */

/**
 * @param {RTCStatsReport} report
 * @param {Totals | null} before
 * @param {number} now epoch milliseconds
 * @returns {{ totals: Totals, sample: Sample | null }} no sample without something to compare with
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
    // Firefox has no transport entry but marks the pair itself.
    if (entry.type === 'candidate-pair' && entry.selected) selected = entry.id;
  }
  found.pair = selected ? report.get(selected) : undefined;
  found.local = found.pair && report.get(found.pair.localCandidateId);
  found.far = found.pair && report.get(found.pair.remoteCandidateId);
  return found;
}

/**
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

/** @param {unknown} value */
const count = (value) => (typeof value === 'number' ? value : 0);

/** @param {unknown} seconds */
const millis = (seconds) => (typeof seconds === 'number' ? seconds * 1000 : null);

/**
 * @param {number} part
 * @param {number} whole
 */
const share = (part, whole) => (whole > 0 ? (part / whole) * 100 : null);
