import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { AppError } from '@bourse/errors';
import { Agent, type Dispatcher } from 'undici';
import { BodyTooLarge, collect } from '../http/collect.ts';
import { createAddressCheck, type Reach } from './reachable.ts';
import { isHonest, type MediaKind, sniff } from './sniff.ts';

/** What a host's name stands for. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** How media are fetched. */
export interface MediaOptions {
  readonly reach: Reach;
  readonly bytesMax: number;
  readonly timeoutMs: number;
  /** Injected by tests; the system's resolver otherwise. */
  readonly resolve?: (hostname: string) => Promise<readonly ResolvedAddress[]>;
}

/** Media whose bytes were looked at. */
export interface FetchedMedia {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Fetches what customers name. */
export interface MediaFetcher {
  /** Throws an AppError of the `image_...` family, told to the customer. */
  readonly fetch: (url: string, kind: MediaKind, cut: AbortSignal) => Promise<FetchedMedia>;
  readonly close: () => Promise<void>;
}

const REDIRECTS_MAX = 3;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const GONE: ReadonlySet<number> = new Set([404, 410]);

type MediaErrorCode = 'image_download_failed' | 'image_not_found' | 'image_too_large' | 'unsupported_image_format';

/** The code with its sentence, which goes on behind the name of the host. */
type Refusal = readonly [MediaErrorCode, string];

function refuse([code, sentence]: Refusal, url: URL, cause?: unknown): AppError {
  // The path and the query stay out: they may be a signature that opens somebody's storage.
  return new AppError(code, `The media at ${url.host} ${sentence}`, { metadata: { host: url.host }, cause });
}

const NOT_PUBLIC: Refusal = ['image_download_failed', 'is not at a public web address.'];

/** Thrown at the socket, before anything is sent. */
class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/**
 * A lookup for sockets that answers with addresses that were checked, so that what is checked is what is connected to: a name that changes
 * its mind in between (DNS rebinding) changes nothing. One bad address among several refuses them all.
 */
function checkedLookup(
  resolve: NonNullable<MediaOptions['resolve']>,
  isReachable: (address: string) => boolean,
): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined || !addresses.every(({ address }) => isReachable(address))) {
          callback(new Unreachable('not a public address'), '');
        } else if (options.all) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, ''),
    );
  };
}

function assertAllowed(url: URL, ports: readonly number[], isReachable: (address: string) => boolean): void {
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
  const isPlain = url.username === '' && url.password === '';
  // A literal address is never looked up, so that it must be checked here.
  const isPublic = isIP(literal) === 0 || isReachable(literal);
  if (isWeb && isPlain && isPublic && ports.includes(port)) return;
  throw refuse(NOT_PUBLIC, url);
}

/** Where a redirect leads; null for an answer that is none. */
function redirection({ statusCode, headers }: Dispatcher.ResponseData, from: URL): URL | null {
  const { location } = headers;
  if (!REDIRECTS.has(statusCode) || typeof location !== 'string') return null;
  if (!URL.canParse(location, from)) throw refuse(['image_download_failed', 'redirects to what is no address.'], from);
  return new URL(location, from);
}

async function readMedia(
  response: Dispatcher.ResponseData,
  url: URL,
  { kind, bytesMax }: { kind: MediaKind; bytesMax: number },
): Promise<FetchedMedia> {
  const { statusCode, headers, body } = response;
  if (statusCode !== 200) {
    body.destroy();
    const code = GONE.has(statusCode) ? 'image_not_found' : 'image_download_failed';
    throw refuse([code, `was answered with status ${statusCode}.`], url);
  }
  const tooLarge: Refusal = ['image_too_large', `is larger than ${bytesMax} bytes.`];
  if (Number(headers['content-length'] ?? 0) > bytesMax) {
    body.destroy();
    throw refuse(tooLarge, url);
  }
  const bytes = await collect(body, bytesMax).catch((error: unknown) => {
    body.destroy();
    throw error instanceof BodyTooLarge ? refuse(tooLarge, url) : error;
  });
  const declared = String(headers['content-type'] ?? '').split(';', 1)[0] ?? '';
  const found = sniff(bytes);
  if (found === null || found.kind !== kind || !isHonest(declared.trim().toLowerCase(), found)) {
    const what = kind === 'image' ? 'an image' : `a ${kind}`;
    throw refuse(['unsupported_image_format', `is not ${what} that models read.`], url);
  }
  return { type: found.type, bytes };
}

const resolveBySystem: NonNullable<MediaOptions['resolve']> = (hostname) => lookup(hostname, { all: true });

/**
 * A fetcher that cannot be used to reach into our network: every hop's address is resolved once, checked and then connected to; web ports
 * only; three redirects; bounded in size and time; and what comes back must be what it is said to be.
 */
export function createMediaFetcher(options: MediaOptions): MediaFetcher {
  const { reach, bytesMax, timeoutMs, resolve = resolveBySystem } = options;
  const isReachable = createAddressCheck(reach);
  const agent = new Agent({
    connect: { lookup: checkedLookup(resolve, isReachable), timeout: timeoutMs },
    // A connection that is kept would outlive the check of its address.
    pipelining: 0,
    maxHeaderSize: 16 * 1024,
  });

  async function follow(first: URL, kind: MediaKind, signal: AbortSignal): Promise<FetchedMedia> {
    let url = first;
    for (let hops = 0; hops <= REDIRECTS_MAX; hops += 1) {
      assertAllowed(url, reach.ports, isReachable);
      const response = await agent.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: 'GET',
        headers: { accept: 'image/*, video/*, application/pdf', 'user-agent': 'bourse/1' },
        signal,
      });
      // A body that is thrown away, or cut later, says so to nobody; an error without a listener would end the process.
      response.body.on('error', () => undefined);
      const next = redirection(response, url);
      if (next === null) return await readMedia(response, url, { kind, bytesMax });
      response.body.destroy();
      url = next;
    }
    throw refuse(['image_download_failed', `redirects more than ${REDIRECTS_MAX} times.`], first);
  }

  return {
    async fetch(text, kind, cut) {
      if (!URL.canParse(text)) throw new AppError('image_download_failed', 'The URL of the media is not valid.');
      const url = new URL(text);
      try {
        return await follow(url, kind, AbortSignal.any([cut, AbortSignal.timeout(timeoutMs)]));
      } catch (error) {
        if (error instanceof AppError) throw error;
        if (error instanceof Unreachable) throw refuse(NOT_PUBLIC, url, error);
        const isLate = error instanceof Error && error.name === 'TimeoutError';
        const sentence = isLate ? `did not arrive within ${timeoutMs} ms.` : 'could not be downloaded.';
        throw refuse(['image_download_failed', sentence], url, error);
      }
    },
    close: () => agent.destroy(),
  };
}
