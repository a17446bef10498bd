import { Feed } from 'feed';
import type { ListedModel } from './listing.ts';

/** The media type of a feed. */
export const RSS = 'application/rss+xml; charset=utf-8';

/** Letters that XML 1.0 has no way to write. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** An entry of a feed. */
export interface FeedEntry {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly link: string;
  readonly at: Date;
}

/** Entries as RSS 2.0. It is dated by its newest entry, so that the same entries are the same bytes. */
export function renderFeed(
  about: { readonly title: string; readonly description: string; readonly link: string; readonly self: string },
  entries: readonly FeedEntry[],
): string {
  const { title, description, link, self } = about;
  const newest = Math.max(0, ...entries.map(({ at }) => at.getTime()));
  const feed = new Feed({
    id: self,
    title,
    description,
    link,
    language: 'en',
    generator: 'Bourse',
    updated: new Date(newest),
    feedLinks: { rss: self },
  });
  for (const entry of entries) {
    const item = { id: entry.id, guid: entry.id, title: entry.title, description: entry.description, link: entry.link };
    feed.addItem({ ...item, date: entry.at });
  }
  return feed.rss2().replace(UNWRITABLE, '');
}

/** Models as a feed; their links lead to their pages or, with `hasChatLinks`, to a chat with them. */
export function renderModelFeed(
  models: readonly ListedModel[],
  { dashboardUrl, self, hasChatLinks }: { dashboardUrl: string; self: string; hasChatLinks: boolean },
): string {
  const linkOf = (id: string) =>
    hasChatLinks ? `${dashboardUrl}/chat?model=${encodeURIComponent(id)}` : `${dashboardUrl}/${id}`;
  return renderFeed(
    {
      title: 'Bourse: models',
      description: 'Models that can be had here, with the day on which they came out.',
      link: `${dashboardUrl}/models`,
      self,
    },
    models.map(({ row }) => ({
      id: row.canonical_slug === row.id ? row.id : `${row.id} ${row.canonical_slug}`,
      title: row.name,
      description: row.description,
      link: linkOf(row.id),
      at: new Date(row.created * 1000),
    })),
  );
}
