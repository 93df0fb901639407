// The words of the screen for templates.

/** @type {Record<string, string>} */
export const deskWords = {
  desk: 'Templates',
  desk_new: 'New template',
  desk_form: 'Template',
  desk_title: 'Title',
  desk_all: 'For everybody in the organisation',
  desk_of_all: 'Everybody’s',
  desk_places:
    'Write {{first_name}}, {{staff_name}} or {{organisation}} for what is filled in, and {date} for what is not.',
  desk_language: 'Language',
  desk_language_none: 'Not said',
  desk_expects_none: 'No',
  desk_save: 'Save template',
  desk_kept: 'You have not saved this template yet.',
  desk_saved: 'Saved as version {version}. Messages that were sent keep theirs.',
  desk_version: 'Version {version}',
  desk_used_one: 'sent {count} time',
  desk_used_other: 'sent {count} times',
  desk_archive: 'Take out of use',
  desk_archive_sure: 'Nobody can pick it any more, and it can’t be put back.',
  desk_archived: 'Taken out of use',
  missing_title: 'Enter a title',
  too_long_title: 'The title must be {limit} characters or fewer',
};
