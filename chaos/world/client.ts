import { nanodollarsFromUsd } from '@bourse/money';
import { OUTPUT_TOKENS_MAX, promptOf } from './answer-plan.ts';
import type { Tenant, TenantKey } from './tenants.ts';

/** One request of a client. */
export interface Ask {
  readonly nonce: string;
  readonly tenant: Tenant;
  readonly key: TenantKey;
  readonly model: string;
  readonly isStreamed: boolean;
  /** Hangs up in the middle of the answer. */
  readonly isHasty?: boolean;
  readonly idempotencyKey?: string;
  readonly maxTokens?: number;
}

/** An answer that its client saw whole: for a stream, up to `[DONE]`. */
export interface Delivery {
  readonly ask: Ask;
  readonly generationId: string;
  /** What the answer said that it cost, in nanodollars. */
  readonly told: bigint;
  /** It was the stored answer of an earlier request with the same Idempotency-Key. */
  readonly isReplay: boolean;
}

/** What became of a request: `broken` = no answer or a part of one, as when the gateway died. */
export type Seen =
  | { readonly kind: 'whole'; readonly delivery: Delivery }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'broken' };

/** Longer than any request may take; a gateway that is asleep is not waited for. */
const REQUEST_TIMEOUT_MS = 8_000;

function bodyOf(ask: Ask): string {
  return JSON.stringify({
    model: ask.model,
    stream: ask.isStreamed,
    max_tokens: ask.maxTokens ?? OUTPUT_TOKENS_MAX,
    messages: [{ role: 'user', content: promptOf(ask.nonce) }],
  });
}

async function readHastily(response: Response): Promise<Seen> {
  const reader = response.body?.getReader();
  await reader?.read();
  await reader?.cancel();
  return { kind: 'broken' };
}

function deliveryOf(ask: Ask, response: Response, text: string): Seen {
  if (ask.isStreamed && !text.trimEnd().endsWith('data: [DONE]')) return { kind: 'broken' };
  // An answer that ended with an error event was not delivered whole.
  const cost = /"cost":(\d+(?:\.\d+)?)/.exec(text)?.[1];
  const generationId = response.headers.get('x-generation-id');
  if (cost === undefined || generationId === null || text.includes('"finish_reason":"error"'))
    return { kind: 'broken' };
  const isReplay = response.headers.get('idempotent-replayed') === 'true';
  return { kind: 'whole', delivery: { ask, generationId, told: nanodollarsFromUsd(cost), isReplay } };
}

/** Sends a request and reads its answer to the end. Never rejects: a connection that breaks is what these runs are about. */
export async function send(url: string, ask: Ask): Promise<Seen> {
  try {
    const response = await fetch(`${url}/api/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${ask.key.text}`,
        'content-type': 'application/json',
        ...(ask.idempotencyKey === undefined ? {} : { 'idempotency-key': ask.idempotencyKey }),
      },
      body: bodyOf(ask),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    if (!response.ok) {
      await response.arrayBuffer();
      return { kind: 'refused', status: response.status };
    }
    if (ask.isHasty) return await readHastily(response);
    return deliveryOf(ask, response, await response.text());
  } catch {
    return { kind: 'broken' };
  }
}
