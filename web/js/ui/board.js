/**
 * Two jacks and a cord between them. The cord is plugged while there is a call, and carries the voices:
 * a wave runs from whoever speaks to whoever listens. Without motion, only the rings around the jacks show the levels.
 */

/** Where the cord begins, in the drawing's own units, and where its plug may be. */
const LEFT = { x: 68, y: 82 };
const PLUGGED = { x: 292, y: 82, angle: 0 };
const REACHING = { x: 248, y: 104, angle: -22 };
const PARKED = { x: 208, y: 146, angle: 0 };

const POINTS = 40;
const PLUG_LENGTH = 32;
const WAVE = 50;

/**
 * @param {SVGElement} board
 * @param {{ level: (voice: 'you' | 'model') => number }} levels
 */
export function createBoard(board, levels) {
  const part = (/** @type {string} */ selector) => /** @type {SVGElement} */ (board.querySelector(selector));
  const [cord, shadow, plug] = ['#cord', '#cord-shadow', '#plug'].map(part);
  const rings = { you: part('.jack-you .jack-level'), model: part('.jack-model .jack-level') };
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  let end = { ...PARKED };
  let target = PARKED;
  let sounding = false;
  let moving = false;
  const loud = { you: 0, model: 0 };
  let lastRings = 0;

  function goal() {
    const phase = board.getAttribute('data-phase');
    if (phase === 'live' || phase === 'wavering') return PLUGGED;
    return phase === 'starting' || phase === 'retrying' ? REACHING : PARKED;
  }

  /** @param {number} time */
  function frame(time) {
    const step = still.matches ? 1 : 0.14;
    end = {
      x: end.x + (target.x - end.x) * step,
      y: end.y + (target.y - end.y) * step,
      angle: end.angle + (target.angle - end.angle) * step,
    };
    for (const voice of /** @type {const} */ (['you', 'model'])) {
      // Up at once, down slowly: that is how a meter is read.
      loud[voice] = Math.max(sounding ? levels.level(voice) : 0, loud[voice] * 0.86);
    }
    // A meter is no ornament, but without motion it need not tremble sixty times a second.
    if (!still.matches || time - lastRings > 150) {
      lastRings = time;
      for (const voice of /** @type {const} */ (['you', 'model'])) {
        // Grows from the bottom to both sides.
        rings[voice].style.strokeDasharray = `${(loud[voice] * 100).toFixed(1)} ${(100 - loud[voice] * 100).toFixed(1)}`;
        rings[voice].style.strokeDashoffset = (loud[voice] * 50).toFixed(1);
      }
    }
    draw(still.matches ? 0 : time);
    const settled = Math.hypot(target.x - end.x, target.y - end.y) < 0.3 && loud.you + loud.model < 0.01;
    moving = sounding || !settled;
    if (moving) requestAnimationFrame(frame);
  }

  /** @param {number} time milliseconds; 0 draws no waves */
  function draw(time) {
    const radians = (end.angle * Math.PI) / 180;
    const tail = { x: end.x - PLUG_LENGTH * Math.cos(radians), y: end.y - PLUG_LENGTH * Math.sin(radians) };
    const span = Math.hypot(tail.x - LEFT.x, tail.y - LEFT.y);
    // A cord has one length: what is not stretched hangs.
    const sag = Math.max(5, (205 - span) * 0.3);
    let path = '';
    for (let index = 0; index <= POINTS; index += 1) {
      const u = index / POINTS;
      const x = LEFT.x + (tail.x - LEFT.x) * u;
      const rest = LEFT.y + (tail.y - LEFT.y) * u + sag * 4 * u * (1 - u);
      // Both ends are held; the wave is tall at its speaker and fades toward its listener.
      const held = Math.sin(Math.PI * u);
      const yours = loud.you * (1 - u) * Math.sin(18 * u - time / 55);
      const theirs = loud.model * u * Math.sin(18 * u + time / 55);
      const wave = time ? WAVE * held * (yours + theirs) : 0;
      path += `${index ? 'L' : 'M'}${x.toFixed(1)} ${(rest + wave).toFixed(1)}`;
    }
    cord.setAttribute('d', path);
    shadow.setAttribute('d', path);
    plug.setAttribute('transform', `translate(${end.x.toFixed(1)} ${end.y.toFixed(1)}) rotate(${end.angle.toFixed(1)})`);
  }

  return {
    /** The state has changed: move the cord, and listen while there is something to hear. */
    update() {
      target = goal();
      sounding = target === PLUGGED;
      if (!moving) {
        moving = true;
        requestAnimationFrame(frame);
      }
    },
  };
}
