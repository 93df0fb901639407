// A send of the form of <messenger-compose>: what is asked of the server, and what its answer comes to.

import { ApiError } from './api.js';
import { Attempt } from './attempt.js';
import { mayBeDone, mayBeDoneAt } from './later.js';
import { undoSeconds } from './undo.js';

/** @typedef {import('./form.js').Form} Form */

/** Of one box: what is sent, once however often it is tried. */
export class Sending {
  #attempt = new Attempt();

  /** @param {import('./messenger-compose.js').MessengerCompose} element */
  constructor(element) {
    this.element = element;
  }

  /**
   * @param {''|'done'} then
   * @param {string} [at] when it is to go out, where that was pressed
   */
  async send(then, at) {
    const { element } = this;
    const { form, draft, path, client } = element;
    if (!form || form.sending) return;
    form.chosen = at ? new Date(at) : undefined;
    element.problem = '';
    element.told.dropped = undefined;
    if (!form.check()) return this.#refuse(form);
    if (then && !(await this.#mayBeDone(form))) return;
    form.sending = true;
    element.told.said = element.t('sending');
    element.render();
    const attempt = this.#prepare(form, then);
    const written = form.draft;
    const { name = '' } = element.info ?? {};
    // Another conversation may have been opened meanwhile: what stands in the box is another message then.
    const isHere = () => element.form === form || (element.path === path && element.form?.text.body === form.text.body);
    try {
      await draft?.flush();
      // Two windows may show this draft, and send it at the same moment.
      if (!attempt.tried) attempt.key = draft?.keyOf(written) ?? attempt.key;
      attempt.tried = true;
      const answer = await element.hub.api.call('POST', path, attempt.body, { key: attempt.key });
      const message = /** @type {Messenger.Message} */ (answer.message ?? answer);
      const here = isHere();
      const before = element.channel?.status ?? '';
      this.#attempt.forget();
      // What was typed since is another message, and stays.
      const typed = here && element.form?.text.body !== attempt.body.body;
      if (typed) element.keep();
      else if (here || element.path !== path) draft?.sent(attempt.body.body);
      if (here && !typed) {
        element.dropDraft();
        element.form = undefined;
        element.problem = '';
        element.render();
      }
      element.emit('messenger-sent', { message, channel_id: message.channel_id, client_id: client });
      element.hub.said(message);
      if (answer.channel?.id) element.hub.changed(answer.channel);
      if (!here) return;
      const later = form.later || Boolean(at);
      element.told.follow(message, then, before, later);
      element.tell('sent', { message, then, before, later });
    } catch (error) {
      if (isHere()) this.#failed(form, error, written.body);
      else element.problem = element.t('not_sent_there', { name });
    } finally {
      form.sending = false;
      form.chosen = undefined;
      element.update();
    }
  }

  /**
   * Whether the channel may be marked as done: asked where an answer is awaited in it.
   * @param {Form} form
   */
  async #mayBeDone(form) {
    const { element } = this;
    const { channel, page } = element;
    const id = page?.channel_id;
    try {
      const may = channel ? await mayBeDone(element, channel) : !id || (await mayBeDoneAt(element, id));
      return may && element.form === form && !form.sending;
    } catch (error) {
      this.#failed(form, error, '');
      return false;
    }
  }

  /**
   * Shows what is wrong and puts the cursor there.
   * @param {Form} form
   */
  #refuse(form) {
    this.element.render();
    form.focusFault();
  }

  /**
   * @param {Form} form
   * @param {string} then
   */
  #prepare(form, then) {
    const { client, channel, hub, seen } = this.element;
    const { draft, later, chosen, reason, link } = form;
    const after = chosen ?? new Date(hub.api.now() + undoSeconds * 1000);
    const thing = [client, channel?.id, draft, then, later, chosen, reason, link];
    return this.#attempt.at(thing, () => form.body(after, then, seen()));
  }

  /**
   * @param {Form} form
   * @param {unknown} error
   * @param {string} body
   */
  #failed(form, error, body) {
    const { element } = this;
    const code = error instanceof ApiError ? error.code : '';
    element.told.said = '';
    if (code === 'idempotency_key_reused' || code === 'newer_messages') this.#attempt.forget();
    if (code === 'idempotency_key_reused') {
      form.sending = false;
      return element.sentElsewhere(body, true);
    }
    if (code === 'newer_messages') element.tell('newer');
    if (code === 'confirmation_required' || code === 'safe_contact') {
      form.whyFor = code === 'safe_contact' ? form.medium : 'all';
      form.faults = { reason: element.t('missing_reason') };
      return this.#refuse(form);
    }
    if (code === 'time_does_not_exist') {
      form.figures.refuse(form.written, error);
      form.faults = { when: element.explain(error) };
      return this.#refuse(form);
    }
    if (['too_long', 'unknown_placeholder', 'template_place_unfilled'].includes(code)) {
      form.faults = { body: element.explain(error) };
      return this.#refuse(form);
    }
    const gone = code === 'not_found' && form.template;
    if (gone) form.template = undefined;
    const words = gone ? element.t('template_gone') : element.explain(error);
    element.refused = error instanceof ApiError && error.status === 422;
    element.problem = code === 'offline' || code === 'slow' ? element.t('error_offline_send') : words;
    element.render();
    element.one('.messenger-form-problem')?.focus();
  }
}
