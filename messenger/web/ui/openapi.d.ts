// Made from the OpenAPI document by testpeers/openapi-types.mjs; a test holds it to that.
export interface components {
  schemas: {
    ErrorDetail: {
      location?: string;
      message?: string;
      value?: unknown;
    };
    ErrorModel: {
      detail?: string;
      errors?: components["schemas"]["ErrorDetail"][] | null;
      instance?: string;
      status?: number;
      title?: string;
      type?: string;
    };
    MessengerAbsence: {
      cover_name: string;
      cover_staff_id: string;
      from: string;
      note: string;
      staff_id: string;
      until?: string;
    };
    MessengerActed: {
      results: components["schemas"]["MessengerActResult"][];
    };
    MessengerAction: {
      allowed: boolean;
      why?: string;
    };
    MessengerActions: {
      send_email: components["schemas"]["MessengerAction"];
      send_sms: components["schemas"]["MessengerAction"];
    };
    MessengerActResult: {
      code?: string;
      id: string;
      ok: boolean;
    };
    MessengerActs: {
      do: "retry" | "file" | "resolve";
      ids: string[];
      note?: string;
    };
    MessengerAdvice: {
      rule: string;
      source: string;
      text: string;
    };
    MessengerAssignment: {
      channel_id?: string;
      client_id?: string;
      reason?: string;
    };
    MessengerAttachment: Record<string, never>;
    MessengerAttentionPage: {
      counts?: {
        [key: string]: number;
      };
      items: components["schemas"]["MessengerNeeded"][];
      next?: string;
    };
    MessengerAuthor: {
      id: string;
      kind: string;
      name: string;
    };
    MessengerAwaited: {
      by: string;
      status: string;
    };
    MessengerAwaiting: {
      by: string;
      expects: string;
      status: string;
    };
    MessengerBegunHandover: {
      id: string;
      total: number;
    };
    MessengerBroadcast: {
      body: string;
      cancelled: number;
      created_at: string;
      failed: number;
      id: string;
      medium: string;
      private: boolean;
      queued: number;
      send_after?: string;
      sent: number;
      skipped: components["schemas"]["MessengerSkipped"][];
      skipped_count: number;
      state: string;
      subject?: string;
      total: number;
    };
    MessengerBroadcastPreview: {
      examples: components["schemas"]["MessengerExample"][];
      fewest_texts: number;
      most_texts: number;
      skipped: components["schemas"]["MessengerSkipped"][];
      skipped_count: number;
      texts: number;
      total: number;
    };
    MessengerCandidate: {
      channel_id: string;
      client_id: string;
      client_name: string;
      staff_id: string;
    };
    MessengerChannel: {
      attention: string[];
      awaiting?: components["schemas"]["MessengerAwaited"];
      client_id: string;
      client_name: string;
      covered_for?: string;
      created_at: string;
      id: string;
      last_message?: components["schemas"]["MessengerPreview"];
      match?: components["schemas"]["MessengerMatch"];
      organisation_id: string;
      overdue_since?: string;
      replies_allowed: boolean;
      scheduled_count: number;
      staff_id: string;
      status: string;
      unread_count: number;
      updated_at: string;
    };
    MessengerChecked: {
      advice: components["schemas"]["MessengerAdvice"][];
      characters: number;
      dear: string[];
      limit: number;
      subject: string;
      text: string;
      texts: number;
      too_long: boolean;
    };
    MessengerClient: {
      date_of_birth?: string;
      deceased: boolean;
      email?: string;
      gp?: components["schemas"]["MessengerGP"];
      id: string;
      language?: string;
      name: string;
      needs: string[];
      nhs_number?: string;
      phone?: string;
      profile_url?: string;
      restricted: boolean;
      safe_contact?: components["schemas"]["MessengerSafeContact"];
    };
    MessengerClientPage: {
      actions: components["schemas"]["MessengerActions"];
      channel_id?: string;
      client: components["schemas"]["MessengerClient"];
      draft?: components["schemas"]["MessengerDraft"];
      working_hours?: components["schemas"]["MessengerHours"];
    };
    MessengerClientSearch: {
      limit?: number;
      q?: string;
    };
    MessengerColleague: {
      name: string;
      staff_id: string;
    };
    MessengerCounts: {
      attention: number;
      awaiting: number;
      done: number;
      open: number;
      overdue: number;
      scheduled: number;
      unread: number;
    };
    MessengerCover: {
      name: string;
      staff_id: string;
      until?: string;
    };
    MessengerDelivery: {
      attempts: number;
      attention?: boolean;
      reason?: string;
      status: string;
      to?: string;
      via?: string;
      waiting?: components["schemas"]["MessengerWaiting"];
    };
    MessengerDraft: {
      body?: string;
      expect_by?: string;
      expects?: "acknowledgement" | "reply";
      readonly key?: string;
      medium?: "email" | "sms";
      private?: boolean;
      send_local?: components["schemas"]["MessengerLocal"];
      subject?: string;
      template_id?: string;
      unless?: "replied";
    };
    MessengerExample: {
      body: string;
      client_id: string;
      client_name: string;
      subject?: string;
    };
    MessengerGP: {
      name?: string;
      ods_code?: string;
    };
    MessengerHandover: {
      note?: string;
      take_unread?: boolean;
      to: string;
    };
    MessengerHistoryEntry: {
      action: string;
      actor: components["schemas"]["MessengerAuthor"];
      at: string;
      id: string;
      message_id?: string;
      note?: string;
      on_behalf_of?: string;
    };
    MessengerHours: {
      next_send_at: string;
      until?: string;
    };
    MessengerInbox: {
      may_act: boolean;
      name: string;
      open: number;
      staff_id: string;
      unread: number;
    };
    MessengerInboxHandover: {
      id: string;
      moved: number;
      refused: components["schemas"]["MessengerRefusedChannel"][];
      refused_count: number;
      state: "running" | "done";
      total: number;
    };
    MessengerInboxOverview: {
      attention: number;
      awaiting: number;
      cover?: components["schemas"]["MessengerCover"];
      name: string;
      oldest_unread_at?: string;
      overdue: number;
      scheduled: number;
      staff_id: string;
      state: "here" | "away" | "left";
      uncovered: boolean;
      unread: number;
    };
    MessengerInboxPage: {
      counts?: components["schemas"]["MessengerCounts"];
      items: components["schemas"]["MessengerChannel"][];
      next?: string;
    };
    MessengerInboxSearch: {
      cursor?: string;
      limit?: number;
      order?: "newest" | "waiting";
      q?: string;
      show?: "all" | "open" | "done" | "attention" | "overdue" | "scheduled" | "awaiting";
    };
    MessengerList: {
      id: string;
      name: string;
      size: number;
    };
    MessengerLocal: {
      at: string;
      zone: string;
    };
    MessengerMark: {
      at: string;
      author: components["schemas"]["MessengerAuthor"];
      cover_name?: string;
      id: string;
      kind: string;
      text?: string;
      until?: string;
    };
    MessengerMatch: {
      excerpt: string;
      field: string;
      message_id?: string;
    };
    MessengerMe: {
      attention_count: number;
      awaiting_count: number;
      closing: {
        [key: string]: string;
      };
      covering: components["schemas"]["MessengerCover"][];
      organisation: components["schemas"]["MessengerOrganisation"];
      overdue_count: number;
      permissions: string[];
      record: boolean;
      staff: components["schemas"]["MessengerStaff"];
      unmatched_count: number;
      unread_count: number;
    };
    MessengerMessage: {
      attachments: components["schemas"]["MessengerAttachment"][];
      author: components["schemas"]["MessengerAuthor"];
      awaiting?: components["schemas"]["MessengerAwaiting"];
      body: string;
      cancelled_because?: string;
      channel_id: string;
      created_at: string;
      delivered_at?: string;
      delivery: components["schemas"]["MessengerDelivery"];
      direction: string;
      id: string;
      in_reply_to?: string;
      medium: string;
      opened_at?: string;
      private: boolean;
      purpose?: string;
      read?: components["schemas"]["MessengerReadBy"];
      record: components["schemas"]["MessengerRecord"];
      reminds?: string;
      send_after?: string;
      send_local?: components["schemas"]["MessengerLocal"];
      sent_at?: string;
      sent_body?: string;
      seq: number;
      subject?: string;
      template?: components["schemas"]["MessengerTemplateVersion"];
      unless?: string;
      verified?: string;
      withdrawn?: components["schemas"]["MessengerWithdrawn"];
    };
    MessengerNeeded: {
      can: string[];
      channel?: components["schemas"]["MessengerChannel"];
      id: string;
      message?: components["schemas"]["MessengerMessage"];
      pause?: components["schemas"]["MessengerPause"];
      reason: string;
      since: string;
      unmatched?: components["schemas"]["MessengerUnmatched"];
    };
    MessengerNewAbsence: {
      cover_staff_id: string;
      from: string;
      note?: string;
      until?: string;
    };
    MessengerNewBroadcast: {
      body: string;
      client_ids?: string[] | null;
      expect_by?: string;
      expects?: "acknowledgement" | "reply";
      list_ids?: string[] | null;
      medium: "email" | "sms";
      private?: boolean;
      reply_link?: boolean;
      send_after?: string;
      send_local?: components["schemas"]["MessengerLocal"];
      subject?: string;
      template_id?: string;
      then?: "open" | "done";
    };
    MessengerNewMessage: {
      body: string;
      expect_by?: string;
      expects?: "acknowledgement" | "reply";
      medium: "email" | "sms";
      override?: components["schemas"]["MessengerOverride"];
      private?: boolean;
      reply_link?: boolean;
      seen_up_to?: string;
      send_after?: string;
      send_local?: components["schemas"]["MessengerLocal"];
      subject?: string;
      template_id?: string;
      then?: "open" | "done";
      unless?: "replied";
    };
    MessengerNewNote: {
      file?: boolean;
      kind: "note" | "call";
      text: string;
    };
    MessengerNewTemplate: {
      body: string;
      expects?: "acknowledgement" | "reply";
      language?: string;
      medium: "email" | "sms";
      private?: boolean;
      scope: "organisation" | "own";
      subject?: string;
      title: string;
    };
    MessengerNote: {
      at: string;
      author: components["schemas"]["MessengerAuthor"];
      filed: boolean;
      filing?: "pending" | "failed";
      id: string;
      kind: "note" | "call";
      text: string;
    };
    MessengerNotes: {
      items: components["schemas"]["MessengerNote"][];
      marks: components["schemas"]["MessengerMark"][];
    };
    MessengerNotification: {
      attention: string[];
      channel_id: string;
      client_id: string;
      client_name: string;
      covered_for?: string;
      kind: "reply" | "failure" | "overdue";
      last_message: components["schemas"]["MessengerPreview"];
      read: boolean;
      unread_count: number;
      url: string;
    };
    MessengerNotificationCount: {
      total: number;
      unread: number;
    };
    MessengerOpenedChannel: {
      actions: components["schemas"]["MessengerActions"];
      attention: string[];
      awaiting?: components["schemas"]["MessengerAwaited"];
      client: components["schemas"]["MessengerClient"];
      client_id: string;
      client_name: string;
      cover?: components["schemas"]["MessengerCover"];
      created_at: string;
      discharged_at?: string;
      draft?: components["schemas"]["MessengerDraft"];
      id: string;
      last_message?: components["schemas"]["MessengerPreview"];
      organisation_id: string;
      overdue_since?: string;
      read_by_when?: components["schemas"]["MessengerReadByWhen"];
      replies_allowed: boolean;
      replies_off?: components["schemas"]["MessengerRepliesOff"];
      reply_link?: string;
      scheduled_count: number;
      staff_id: string;
      status: string;
      unread_count: number;
      updated_at: string;
      working_hours?: components["schemas"]["MessengerHours"];
      wrong_dates?: number;
    };
    MessengerOrganisation: {
      id: string;
      name: string;
    };
    MessengerOverride: {
      reason: string;
    };
    MessengerOverview: {
      inboxes: components["schemas"]["MessengerInboxOverview"][];
      safe: boolean;
      unmatched: number;
      waiting: number;
    };
    MessengerPageMessengerBroadcast: {
      items: components["schemas"]["MessengerBroadcast"][];
      next?: string;
    };
    MessengerPageMessengerColleague: {
      items: components["schemas"]["MessengerColleague"][];
      next?: string;
    };
    MessengerPageMessengerHistoryEntry: {
      items: components["schemas"]["MessengerHistoryEntry"][];
      next?: string;
    };
    MessengerPageMessengerInbox: {
      items: components["schemas"]["MessengerInbox"][];
      next?: string;
    };
    MessengerPageMessengerList: {
      items: components["schemas"]["MessengerList"][];
      next?: string;
    };
    MessengerPageMessengerNeeded: {
      items: components["schemas"]["MessengerNeeded"][];
      next?: string;
    };
    MessengerPageMessengerNotification: {
      items: components["schemas"]["MessengerNotification"][];
      next?: string;
    };
    MessengerPageMessengerRecipient: {
      items: components["schemas"]["MessengerRecipient"][];
      next?: string;
    };
    MessengerPageMessengerSkipped: {
      items: components["schemas"]["MessengerSkipped"][];
      next?: string;
    };
    MessengerPageMessengerTemplate: {
      items: components["schemas"]["MessengerTemplate"][];
      next?: string;
    };
    MessengerPageMessengerUnmatched: {
      items: components["schemas"]["MessengerUnmatched"][];
      next?: string;
    };
    MessengerPause: {
      count: number;
      of: "sender" | "record" | "directory";
      until: string;
      via: string;
      why: string;
    };
    MessengerPresence: {
      writing: boolean;
    };
    MessengerPresent: {
      channel_id: string;
      name: string;
      staff_id: string;
      writing: boolean;
    };
    MessengerPreview: {
      at: string;
      direction: string;
      id: string;
      medium: string;
      preview: string;
      send_after?: string;
      subject?: string;
    };
    MessengerProblem: {
      code: "not_signed_in"
        | "forbidden"
        | "cross_site"
        | "not_found"
        | "method_not_allowed"
        | "nothing_to_do"
        | "unread_replies"
        | "confirmation_required"
        | "safe_contact"
        | "organisation_changed"
        | "already_sent"
        | "newer_messages"
        | "too_large"
        | "unsupported_media_type"
        | "invalid"
        | "no_proof"
        | "no_address"
        | "objected"
        | "restricted"
        | "deceased"
        | "not_configured"
        | "unknown_placeholder"
        | "too_long"
        | "template_place_unfilled"
        | "receiver_cannot_send"
        | "time_does_not_exist"
        | "idempotency_key_reused"
        | "too_many_requests"
        | "internal"
        | "unavailable"
        | "outcome_unknown";
      detail: string;
      errors?: components["schemas"]["MessengerProblemDetail"][] | null;
      newer?: string[] | null;
      next?: string;
      status: number;
      title: string;
    };
    MessengerProblemDetail: {
      location: string;
      message: string;
    };
    MessengerRead: {
      on_behalf?: boolean;
      up_to: string;
    };
    MessengerReadBy: {
      at: string;
      by: string;
    };
    MessengerReadByWhen: {
      at: string;
      staff_name: string;
    };
    MessengerRecipient: {
      channel_id?: string;
      date_of_birth?: string;
      id: string;
      name: string;
      nhs_number?: string;
    };
    MessengerRecord: {
      attention?: boolean;
      online_viewing: boolean;
      reason?: string;
      reference?: string;
      saved_at?: string;
      status: string;
      waiting?: components["schemas"]["MessengerWaiting"];
    };
    MessengerRefusedChannel: {
      channel_id: string;
      why: string;
    };
    MessengerReplies: {
      allowed: boolean;
    };
    MessengerRepliesOff: {
      at: string;
      by: string;
      why: string;
    };
    MessengerReset: Record<string, never>;
    MessengerResolution: {
      note?: string;
      of: "delivery" | "record";
    };
    MessengerRetried: {
      next?: string;
      results: components["schemas"]["MessengerActResult"][];
    };
    MessengerRetry: {
      seen_up_to?: string;
    };
    MessengerSafeContact: {
      hours: components["schemas"]["MessengerSafeHours"][];
      media: string[];
      neutral_sender: boolean;
      no_words: boolean;
      note: string;
      reviewed_at?: string;
      shared_phone: boolean;
      who_else_reads: string;
    };
    MessengerSafeHours: {
      days: string[];
      from: string;
      to: string;
    };
    MessengerSent: {
      channel: components["schemas"]["MessengerChannel"];
      message: components["schemas"]["MessengerMessage"];
    };
    MessengerSkipped: {
      client_id: string;
      why: string;
    };
    MessengerStaff: {
      id: string;
      name: string;
    };
    MessengerStatusChange: {
      status: "open" | "done";
      up_to?: string;
    };
    MessengerStop: {
      note?: string;
    };
    MessengerTemplate: {
      body: string;
      expects: string;
      id: string;
      language: string;
      medium: string;
      private: boolean;
      scope: string;
      subject: string;
      title: string;
      used: number;
      version: number;
    };
    MessengerTemplateVersion: {
      id: string;
      version: number;
    };
    MessengerThreadPage: {
      before?: number;
      items: components["schemas"]["MessengerMessage"][];
      next?: string;
      previous?: string;
    };
    MessengerUndo: {
      reason?: string;
    };
    MessengerUnmatched: {
      at: string;
      body?: string;
      candidates: components["schemas"]["MessengerCandidate"][];
      from?: string;
      id: string;
      may_assign: boolean;
      to: string;
    };
    MessengerUnmatchedCount: {
      count: number;
    };
    MessengerWaiting: {
      until?: string;
      why: string;
    };
    MessengerWithdrawal: {
      note?: string;
      reason: "wrong_person" | "wrong_words" | "wrong_file" | "other";
    };
    MessengerWithdrawn: {
      at: string;
      by: string;
      reason: string;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
