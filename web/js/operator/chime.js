/**
 * Play a sound when a call is handed over. A browser lets a page do so only after a click or a key press.
 */

/** The two tones of the sound, in hertz, and how long each is heard, in seconds. */
const TONES = [784, 1047];
const SECONDS = 0.35;
const LOUDNESS = 0.2;

/**
 * Make the sound. Nothing is opened before it is played for the first time.
 * @param {() => boolean} allowed whether somebody has clicked or pressed a key on this page
 * @param {() => AudioContext} open makes a context of sounds
 */
export function createChime(allowed, open) {
  /** @type {AudioContext | undefined} */
  let context;
  return {
    /** Return whether the browser lets the page play a sound now. */
    ready: () => allowed(),
    /** Play the sound, if the browser allows it. */
    play() {
      if (!allowed()) return;
      context ??= open();
      void context.resume();
      TONES.forEach((frequency, index) => {
        const { currentTime, destination } = /** @type {AudioContext} */ (context);
        const at = currentTime + index * SECONDS * 0.6;
        const tone = /** @type {AudioContext} */ (context).createOscillator();
        const volume = /** @type {AudioContext} */ (context).createGain();
        tone.frequency.value = frequency;
        // A tone that begins or ends at once would click.
        volume.gain.setValueAtTime(0, at);
        volume.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02);
        volume.gain.exponentialRampToValueAtTime(0.001, at + SECONDS);
        tone.connect(volume).connect(destination);
        tone.start(at);
        tone.stop(at + SECONDS);
      });
    },
  };
}

/** @typedef {ReturnType<typeof createChime>} Chime */
