/**
 * Keeps the screen on during a call: a locked phone ends it. The browser drops the lock whenever the page is hidden.
 */

export class WakeLock {
  /** @param {Document} root */
  constructor(root) {
    this.wanted = false;
    /** @type {WakeLockSentinel | null} */
    this.sentinel = null;
    root.addEventListener('visibilitychange', () => {
      if (root.visibilityState === 'visible' && this.wanted) void this.#request();
    });
  }

  acquire() {
    this.wanted = true;
    void this.#request();
  }

  release() {
    this.wanted = false;
    void this.sentinel?.release();
    this.sentinel = null;
  }

  async #request() {
    if (!('wakeLock' in navigator) || (this.sentinel && !this.sentinel.released)) return;
    // Refused on low battery, for example; a call without it is still a call.
    const sentinel = await navigator.wakeLock.request('screen').catch(() => null);
    if (this.wanted) this.sentinel = sentinel;
    else void sentinel?.release();
  }
}
