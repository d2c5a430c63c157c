/**
 * Push to talk, by finger, pen, mouse or key. Whatever takes the page's attention away lets go: an open microphone
 * that nobody holds is worse than a lost word.
 */

/** Where a space is a space, or presses something else. */
const TYPING = 'input, textarea, select, button, summary, a, dialog, [contenteditable]';

/**
 * @param {HTMLElement} control the button that is held
 * @param {{ active: () => boolean, onHold: (holding: boolean) => void }} dependencies `active`: in a call, with push to talk
 */
export function watchHolding(control, { active, onHold }) {
  const letGo = () => onHold(false);

  control.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    // Without capture, a finger that slides off the button would leave the microphone open.
    control.setPointerCapture(event.pointerId);
    onHold(true);
  });
  for (const end of ['pointerup', 'pointercancel', 'lostpointercapture']) control.addEventListener(end, letGo);
  // A long press must talk, not open a menu.
  control.addEventListener('contextmenu', (event) => event.preventDefault());

  document.addEventListener('keydown', (event) => {
    if (!active() || !isHoldKey(event, control)) return;
    event.preventDefault();
    if (!event.repeat) onHold(true);
  });
  document.addEventListener('keyup', (event) => {
    if (!active() || !isHoldKey(event, control)) return;
    // The button would be clicked on the release of its key.
    event.preventDefault();
    letGo();
  });
  window.addEventListener('blur', letGo);
  document.addEventListener('visibilitychange', () => document.hidden && letGo());
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLElement} control
 */
function isHoldKey(event, control) {
  if (event.target === control) return event.key === ' ' || event.key === 'Enter';
  return event.key === ' ' && !(event.target instanceof Element && event.target.closest(TYPING));
}
