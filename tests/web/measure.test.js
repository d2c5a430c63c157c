import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Recovery, TRIES } from '../../web/js/call/recovery.js';
import { cost } from '../../web/js/measure/cost.js';
import { percentile, spread } from '../../web/js/measure/latency.js';
import { REPORT_BYTES, report, verdict } from '../../web/js/measure/quality.js';
import { digest } from '../../web/js/measure/stats.js';
import { Timeline } from '../../web/js/measure/timeline.js';

const sample = (fields = {}) => ({
  at: 0, rttMs: 40, jitterMs: 5, lossPercent: 0, lossOutPercent: 0, concealedPercent: 0, bufferMs: 40, kbpsIn: 30, kbpsOut: 30,
  energy: 0, pair: { protocol: 'udp', local: 'host', remote: 'host', address: '192.0.2.1:3478' }, ...fields,
});

test('percentiles are values that were measured; without values there is none', () => {
  assert.equal(percentile([3, 1, 2], 0.5), 2);
  assert.equal(percentile([1, 2, 3, 4], 0.95), 4);
  assert.equal(percentile([null, undefined], 0.5), null);
  assert.deepEqual(spread([1.23, 4.56]), { median: 1.2, p95: 4.6, max: 4.6 });
});

test('the worst figure decides the verdict', () => {
  assert.equal(verdict([]), null);
  assert.equal(verdict([sample()]), 'good');
  assert.equal(verdict([sample({ rttMs: 300 })]), 'fair');
  assert.equal(verdict([sample(), sample({ lossPercent: 12 })]), 'poor');
  assert.equal(verdict([sample({ rttMs: null, jitterMs: null, lossPercent: null, concealedPercent: null })]), null);
});

test('a report contains figures but neither address nor words, and is never too long', () => {
  const turn = { by: 'voice', itemId: 'x'.repeat(50), responseId: 'r', asked: 1, answered: 2, latencyMs: 12345, interrupted: true };
  const text = JSON.stringify(
    report({
      samples: Array.from({ length: 3600 }, (_, second) => sample({ at: second * 1000, lossPercent: 100 / 3 })),
      turns: Array.from({ length: 500 }, () => turn),
      timings: { microphone: 1, audio: 2 },
      reconnects: 3,
      agent: 'A'.repeat(5000),
      problem: 'connection-lost',
      now: 3_601_000,
    }),
  );
  assert.ok(text.length < REPORT_BYTES, `${text.length}`);
  assert.ok(!text.includes('192.0.2.1'));
  assert.deepEqual(JSON.parse(text).network.rtt_ms, { median: 40, p95: 40, max: 40 });
  assert.equal(JSON.parse(text).turns.length, 100);
  assert.equal(JSON.parse(text).network.series.rtt_ms.length, 120);
});

test('rates and shares come from two statistics a second apart', () => {
  const at = (fields) =>
    new Map(
      Object.entries({
        in: { type: 'inbound-rtp', kind: 'audio', jitter: 0.004, ...fields },
        out: { type: 'outbound-rtp', kind: 'audio', bytesSent: 0 },
        far: { type: 'remote-inbound-rtp', kind: 'audio', fractionLost: 0.01 },
        transport: { type: 'transport', selectedCandidatePairId: 'pair' },
        pair: { type: 'candidate-pair', currentRoundTripTime: 0.05, localCandidateId: 'l', remoteCandidateId: 'r' },
        l: { candidateType: 'prflx', protocol: 'udp' },
        r: { candidateType: 'host', address: '192.0.2.1', port: 3478 },
      }),
    );
  const first = digest(at({ bytesReceived: 0, packetsReceived: 0, packetsLost: 0, totalSamplesReceived: 0 }), null, 1000);
  assert.equal(first.sample, null);
  const { sample: second } = digest(
    at({ bytesReceived: 5000, packetsReceived: 49, packetsLost: 1, totalSamplesReceived: 48000, concealedSamples: 960, silentConcealedSamples: 480 }),
    first.totals,
    2000,
  );
  assert.deepEqual(
    [second?.rttMs, second?.jitterMs, second?.kbpsIn, second?.lossPercent, second?.lossOutPercent, second?.concealedPercent],
    [50, 4, 40, 2, 1, 1],
  );
  assert.deepEqual(second?.pair, { protocol: 'udp', local: 'prflx', remote: 'host', address: '192.0.2.1:3478' });
});

test('cached tokens are paid once, at their own price', () => {
  const prices = { currency: 'USD', text_input: 4, text_cached_input: 0.4, text_output: 16, audio_input: 32, audio_cached_input: 0.4, audio_output: 64, transcription_minute: 0.006 };
  const usage = {
    responses: 1,
    total: 0,
    input: { text: 1_000_000, cached_text: 500_000, audio: 1_000_000, cached_audio: 0 },
    output: { text: 0, audio: 1_000_000 },
    transcription: { seconds: 60 },
  };
  const { amount, complete } = cost(usage, prices) ?? {};
  assert.equal(amount?.toFixed(4), (2 + 0.2 + 32 + 64 + 0.006).toFixed(4));
  assert.equal(complete, true);
});

test('usage without a price makes the estimate a lower bound; without any prices there is no estimate', () => {
  const usage = { responses: 1, total: 2, input: { text: 1 }, output: { audio: 1 }, transcription: {} };
  assert.equal(cost(usage, { currency: 'EUR', text_input: 1 })?.complete, false);
  assert.equal(cost(usage, { currency: 'EUR', text_input: 1, audio_output: null })?.complete, false);
  assert.equal(cost(usage, null), null);
});

test('only the first time of a step counts', () => {
  let now = 100;
  const timeline = new Timeline(() => now);
  now = 150;
  timeline.mark('offer');
  now = 999;
  assert.deepEqual(timeline.mark('offer'), { offer: 50 });
});

test('a lost call is tried three times with growing pauses; a stable call gets all its tries back', () => {
  let now = 1;
  const recovery = new Recovery({ now: () => now, random: () => 0.5 });
  const delays = Array.from({ length: TRIES }, () => recovery.next()?.delay);
  assert.deepEqual(delays, [0, 1500, 4000]);
  assert.equal(recovery.next(), null);
  recovery.reset();
  recovery.next();
  recovery.live();
  now += 10_000;
  assert.equal(recovery.next()?.tries, 2, 'ten seconds are not stable');
  recovery.live();
  now += 61_000;
  assert.equal(recovery.next()?.tries, 1);
});
