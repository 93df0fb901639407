alter table messenger_drafts drop column template_id;

alter table messenger_broadcasts
	drop column template_version,
	drop column template_id;

alter table messenger_messages
	drop column template_version,
	drop column template_id;

drop table messenger_template_uses, messenger_template_versions, messenger_templates;
