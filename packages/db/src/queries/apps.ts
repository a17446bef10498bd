import type { Connection } from '../connection.ts';
import type { AppRecord, AppStore } from '../contract.ts';
import { withDatabaseErrors } from '../database-error.ts';

/** Lower-case origin and path, without a trailing slash, query or fragment. */
function canonicalUrl(text: string): string {
  if (!URL.canParse(text)) return text.toLowerCase().slice(0, 512);
  const url = new URL(text);
  return `${url.origin}${url.pathname}`.toLowerCase().replace(/\/+$/, '').slice(0, 512);
}

const TITLE_MAX = 120;

/** A title as people can read it: clients send control characters and halves of characters, which PostgreSQL refuses in part. */
function printable(title: string | null): string | null {
  const text = (title ?? '').slice(0, TITLE_MAX).toWellFormed().replace(/\p{C}/gu, '').trim();
  return text === '' ? null : text;
}

function appOf({ id, url, title, isDemo }: AppRecord): AppRecord {
  return { id, url, title, isDemo };
}

/** Applications. */
export function createAppStore({ prisma }: Pick<Connection, 'prisma'>): AppStore {
  return withDatabaseErrors<AppStore>({
    async resolve({ url, title: given, isDemo }) {
      const canonical = canonicalUrl(url.replaceAll('\0', '').toWellFormed());
      const title = printable(given);
      const row = await prisma.app.upsert({
        where: { url: canonical },
        update: title === null ? {} : { title },
        create: { url: canonical, title: title ?? canonical, isDemo: isDemo ?? false },
      });
      return appOf(row);
    },
    async get(appId) {
      const row = await prisma.app.findUnique({ where: { id: appId } });
      return row ? appOf(row) : null;
    },
  });
}
