// The part of the tests' API that watches over replies: who is away and who covers, what needs a person, the day's end,
// and who is handed what.

import { page, problem, row } from './shapes.js';

/** What a channel itself needs a person for, and what can be done about it. @type {Record<string, string>} */
const ofChannels = { reply_overdue: 'cover', link_locked: 'resolve', reply_flood: 'resolve' };

/** What watches over a fake's channels. */
export class Watch {
  /** By staff id. @type {Map<string, any>} */
  absences = new Map();
  /** Who may not cover for anybody. */
  unfit = new Set(['chloe']);
  /** Whose inbox has no owner any more. */
  left = new Set();
  /** How much waits as a whole. */
  held = 0;
  /** What has happened to inboxes. @type {any[]} */
  past = [];
  /** How far an inbox is handed over, by whose it was. @type {Map<string, any>} */
  handovers = new Map();
  /** What waits for a pause. @type {any[]} */
  pauses = [];

  /** @param {import('./fake.js').Fake} fake */
  constructor(fake) {
    this.fake = fake;
  }

  /**
   * @param {string} name the method, and the path with … for an id
   * @param {string} id
   * @param {URLSearchParams} search
   * @param {any} body
   * @returns {[number, any]|undefined}
   */
  route(name, id, search, body) {
    switch (name) {
      case 'GET overview':
        return [200, this.overview()];
      case 'GET attention':
        return this.#attention(search);
      case 'POST attention/…': // attention/act
        return [200, { results: body.ids.map((/** @type {string} */ one) => this.#act(one, body.do)) }];
      case 'GET broadcasts/…/failed':
        return page(this.#undelivered(), search);
      case 'POST broadcasts/…/retry':
        return [200, { results: this.#undelivered().map((one) => this.#act(one.id, 'retry')) }];
      case 'GET inboxes/…/covers':
        return [200, { items: this.#covers(id) }];
      case 'GET inboxes/…/absence':
        return this.absences.has(id) ? [200, { note: '', ...this.absences.get(id) }] : problem(404, 'not_found');
      case 'PUT inboxes/…/absence':
        return this.#away(id, body);
      case 'DELETE inboxes/…/absence':
        return this.absences.delete(id) ? [204, undefined] : problem(404, 'not_found');
      case 'GET inboxes/…/history':
        return page(this.past, search);
      case 'POST channels/…/handover':
        return this.#hand(this.fake.channels.get(id), body);
      case 'POST inboxes/…/handover':
        return this.#handAll(id, body);
      case 'GET inboxes/…/handover':
        return this.#progress(id);
      default:
        return undefined;
    }
  }

  /** Who may act in an inbox. @param {string} id */
  #covers(id) {
    return this.fake.inboxes.flatMap(({ staff_id, name }) => (staff_id === id ? [] : [{ staff_id, name }]));
  }

  /** @param {string} id */
  #nameOf(id) {
    return this.fake.inboxes.find((inbox) => inbox.staff_id === id)?.name ?? id;
  }

  /**
   * @param {string} id
   * @param {any} body
   * @returns {[number, any]}
   */
  #away(id, body) {
    if (this.unfit.has(body.cover_staff_id) || body.cover_staff_id === id) return problem(422, 'invalid');
    const absence = { staff_id: id, cover_name: this.#nameOf(body.cover_staff_id), ...body };
    this.absences.set(id, absence);
    return [200, absence];
  }

  /**
   * @param {any} channel
   * @param {{to: string, take_unread?: boolean}} body
   * @returns {[number, any]}
   */
  #hand(channel, { to, take_unread: takes }) {
    if (to === channel.staff_id) return problem(422, 'invalid');
    if (channel.unread_count && !takes) return problem(409, 'unread_replies');
    if (this.unfit.has(to)) return problem(422, 'receiver_cannot_send');
    channel.staff_id = to;
    this.fake.touch(channel);
    return [200, row(channel)];
  }

  /**
   * @param {string} id
   * @param {{to: string, take_unread?: boolean}} body
   * @returns {[number, any]}
   */
  #handAll(id, body) {
    const own = [...this.fake.channels.values()].filter((c) => c.staff_id === id);
    const total = own.length;
    const came = own.map((channel) => ({ channel_id: channel.id, answer: this.#hand(channel, body)[1] }));
    const refused = came.flatMap(({ channel_id, answer: { code } }) => (code ? [{ channel_id, why: code }] : []));
    const refused_count = refused.length;
    const done = { id: 'ho-1', state: 'done', total, moved: total - refused_count, refused_count, refused };
    this.handovers.set(id, { ...done, asked: 0 });
    return [202, { id: 'ho-1', total }];
  }

  /**
   * How far it is: half-way when it is asked first.
   * @param {string} id
   * @returns {[number, any]}
   */
  #progress(id) {
    const of = this.handovers.get(id);
    if (!of) return problem(404, 'not_found');
    const { asked, ...done } = of;
    of.asked++;
    const half = { ...done, state: 'running', moved: 0, refused_count: 0, refused: [] };
    return [200, asked ? done : half];
  }

  /** @param {string} staffId */
  coverOf(staffId) {
    const absence = this.absences.get(staffId);
    if (!absence || Date.parse(absence.from) > Date.now()) return undefined;
    return { staff_id: absence.cover_staff_id, name: absence.cover_name, until: absence.until };
  }

  /** Whom somebody covers. @param {string} staffId */
  covering(staffId) {
    const away = [...this.absences.keys()].filter((id) => this.coverOf(id)?.staff_id === staffId);
    return away.map((id) => ({ staff_id: id, name: this.#nameOf(id), until: this.absences.get(id).until }));
  }

  /** The unread channels of whom somebody covers. @param {string} staffId @returns {any[]} */
  covered(staffId) {
    const whose = new Set(this.covering(staffId).map(({ staff_id: id }) => id));
    const all = [...this.fake.channels.values()].filter((c) => whose.has(c.staff_id) && c.status === 'unread');
    return all.map((c) => ({ ...c, covered_for: c.staff_id }));
  }

  overview() {
    const { fake } = this;
    const inboxes = fake.inboxes.map(({ staff_id, name }) => {
      const own = [...fake.channels.values()].filter((c) => c.staff_id === staff_id);
      const unread = own.filter((c) => c.status === 'unread');
      const since = unread.flatMap((c) => fake.of(c.id).find((m) => m.direction === 'inbound' && !m.read) ?? []);
      const cover = this.coverOf(staff_id);
      const away = this.absences.has(staff_id) && Date.parse(this.absences.get(staff_id).from) <= Date.now();
      const able = cover && !this.unfit.has(cover.staff_id) ? cover : undefined;
      const left = this.left.has(staff_id);
      return {
        staff_id,
        name,
        state: left ? 'left' : away ? 'away' : 'here',
        cover: able && { staff_id: able.staff_id, name: able.name },
        uncovered: left ? own.length > 0 : away && !able,
        unread: unread.length,
        oldest_unread_at: since.map((m) => m.created_at).sort()[0],
        overdue: own.filter((c) => c.attention.includes('reply_overdue')).length,
        attention: own.filter((c) => c.attention.length).length,
        awaiting: own.filter((c) => c.awaiting).length,
        scheduled: own.flatMap((c) => fake.of(c.id)).filter((m) => m.delivery.status === 'scheduled').length,
      };
    });
    const unmatched = fake.waiting().length;
    const { held: waiting } = this;
    const waits = inboxes.some((i) => i.unread + i.attention > 0 || i.uncovered);
    return { safe: !waits && !unmatched && !waiting, inboxes, unmatched, waiting };
  }

  /**
   * @param {URLSearchParams} search
   * @returns {[number, any]}
   */
  #attention(search) {
    const all = this.#needed().sort((a, b) => b.since.localeCompare(a.since));
    /** @type {Record<string, number>} */
    const counts = {};
    for (const { reason } of all) counts[reason] = (counts[reason] ?? 0) + 1;
    const wanted = search.get('reason');
    const [status, document] = page(wanted ? all.filter(({ reason }) => reason === wanted) : all, search);
    return [status, search.get('cursor') ? document : { ...document, counts }];
  }

  #undelivered() {
    return this.#needed().filter(({ reason }) => reason.startsWith('delivery'));
  }

  /** @returns {any[]} */
  #needed() {
    const { fake } = this;
    const may = (/** @type {any} */ channel) => fake.inboxes.find((i) => i.staff_id === channel.staff_id)?.may_act;
    const messages = fake.messages.flatMap((message) => {
      const channel = fake.channels.get(message.channel_id);
      const reason = message.delivery.attention
        ? `delivery_${message.delivery.status}`
        : message.record.attention && `record_${message.record.status}`;
      if (!reason) return [];
      const can = reason.startsWith('delivery') ? ['retry', 'resolve'] : ['file', 'resolve'];
      const { id, created_at: since } = message;
      return [{ id, reason, since, channel: row(channel), message, can: may(channel) ? can : [] }];
    });
    const channels = [...fake.channels.values()].flatMap((channel) => {
      const reasons = Object.keys(ofChannels).filter((reason) => channel.attention.includes(reason));
      const since = channel.overdue_since ?? channel.updated_at;
      return reasons.map((reason) => {
        const can = may(channel) ? [ofChannels[reason]] : [];
        return { id: channel.id, reason, since, channel: row(channel), can };
      });
    });
    const texts = fake
      .waiting()
      .map((text) => ({ id: text.id, reason: 'unmatched', since: text.at, unmatched: text, can: ['assign'] }));
    return [...messages, ...channels, ...texts, ...this.pauses];
  }

  /**
   * @param {string} id
   * @param {'retry'|'file'|'resolve'} what
   */
  #act(id, what) {
    const no = (/** @type {string} */ code) => ({ id, ok: false, code });
    const needed = this.#needed().find((one) => one.id === id);
    if (!needed) return no('not_found');
    if (!needed.can.length) return no('forbidden');
    if (!needed.can.includes(what)) return no('nothing_to_do');
    const { message, reason, channel } = needed;
    if (!message) this.fake.dealtWith(channel.id, reason);
    if (!message) return { id, ok: true };
    const newer = this.fake.messages.some((m) => m.channel_id === message.channel_id && m.seq > message.seq);
    if (what === 'retry' && newer) return no('newer_messages');
    const of = reason.startsWith('delivery') ? 'delivery' : 'record';
    this.fake.mend(id, of, { retry: 'queued', file: 'saved', resolve: undefined }[what]);
    return { id, ok: true };
  }
}
