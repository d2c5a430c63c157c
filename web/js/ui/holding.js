/**
 * Follow push to talk, by finger, pen, mouse or key. Whatever takes the visitor's attention off the page releases it: an
 * open microphone that nobody holds is worse than a lost word.
 */

/** In these elements the space bar writes a space, or presses something else. */
const TYPING = 'input, textarea, select, button, summary, a, dialog, [contenteditable]';

/**
 * Say when push to talk is held and when it is released.
 * @param {HTMLElement} control the button that is held
 * @param {{ active: () => boolean, onHold: (holding: boolean) => void }} dependencies `active` says whether push to talk counts now
 */
export function watchHolding(control, { active, onHold }) {
  const letGo = () => onHold(false);

  control.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    // Without this, a finger that slides off the button would leave the microphone open.
    control.setPointerCapture(event.pointerId);
    onHold(true);
  });
  for (const end of ['pointerup', 'pointercancel', 'lostpointercapture']) control.addEventListener(end, letGo);
  // A long press talks, and must not open a menu.
  control.addEventListener('contextmenu', (event) => event.preventDefault());

  document.addEventListener('keydown', (event) => {
    if (!active() || !isHoldKey(event, control)) return;
    event.preventDefault();
    if (!event.repeat) onHold(true);
  });
  document.addEventListener('keyup', (event) => {
    if (!active() || !isHoldKey(event, control)) return;
    // When its key is released, the browser would click the button.
    event.preventDefault();
    letGo();
  });
  window.addEventListener('blur', letGo);
  document.addEventListener('visibilitychange', () => document.hidden && letGo());
}

/**
 * Say whether this key is held in order to talk.
 * @param {KeyboardEvent} event
 * @param {HTMLElement} control
 */
function isHoldKey(event, control) {
  if (event.target === control) return event.key === ' ' || event.key === 'Enter';
  return event.key === ' ' && !(event.target instanceof Element && event.target.closest(TYPING));
}
