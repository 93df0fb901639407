// What the server advises on a message while it is being written: said under the box, each until it is put away.

import { wordsOr } from './format.js';
import { html } from './html.js';
import { icon } from './icons.js';

/** The advice of a form, and what of it was put away. */
export class Advised {
  #away = new Set();

  /** @param {string} of an advice: `rule` and `text` */
  putAway(of) {
    this.#away.add(of);
  }

  /**
   * @param {Messenger.Advice[]} list
   * @param {Messenger.Translate} t
   */
  view(list, t) {
    // what makes a text dearer stands in its count
    const shown = list.filter((a) => a.rule !== 'dear_character' && !this.#away.has(ruleAndText(a)));
    const items = html`<div class="messenger-advice" role="list" aria-label=${t('advice')}>
      ${shown.map((a) => oneAdvice(a, t))}
    </div>`;
    return html`<div data-key="advice" aria-live="polite">${shown.length ? items : ''}</div>`;
  }
}

/** @param {Messenger.Advice} advice */
const ruleAndText = ({ rule, text }) => `${rule} ${text}`;

/**
 * @param {Messenger.Advice} advice
 * @param {Messenger.Translate} t
 */
function oneAdvice(advice, t) {
  const key = ruleAndText(advice);
  const [, name, page] = /^(.*): (https:\/\/\S+)$/.exec(advice.source) ?? [];
  const why = html`<a href=${page} target="_blank" rel="noopener noreferrer" title=${name}>${t('advice_why')}</a>`;
  return html`<div role="listitem" data-key=${key}>
    <span>${wordsOr(t, `advice_${advice.rule}`, advice.text)} ${page ? why : ''}</span>
    <button type="button" class="messenger-clear" data-do="advised" data-of=${key} aria-label=${t('advice_hide')}>
      ${icon('cross')}
    </button>
  </div>`;
}
