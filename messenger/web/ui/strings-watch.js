// The words by which nobody is missed that the Messages page shows itself: whom one covers, who reads, what happened.

/** @type {Record<string, string>} */
export const watchWords = {
  overview: 'Safe to go home?',
  overview_back: 'Back to messages',
  attention_unmatched: 'Text to sort',
  attention_owner_left: 'Not sent: who wrote it has left',
  covering: 'You cover {name}. What is unread there is in your inbox too.',
  covering_until: 'You cover {name} until {when}. What is unread there is in your inbox too.',
  covered_for: 'for {name}',
  looking_cover: 'You cover {name}: read and answer for them. What you send goes out in your name.',
  covers_here: '{name} reads the replies here while the owner is away.',
  covers_here_until: '{name} reads the replies here until {when}, while the owner is away.',
  read_by_when: 'The client is told that {name} reads replies by {when}.',
  action_away: 'Away, with a cover',
  action_back: 'Back',
  action_handed_over: 'Handed over',
  action_joined: 'Joined with another conversation',
  action_assigned: 'A text was put here',
  action_unassigned: 'A text was taken out again',
  absence_tool: 'Away',
  absence: 'I’m away',
  absence_of: '{name} is away',
  handover: 'Hand over',
};
