// The words of what went to several, and of texts to sort.

/** @type {Record<string, string>} */
export const seldomWords = {
  failed_who_one: 'It did not reach {count} client',
  failed_who_other: 'It did not reach {count} clients',
  failed_retry: 'Try these again',
  several_empty: 'You have not written to several clients at once yet.',
  several_to_one: 'to {count} client',
  several_to_other: 'to {count} clients',
  several_began: 'Sent from {when}',
  several_due: 'To be sent from {when}',
  several_written: 'Written {when}',
  several_stopped: 'Cancelled',
  texts_hint: 'Texts from clients that belong to no conversation yet. Families share phones: a number is no proof.',
  texts_empty: 'No text waits.',
  text_waits: 'Nobody has read this for hours.',
  text_not_yours: 'Only who may write to this client can read it.',
  text_put: 'Put into the conversation with {name}',
  text_sorted: 'It is in the conversation with {name}.',
  text_find: 'Somebody else: find the client',
  text_reason: 'How you know whose it is',
  text_reason_missing: 'Say how you know whose it is.',
};
