/**
 * Play the model's voice. One audio element lasts as long as the page: Safari forgets the visitor's click together with
 * the element that it was for.
 */

/** The voice is turned down to this share the moment the visitor cuts in, until the service has really stopped it. */
const DUCKED = 0.15;

export class Speaker {
  /**
   * @param {HTMLAudioElement} element stands in the document and has the attribute playsinline
   * @param {{ onBlocked: (blocked: boolean) => void }} handlers `onBlocked`: whether the browser wants another tap before it plays
   */
  constructor(element, handlers) {
    this.element = element;
    this.handlers = handlers;
    this.volume = 1;
    // Safari 27 mutes a stream that arrives late, unless the page plays it explicitly and once more when it can play.
    element.addEventListener('canplay', () => this.play());
  }

  /**
   * Play this track. Call this synchronously in a click: only then may the element play what comes later.
   * @param {MediaStreamTrack} track belongs to the receiver, and is silent as yet
   */
  attach(track) {
    this.element.srcObject = new MediaStream([track]);
    this.play();
  }

  /** Play, or say that the browser wants another tap. */
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

  /**
   * Set the volume that the visitor chose.
   * @param {number} volume 0 to 1
   */
  setVolume(volume) {
    this.volume = volume;
    this.element.volume = volume;
  }

  /**
   * Turn the voice down, or up again.
   * @param {boolean} ducked
   */
  duck(ducked) {
    this.element.volume = ducked ? this.volume * DUCKED : this.volume;
  }

  /** Say whether the page can set the volume. On an iPhone only the buttons can: the property is written and does not change. */
  get volumeAdjustable() {
    const before = this.element.volume;
    this.element.volume = 0.5;
    const adjustable = this.element.volume === 0.5;
    this.element.volume = before;
    return adjustable;
  }

  /** Say whether the page can choose the speaker. */
  get selectable() {
    return 'setSinkId' in this.element;
  }

  /**
   * Play through this speaker.
   * @param {string} deviceId empty for the system's own choice
   */
  async setDevice(deviceId) {
    if (!this.selectable || this.element.sinkId === deviceId) return;
    // The speaker that was chosen on another day may be gone. Then the default one plays.
    await this.element.setSinkId(deviceId).catch(() => this.element.setSinkId(''));
  }

  /** Stop playing. */
  release() {
    this.element.pause();
    this.element.srcObject = null;
    this.element.volume = this.volume;
  }
}
