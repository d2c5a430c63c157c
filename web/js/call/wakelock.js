/**
 * Keep the screen on during a call, because a phone that locks itself ends the call. The browser drops the lock whenever
 * the page is hidden.
 */

export class WakeLock {
  /** @param {Document} root tells when the page is visible again */
  constructor(root) {
    this.wanted = false;
    /** @type {WakeLockSentinel | null} */
    this.sentinel = null;
    root.addEventListener('visibilitychange', () => {
      if (root.visibilityState === 'visible' && this.wanted) void this.#request();
    });
  }

  /** Keep the screen on from now on. */
  acquire() {
    this.wanted = true;
    void this.#request();
  }

  /** Let the screen go off again. */
  release() {
    this.wanted = false;
    void this.sentinel?.release();
    this.sentinel = null;
  }

  /** Ask for the lock, unless the page holds it already. */
  async #request() {
    if (!('wakeLock' in navigator) || (this.sentinel && !this.sentinel.released)) return;
    // The browser may refuse, for example when the battery is low. The call goes on without the lock.
    const sentinel = await navigator.wakeLock.request('screen').catch(() => null);
    if (this.wanted) this.sentinel = sentinel;
    else void sentinel?.release();
  }
}
