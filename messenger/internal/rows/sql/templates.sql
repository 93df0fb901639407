-- The templates that a member may use, by title: the organisation's and their own. The page begins behind the one with
-- the id @after, archived or not.
select t.id, t.staff_id is not null as own, t.version, v.medium, v.title, v.subject, v.body, v.language, v.private,
	v.expects,
	(select coalesce(sum(u.uses), 0)::bigint from messenger_template_uses u where u.template_id = t.id) as used
from messenger_templates t
join messenger_template_versions v on v.template_id = t.id and v.version = t.version
where t.organisation_id = @organisation and (t.staff_id is null or t.staff_id = @staff) and t.archived_at is null
	and (@id::uuid is null or t.id = @id)
	and (@medium::text = '' or v.medium = @medium)
	and not exists (select from unnest(@words::text[]) w where strpos(v.title_folded, w) = 0)
	and (@after::uuid is null or (v.title_folded, t.id) > (
		select l.title_folded, l.template_id from messenger_templates last
		join messenger_template_versions l on l.template_id = last.id and l.version = last.version
		where last.id = @after and last.organisation_id = @organisation))
order by v.title_folded, t.id
limit @limit
