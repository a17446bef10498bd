import { hash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Context } from 'hono';
import type { AppEnv } from '../app-env.ts';

/** An answer as bytes, compressed at most once, with a tag by which a client learns that it has it already. */
export interface Rendered {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly etag: string;
  readonly compressed: () => Promise<Uint8Array<ArrayBuffer>>;
}

const compress = promisify(gzip);
/** Below this, compression saves no packet. */
const COMPRESSED_BYTES_MIN = 1_400;
const TAG_CHARACTERS = 22;

/** Any text as an answer; `type` is its media type. */
export function rendered(text: string, type = 'application/json'): Rendered {
  const body = new TextEncoder().encode(text);
  let flight: Promise<Uint8Array<ArrayBuffer>> | null = null;
  return {
    body,
    type,
    // Weak: the same tag stands for the compressed bytes.
    etag: `W/"${hash('sha256', body, 'base64url').slice(0, TAG_CHARACTERS)}"`,
    compressed() {
      flight ??= compress(body).then((bytes) => new Uint8Array(bytes));
      return flight;
    },
  };
}

/** True when one of the tags that the client has is this one (RFC 9110, 13.1.2: compared weakly). */
function isKnown(tags: string | undefined, etag: string): boolean {
  if (tags === undefined) return false;
  const plain = (tag: string) => tag.trim().replace(/^W\//, '');
  return tags.split(',').some((tag) => tag.trim() === '*' || plain(tag) === plain(etag));
}

/** Caches may keep it and must ask whether it is still so: a price must not be old anywhere. */
const PUBLIC = 'public, max-age=0, must-revalidate';
const PRIVATE = 'private, no-cache';

/** Sends an answer: nothing but "not modified" to who has it, compressed to who takes it so. */
export async function send(
  context: Context<AppEnv>,
  answer: Rendered,
  { isPrivate = false }: { readonly isPrivate?: boolean } = {},
): Promise<Response> {
  const headers = {
    etag: answer.etag,
    'cache-control': isPrivate ? PRIVATE : PUBLIC,
    vary: isPrivate ? 'Accept-Encoding, Authorization' : 'Accept-Encoding',
  };
  if (isKnown(context.req.header('if-none-match'), answer.etag)) return context.body(null, 304, headers);
  const typed = { ...headers, 'content-type': answer.type };
  const isCompressible = answer.body.length >= COMPRESSED_BYTES_MIN;
  if (!isCompressible || !/\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(context.req.header('accept-encoding') ?? ''))
    return context.body(answer.body, 200, typed);
  return context.body(await answer.compressed(), 200, { ...typed, 'content-encoding': 'gzip' });
}
