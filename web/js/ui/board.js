/**
 * Draw two jacks and a cord between them. The cord is plugged in while there is a call, and carries the voices: a wave
 * runs from whoever speaks to whoever listens. For visitors who want no motion, only the rings around the jacks show how
 * loud the voices are.
 */

/** The cord begins at the first place, and its plug may be at one of the others, in the drawing's own units. */
const LEFT = { x: 68, y: 82 };
const PLUGGED = { x: 292, y: 82, angle: 0 };
const REACHING = { x: 248, y: 104, angle: -22 };
const PARKED = { x: 208, y: 146, angle: 0 };

/** The cord is drawn through this many points. */
const POINTS = 40;
const PLUG_LENGTH = 32;
/** The wave of the loudest voice is this high. */
const WAVE = 50;

/**
 * Make the drawing move.
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

  /** Return where the plug should be. */
  function goal() {
    const phase = board.getAttribute('data-phase');
    if (phase === 'live' || phase === 'wavering') return PLUGGED;
    return phase === 'starting' || phase === 'retrying' ? REACHING : PARKED;
  }

  /**
   * Draw one frame, and ask for the next while anything moves.
   * @param {number} time
   */
  function frame(time) {
    const step = still.matches ? 1 : 0.14;
    end = {
      x: end.x + (target.x - end.x) * step,
      y: end.y + (target.y - end.y) * step,
      angle: end.angle + (target.angle - end.angle) * step,
    };
    for (const voice of /** @type {const} */ (['you', 'model'])) {
      // A meter that rises at once and falls slowly is easy to read.
      loud[voice] = Math.max(sounding ? levels.level(voice) : 0, loud[voice] * 0.86);
    }
    // The meter is information, so it stays. Where no motion is wanted, it need not tremble sixty times a second.
    if (!still.matches || time - lastRings > 150) {
      lastRings = time;
      for (const voice of /** @type {const} */ (['you', 'model'])) {
        // The ring grows from its lowest point to both sides.
        rings[voice].style.strokeDasharray = `${(loud[voice] * 100).toFixed(1)} ${(100 - loud[voice] * 100).toFixed(1)}`;
        rings[voice].style.strokeDashoffset = (loud[voice] * 50).toFixed(1);
      }
    }
    draw(still.matches ? 0 : time);
    const settled = Math.hypot(target.x - end.x, target.y - end.y) < 0.3 && loud.you + loud.model < 0.01;
    moving = sounding || !settled;
    if (moving) requestAnimationFrame(frame);
  }

  /**
   * Draw the cord and its plug.
   * @param {number} time milliseconds; 0 for no waves
   */
  function draw(time) {
    const radians = (end.angle * Math.PI) / 180;
    const tail = { x: end.x - PLUG_LENGTH * Math.cos(radians), y: end.y - PLUG_LENGTH * Math.sin(radians) };
    const span = Math.hypot(tail.x - LEFT.x, tail.y - LEFT.y);
    // The cord always has the same length, so it hangs lower the nearer its ends are.
    const sag = Math.max(5, (205 - span) * 0.3);
    let path = '';
    for (let index = 0; index <= POINTS; index += 1) {
      const u = index / POINTS;
      const x = LEFT.x + (tail.x - LEFT.x) * u;
      const rest = LEFT.y + (tail.y - LEFT.y) * u + sag * 4 * u * (1 - u);
      // Both ends stand still. The wave is high near the one who speaks, and fades towards the one who listens.
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
    /** Move the cord to where the new state wants it, and draw the voices while there is a call. */
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
