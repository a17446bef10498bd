import type { ProviderRequest } from '@bourse/providers';
import { Agent, type Dispatcher } from 'undici';
import type { Signal } from '../signal.ts';
import { ProviderCall, type ProviderResponse } from './provider-call.ts';

/** Bounds of one call, in milliseconds. */
export interface CallTimeouts {
  readonly headersMs: number;
  readonly idleMs: number;
}

/** The only road to providers. */
export interface Transport {
  /** Rejects when no answer came: connection refused, reset, timeout, or `cut` was set. */
  readonly call: (request: ProviderRequest, timeouts: CallTimeouts, cut: Signal) => Promise<ProviderResponse>;
  readonly close: () => Promise<void>;
}

const CONNECT_TIMEOUT_MS = 3_000;

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
    call(request, timeouts, cut) {
      const call = new ProviderCall(cut);
      agent.dispatch(
        {
          ...split(request.url),
          method: request.method,
          headers: request.headers,
          body: request.form ?? request.body,
          headersTimeout: timeouts.headersMs,
          bodyTimeout: timeouts.idleMs,
        },
        call,
      );
      return call.response;
    },
    close: () => agent.destroy(),
  };
}
