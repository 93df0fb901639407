// How far a message to several clients is, in words.

/**
 * What has become of it, leaving out what nothing has become of.
 * @param {Messenger.Translate} t
 * @param {Messenger.Broadcast} broadcast
 */
export function progressWords(t, { sent, queued, failed, cancelled }) {
  const counts = { sent, waiting: queued, failed, cancelled };
  const parts = Object.entries(counts).filter(([, count]) => count > 0);
  return parts.map(([what, count]) => t(`several_${what}`, { count })).join(', ');
}
