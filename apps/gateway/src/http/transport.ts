import type { ProviderRequest } from '@bourse/providers';
import { Agent, type Dispatcher } from 'undici';
import { collect } from './collect.ts';

/** Bounds of one call, in milliseconds. */
export interface CallTimeouts {
  readonly headersMs: number;
  readonly idleMs: number;
}

/** A provider's answer whose body has not been read. Reading rejects on reset, abort or idle timeout. */
export interface ProviderResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** The whole body as text, refused beyond `bytesMax`. */
  readonly text: (bytesMax: number) => Promise<string>;
  /** Throws the rest away and frees the connection. */
  readonly discard: () => void;
}

/** The only road to providers. */
export interface Transport {
  /** Rejects when no answer came: connection refused, reset, timeout, abort. */
  readonly call: (request: ProviderRequest, timeouts: CallTimeouts, signal: AbortSignal) => Promise<ProviderResponse>;
  readonly close: () => Promise<void>;
}

const CONNECT_TIMEOUT_MS = 3_000;

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string | undefined> {
  const flat: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(headers)) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  return flat;
}

/** Providers have few URLs, and parsing one costs more than the rest of the preparation of a call. */
const splitUrls = new Map<string, { readonly origin: string; readonly path: string }>();

function split(text: string): { readonly origin: string; readonly path: string } {
  const known = splitUrls.get(text);
  if (known !== undefined) return known;
  const url = new URL(text);
  const parts = { origin: url.origin, path: url.pathname + url.search };
  if (splitUrls.size < 1_000) splitUrls.set(text, parts);
  return parts;
}

/** A transport on undici's dispatcher: `fetch` costs three times the CPU per request (measured; see docs/adr/0004). */
export function createTransport(options: { readonly connectionsPerOrigin?: number } = {}): Transport {
  const agent: Dispatcher = new Agent({
    connect: { timeout: CONNECT_TIMEOUT_MS },
    connections: options.connectionsPerOrigin ?? 512,
    keepAliveTimeout: 30_000,
    pipelining: 1,
  });
  return {
    async call(request, timeouts, signal) {
      const { origin, path } = split(request.url);
      const { statusCode, headers, body } = await agent.request({
        origin,
        path,
        method: request.method,
        headers: request.headers,
        body: request.body,
        headersTimeout: timeouts.headersMs,
        bodyTimeout: timeouts.idleMs,
        signal,
      });
      // A body that fails while nobody reads it must not take the process down.
      body.on('error', () => undefined);
      return {
        status: statusCode,
        headers: flatten(headers),
        chunks: body,
        text: async (bytesMax) => (await collect(body, bytesMax)).toString('utf8'),
        discard: () => void body.destroy(),
      };
    },
    close: () => agent.destroy(),
  };
}
