/**
 * Everything of which gateways are told when it changes; adding a word here is the only way to add a topic. The payload of
 * `NOTIFY bourse_invalidate` is `topic:id`, where `id` is:
 * `api_key`, a key's hash; `catalog`, a version; `organization`, an organization's id; `lease`, the id of an organization whose credit another
 * gateway needs; `switch`, the name of a kill switch.
 */
export const noticeTopics = ['api_key', 'catalog', 'organization', 'lease', 'switch'] as const;

/** What has changed. */
export type NoticeTopic = (typeof noticeTopics)[number];

/** Something changed that others may have cached. */
export interface Notice {
  readonly topic: NoticeTopic;
  readonly id: string;
}

/**
 * What a subscriber is told. `onLost` and `onRestored` take turns, beginning with `onLost`; none is called after `close`. None may
 * throw.
 */
export interface NoticeListener {
  readonly onNotice: (notice: Notice) => void;
  /** Notices no longer arrive: what is cached may be out of date. At once for a broken connection, within 3 s for a silent one (more on a busy machine). */
  readonly onLost: () => void;
  /** Notices arrive again, and some may have been missed: drop everything that is cached. */
  readonly onRestored: () => void;
}

/** Notices until it is closed. */
export interface Subscription {
  close(): Promise<void>;
}
