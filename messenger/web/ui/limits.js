// The limits that a person meets while they write. The server has them too, and a test holds these to the server's.

/** Characters of an email's subject. */
export const subjectLimit = 200;
/** Characters of an email. */
export const emailLimit = 50_000;
/** UTF-16 units of a text message. */
export const textLimit = 918;
/** Characters of a template's title. */
export const titleLimit = 100;
/** Characters of a search. */
export const searchLimit = 200;
/** Characters of what was done about a failure. */
export const noteLimit = 1000;
/** Characters of a note for colleagues, of an absence or a handover. */
export const longNoteLimit = 5000;
/** Characters of a message that a row has. */
export const previewLimit = 140;
/** Wrong dates of birth in a link's life. */
export const wrongDatesLimit = 15;
