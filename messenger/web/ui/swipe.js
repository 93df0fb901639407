// A finger that draws a row to the right. Whatever it does can be done by a button too.

/** How far a finger goes before it means the row and not the list, in pixels. */
const begins = 12;
/** How far it has to have gone when it is lifted. */
const enough = 88;

/**
 * Watches the rows below an element until the signal aborts.
 * @param {HTMLElement} element
 * @param {(row: HTMLElement) => boolean} may whether a row can be drawn
 * @param {(row: HTMLElement) => void} does called when one was drawn far enough
 * @param {AbortSignal} signal
 */
export function swipe(element, may, does, signal) {
  /** @type {{row: HTMLElement, id: number, x: number, y: number, by: number}|undefined} */
  let drawn;

  /** @param {number} by */
  const show = (by) => {
    drawn?.row.style.setProperty('--messenger-drawn', `${by}px`);
    drawn?.row.style.setProperty('--messenger-shown', by >= enough ? '1' : by > 0 ? '0.5' : '0');
  };
  const end = () => {
    show(0);
    drawn = undefined;
  };
  /** @param {PointerEvent} event */
  const down = (event) => {
    const row = event.target instanceof Element ? event.target.closest('.messenger-row') : null;
    if (drawn || event.pointerType !== 'touch' || !(row instanceof HTMLElement) || !may(row)) return end();
    drawn = { row, id: event.pointerId, x: event.clientX, y: event.clientY, by: 0 };
  };
  /** @param {PointerEvent} event */
  const move = (event) => {
    if (!drawn || event.pointerId !== drawn.id) return;
    const by = Math.max(0, event.clientX - drawn.x);
    const aside = by > Math.abs(event.clientY - drawn.y);
    if (!drawn.by && (by < begins || !aside)) return;
    drawn.by = by;
    show(by);
  };
  /** @param {PointerEvent} event */
  const up = (event) => {
    if (!drawn || event.pointerId !== drawn.id) return;
    const { row, by } = drawn;
    end();
    if (by >= enough) does(row);
  };
  element.addEventListener('pointerdown', down, { signal });
  element.addEventListener('pointermove', move, { signal });
  element.addEventListener('pointerup', up, { signal });
  element.addEventListener('pointercancel', end, { signal });
}
