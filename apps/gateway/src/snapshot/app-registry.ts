import { within } from '../within.ts';

/** What a client says of the app that it is: raw header values, not yet trusted. */
export interface AttributionHeaders {
  readonly referer: string | null;
  readonly title: string | null;
}

/** Attribution cleaned: the app's canonical URL and its display title. */
export interface AppIdentity {
  readonly url: string;
  readonly title: string;
}

const CHARACTERS_MAX = 256;
/** Control and format characters (bidi overrides among them) could make a title look like another one. */
const CONTROL_AND_BIDI = /[\p{Cc}\p{Cf}]/gu;

function clean(text: string): string {
  return text.replace(CONTROL_AND_BIDI, '').trim().slice(0, CHARACTERS_MAX);
}

/**
 * The app behind a request, or null. The referer's origin identifies it; localhost counts only with a title, so that every
 * developer's machine does not become one app (reference: OpenRouter's app-attribution guide).
 */
export function identifyApp(headers: AttributionHeaders): AppIdentity | null {
  if (headers.referer === null || !URL.canParse(clean(headers.referer))) return null;
  const url = new URL(clean(headers.referer));
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
  const title = headers.title === null ? '' : clean(headers.title);
  const isLocal = /^(localhost|127\.|\[::1\])/.test(url.hostname);
  if (isLocal && title === '') return null;
  return { url: url.origin, title: title === '' ? url.hostname : title };
}

/** Ids of apps by URL and title, resolved once and kept. */
export interface AppRegistry {
  /** The app's id, from memory or the database; null without attribution or when the database does not answer. */
  readonly resolve: (identity: AppIdentity | null) => Promise<number | null> | number | null;
}

/** The end of an answer waits no longer than this for the name of its app. */
const PATIENCE_MS = 500;

/** A registry over `find` (an upsert), which keeps at most 10,000 apps. A failed lookup is not kept; a slow one is, for the next request. */
export function createAppRegistry(
  find: (identity: AppIdentity) => Promise<number>,
  patienceMs = PATIENCE_MS,
): AppRegistry {
  const ids = new Map<string, number>();
  return {
    resolve(identity) {
      if (identity === null) return null;
      const key = `${identity.url}\n${identity.title}`;
      const known = ids.get(key);
      if (known !== undefined) return known;
      const found = find(identity).then(
        (id) => {
          if (ids.size >= 10_000) ids.clear();
          ids.set(key, id);
          return id;
        },
        // Attribution is a statistic: it may be missing, it must not hold up a settlement.
        () => null,
      );
      return within(found, patienceMs, null);
    },
  };
}
