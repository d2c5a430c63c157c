/**
 * How loud both voices are, for the drawing. Listens beside the playback, never in it: routing the model's voice
 * through Web Audio would take it out of the browser's echo cancellation.
 */

const FFT = 512;

export class Levels {
  constructor() {
    /** @type {AudioContext | null} */
    this.context = null;
    /** @type {Map<'you' | 'model', { source: MediaStreamAudioSourceNode, analyser: AnalyserNode, samples: Float32Array<ArrayBuffer> }>} */
    this.ears = new Map();
  }

  /** Call in a click: iPhones start the context suspended. */
  unlock() {
    this.context ??= new AudioContext({ latencyHint: 'interactive' });
    if (this.context.state === 'suspended') void this.context.resume();
  }

  /** Whether levels can be read: where a machine has no sound output, Firefox never starts its audio context. */
  get running() {
    return this.context?.state === 'running';
  }

  /**
   * @param {'you' | 'model'} voice
   * @param {MediaStreamTrack} track
   */
  listen(voice, track) {
    if (!this.context) return;
    this.#forget(voice);
    const source = this.context.createMediaStreamSource(new MediaStream([track]));
    const analyser = new AnalyserNode(this.context, { fftSize: FFT, smoothingTimeConstant: 0 });
    source.connect(analyser);
    this.ears.set(voice, { source, analyser, samples: new Float32Array(FFT) });
  }

  /**
   * @param {'you' | 'model'} voice
   * @returns {number} 0 to 1, as loud as it seems: decibels between -60 and -12
   */
  level(voice) {
    const ear = this.ears.get(voice);
    if (!ear) return 0;
    ear.analyser.getFloatTimeDomainData(ear.samples);
    let sum = 0;
    for (const sample of ear.samples) sum += sample * sample;
    const decibels = 10 * Math.log10(sum / FFT + 1e-9);
    return Math.min(1, Math.max(0, (decibels + 60) / 48));
  }

  /** @param {'you' | 'model'} voice */
  #forget(voice) {
    const ear = this.ears.get(voice);
    ear?.source.disconnect();
    this.ears.delete(voice);
  }

  release() {
    this.#forget('you');
    this.#forget('model');
    void this.context?.close();
    this.context = null;
  }
}
