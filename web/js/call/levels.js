/**
 * Measure how loud both voices are, for the drawing. The page listens beside the playback and never within it: if the
 * model's voice went through Web Audio, the browser's echo cancellation would no longer know it.
 */

const FFT = 512;

export class Levels {
  constructor() {
    /** @type {AudioContext | null} */
    this.context = null;
    /** @type {Map<'you' | 'model', { source: MediaStreamAudioSourceNode, analyser: AnalyserNode, samples: Float32Array<ArrayBuffer> }>} */
    this.ears = new Map();
  }

  /** Start the audio context. Call this in a click: an iPhone suspends a context that starts by itself. */
  unlock() {
    this.context ??= new AudioContext({ latencyHint: 'interactive' });
    if (this.context.state === 'suspended') void this.context.resume();
  }

  /** Say whether levels can be read. On a machine without any sound output, Firefox never starts an audio context. */
  get running() {
    return this.context?.state === 'running';
  }

  /**
   * Measure this voice from now on.
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
   * Return how loud a voice is at this moment.
   * @param {'you' | 'model'} voice
   * @returns {number} 0 to 1, from -60 to -12 decibels, which is about how loud a voice seems
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

  /**
   * Stop measuring a voice.
   * @param {'you' | 'model'} voice
   */
  #forget(voice) {
    const ear = this.ears.get(voice);
    ear?.source.disconnect();
    this.ears.delete(voice);
  }

  /** Stop measuring, and close the audio context. */
  release() {
    this.#forget('you');
    this.#forget('model');
    void this.context?.close();
    this.context = null;
  }
}
