// Dates, times and reasons as people read them. Times are shown in the browser's own time zone.

/**
 * Whose dates, numbers and plurals to use: British ones where the browser has none of the language.
 * @param {string} lang a BCP 47 tag, or what a page has in its place
 * @returns {string[]}
 */
export function localesFor(lang) {
  try {
    return [...Intl.getCanonicalLocales(lang), 'en-GB'];
  } catch {
    return ['en-GB'];
  }
}

/** Dates and times in one language. */
export class Format {
  #t;
  #number;
  #time;
  #short;
  #long;
  #full;
  #clock;
  #weekday;

  /**
   * @param {string} lang a BCP 47 tag
   * @param {Messenger.Translate} t
   */
  constructor(lang, t) {
    this.#t = t;
    const locales = localesFor(lang);
    this.#number = new Intl.NumberFormat(locales);
    this.#time = new Intl.DateTimeFormat(locales, { hour: '2-digit', minute: '2-digit' });
    this.#clock = new Intl.DateTimeFormat(locales, { hour: 'numeric', minute: '2-digit', hour12: true });
    this.#weekday = new Intl.DateTimeFormat(locales, { weekday: 'long' });
    this.#short = new Intl.DateTimeFormat(locales, { day: 'numeric', month: 'short' });
    this.#long = new Intl.DateTimeFormat(locales, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
    this.#full = new Intl.DateTimeFormat(locales, { day: 'numeric', month: 'short', year: 'numeric' });
  }

  /** @param {number} n */
  number(n) {
    return this.#number.format(n);
  }

  /** @param {string} at */
  time(at) {
    return this.#time.format(new Date(at));
  }

  /**
   * As short as it can be understood: a time today, else a day.
   * @param {string} at
   */
  brief(at) {
    const days = daysAgo(at);
    if (days === 0) return this.time(at);
    if (days === 1) return this.#t('yesterday');
    const date = new Date(at);
    return (date.getFullYear() === new Date().getFullYear() ? this.#short : this.#full).format(date);
  }

  /**
   * A day, as the thread's divider says it.
   * @param {string} at
   */
  day(at) {
    const days = daysAgo(at);
    if (days === 0) return this.#t('today');
    if (days === -1) return this.#t('tomorrow');
    return days === 1 ? this.#t('yesterday') : this.fullDay(at);
  }

  /**
   * A day with its date, today's too.
   * @param {string} at
   */
  fullDay(at) {
    return this.#long.format(new Date(at));
  }

  /**
   * A day and a time.
   * @param {string} at
   */
  when(at) {
    const day = /** @type {Record<number, string>} */ ({ 0: 'today', [-1]: 'tomorrow' })[daysAgo(at)];
    return `${day ? this.#t(day).toLowerCase() : this.#full.format(new Date(at))}, ${this.time(at)}`;
  }

  /**
   * A day to come and a time, as one says them: 'tomorrow, 8:05am', 'Monday, 8:05am'.
   * @param {string} at
   */
  next(at) {
    const days = -daysAgo(at);
    const date = new Date(at);
    const near = ['today', 'tomorrow'][days];
    const day = near ? this.#t(near).toLowerCase() : (days < 7 ? this.#weekday : this.#short).format(date);
    return `${day}, ${this.#clock.format(date).replace(/\s/g, '')}`;
  }

  /**
   * A day and a time, as short as a message's foot has them.
   * @param {string} at
   */
  stamp(at) {
    const days = daysAgo(at);
    const date = new Date(at);
    const same = date.getFullYear() === new Date().getFullYear();
    const near = { [-1]: 'tomorrow', 0: 'today', 1: 'yesterday' }[/** @type {0} */ (days)];
    return `${near ? this.#t(near) : (same ? this.#short : this.#full).format(date)}, ${this.time(at)}`;
  }

  /**
   * A date without a time: a date of birth.
   * @param {string} date year-month-day
   */
  date(date) {
    const [year, month, day] = date.split('-').map(Number);
    return year && month && day ? this.#full.format(new Date(year, month - 1, day)) : date;
  }
}

/** @param {string} at */
function daysAgo(at) {
  const then = new Date(at);
  const now = new Date();
  const midnight = (/** @type {Date} */ d) => Date.UTC(d.getFullYear(), d.getMonth(), d.getDate());
  return Math.round((midnight(now) - midnight(then)) / 86_400_000);
}

/** @param {string} at */
export const isTomorrow = (at) => daysAgo(at) === -1;

/** @param {string} at */
export const dayKey = (at) => new Date(at).toDateString();

/**
 * The words of a key made from what the server said, or others where there are none.
 * @param {Messenger.Translate} t
 * @param {string} key
 * @param {string} others
 */
export function wordsOr(t, key, others) {
  const words = t(key);
  return words === key ? others : words;
}

/**
 * A reason in words: ours where we have them, what the server says otherwise.
 * @param {Messenger.Translate} t
 * @param {string|undefined} reason
 */
export function reasonWords(t, reason) {
  if (!reason) return '';
  const plain = reason.replaceAll('_', ' ');
  return wordsOr(t, `reason_${reason}`, plain[0].toUpperCase() + plain.slice(1) + (/[.!?]$/.test(plain) ? '' : '.'));
}

/**
 * Why an action is missing, in words.
 * @param {Messenger.Translate} t
 * @param {'email'|'sms'} medium
 * @param {string|undefined} why
 */
export const whyNot = (t, medium, why) => wordsOr(t, `${medium}_${why}`, t(`${medium}_why_other`));
