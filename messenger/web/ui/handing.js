// The dialogs about whose a conversation is: handing it over, and who is away.

/** Of one Messages page. */
export class Handing {
  /** @param {import('./messenger-inbox.js').MessengerInbox} page */
  constructor(page) {
    this.page = page;
  }

  /** Listens to what is asked for, and to the dialogs. */
  start() {
    const { page } = this;
    page.listen(page.listPane, 'away', () => this.#away());
    page.listen(page.sidePane, 'handover', () => this.#handOver());
    for (const tag of ['messenger-absence', 'messenger-handover']) {
      page.listen(page.one(tag), 'say', ({ detail }) => page.announce(detail.words));
    }
    page.listen(page.one('messenger-handover'), 'handed', ({ detail }) => this.#handed(detail.row));
  }

  /** Opens what is said of the absence of whose inbox is shown. */
  #away() {
    const { colleagues, listPane, t } = this.page;
    const id = listPane.staffId ?? '';
    if (!colleagues) return;
    this.page.dialog('messenger-absence', { id, name: colleagues.nameOf(id, t), own: colleagues.isOwn(id) });
  }

  async #handOver() {
    const { page } = this;
    const { channel } = page.threadPane;
    if (!page.colleagues?.inboxes.length) await page.loadColleagues();
    if (!channel || channel.id !== page.channel) return;
    const { id, client_name: name, staff_id: owner, unread_count: unread } = channel;
    const of = { kind: 'channel', id, name, owner, unread: unread > 0 };
    page.dialog('messenger-handover', of, page.colleagues?.people);
  }

  /**
   * A conversation is somebody else's now: it stays open where the asker may open theirs.
   * @param {Messenger.Row} row
   */
  #handed({ id, staff_id: owner }) {
    const { page } = this;
    const { colleagues } = page;
    const opens = colleagues?.isOwn(owner) || colleagues?.others.some((one) => one.staff_id === owner);
    if (!opens || id !== page.channel) page.openChannel(opens ? id : '');
    else page.threadPane.load();
    page.one('.messenger-title, .messenger-search-box')?.focus();
  }
}
