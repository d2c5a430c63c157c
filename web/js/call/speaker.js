/**
 * The model's voice. One audio element for the life of the page: Safari forgets a visitor's gesture with the element it was for.
 */

/** How far the voice steps back the moment the visitor cuts in, until the service has really stopped it. */
const DUCKED = 0.15;

export class Speaker {
  /**
   * @param {HTMLAudioElement} element in the document, with playsinline
   * @param {{ onBlocked: (blocked: boolean) => void }} handlers
   */
  constructor(element, handlers) {
    this.element = element;
    this.handlers = handlers;
    this.volume = 1;
    // Safari 27 mutes a stream that arrives late unless it is played explicitly, and again when it can play.
    element.addEventListener('canplay', () => this.play());
  }

  /**
   * Call synchronously in a click: only then may the element play what comes later.
   * @param {MediaStreamTrack} track the receiver's, silent as yet
   */
  attach(track) {
    this.element.srcObject = new MediaStream([track]);
    this.play();
  }

  /** Plays, or says that the browser wants another tap. */
  async play() {
    if (!this.element.srcObject) return;
    try {
      await this.element.play();
      this.handlers.onBlocked(false);
    } catch (error) {
      // AbortError only says that a newer play() has taken over.
      if (error instanceof Error && error.name === 'NotAllowedError') this.handlers.onBlocked(true);
    }
  }

  /** @param {number} volume 0 to 1 */
  setVolume(volume) {
    this.volume = volume;
    this.element.volume = volume;
  }

  /** @param {boolean} ducked */
  duck(ducked) {
    this.element.volume = ducked ? this.volume * DUCKED : this.volume;
  }

  /** iPhones leave the volume to their buttons: the property can be written and does not change. */
  get volumeAdjustable() {
    const before = this.element.volume;
    this.element.volume = 0.5;
    const adjustable = this.element.volume === 0.5;
    this.element.volume = before;
    return adjustable;
  }

  get selectable() {
    return 'setSinkId' in this.element;
  }

  /** @param {string} deviceId empty for the system's own choice */
  async setDevice(deviceId) {
    if (!this.selectable || this.element.sinkId === deviceId) return;
    // A speaker remembered from another day may be gone: then the default one plays, which is what anyone expects.
    await this.element.setSinkId(deviceId).catch(() => this.element.setSinkId(''));
  }

  release() {
    this.element.pause();
    this.element.srcObject = null;
    this.element.volume = this.volume;
  }
}
