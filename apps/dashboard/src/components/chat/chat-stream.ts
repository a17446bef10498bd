import { parseSse } from '@bourse/wire';
import * as z from 'zod/mini';
import type { AnswerFailure } from './conversation.ts';

/** What a running answer says of itself, in order. */
export type ChatEvent =
  | { type: 'begun'; generationId: string }
  | { type: 'text'; text: string }
  | { type: 'reasoning'; text: string }
  | { type: 'usage'; inputTokens: number; outputTokens: number; costUsd: string | null };

/** What is asked for. */
export type ChatCall = {
  apiKey: string;
  model: string;
  messages: readonly { role: string; content: string }[];
  temperature: number | null;
  tokensMax: number | null;
};

/** Thrown when an answer cannot be had or breaks off, with a sentence that people may read. */
export class ChatError extends Error {
  override readonly name = 'ChatError';
  readonly failure: AnswerFailure;

  constructor(failure: AnswerFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

const errorMember = z.object({ code: z.optional(z.union([z.number(), z.string()])), message: z.string() });
const errorBody = z.object({ error: errorMember });

const delta = z.object({
  content: z.nullish(z.string()),
  reasoning: z.nullish(z.string()),
  /** What several providers call it; the gateway relays it as it comes. */
  reasoning_content: z.nullish(z.string()),
});

const chunkSchema = z.object({
  error: z.optional(errorMember),
  choices: z.optional(z.array(z.object({ delta: z.optional(delta) }))),
  usage: z.nullish(
    z.object({ prompt_tokens: z.number(), completion_tokens: z.number(), cost: z.optional(z.number()) }),
  ),
});

/**
 * Calls the public API as any program would, and yields the answer as it comes. Throws `ChatError` when the gateway refuses or the stream
 * ends in an error, and the signal's reason when the caller aborts.
 */
export async function* streamChat(
  call: ChatCall,
  deps: { fetch: typeof fetch; signal: AbortSignal; origin: string },
): AsyncGenerator<ChatEvent> {
  const answer = await send(call, deps);
  const generationId = answer.headers.get('x-generation-id');
  if (generationId !== null) yield { type: 'begun', generationId };
  if (!answer.ok || answer.body === null) throw new ChatError(await failureOf(answer));
  let isWhole = false;
  for await (const { data } of parseSse(chunksOf(answer.body))) {
    if (data === '[DONE]') isWhole = true;
    else yield* eventsOf(data);
  }
  if (!isWhole)
    throw new ChatError({ message: 'The connection was cut before the answer was complete.', status: null });
}

async function send(
  call: ChatCall,
  deps: { fetch: typeof fetch; signal: AbortSignal; origin: string },
): Promise<Response> {
  try {
    return await deps.fetch('/api/v1/chat/completions', {
      method: 'POST',
      signal: deps.signal,
      headers: {
        authorization: `Bearer ${call.apiKey}`,
        'content-type': 'application/json',
        'http-referer': `${deps.origin}/chat`,
        'x-title': 'Bourse Chat',
      },
      body: JSON.stringify({
        model: call.model,
        messages: call.messages,
        stream: true,
        ...(call.temperature === null ? {} : { temperature: call.temperature }),
        ...(call.tokensMax === null ? {} : { max_tokens: call.tokensMax }),
      }),
    });
  } catch (error) {
    if (deps.signal.aborted) throw error;
    throw new ChatError({ message: 'Bourse cannot be reached. Check your connection.', status: null });
  }
}

async function failureOf(answer: Response): Promise<AnswerFailure> {
  const body = errorBody.safeParse(await answer.json().catch(() => null));
  const message = body.success ? body.data.error.message : `The gateway answered with status ${answer.status}.`;
  return { message, status: answer.status };
}

function* eventsOf(data: string): Generator<ChatEvent> {
  const chunk = chunkSchema.safeParse(parseJson(data));
  if (!chunk.success) return; // A kind of chunk that we do not know says nothing that we could show.
  const { error, choices, usage } = chunk.data;
  const piece = choices?.[0]?.delta;
  const reasoning = piece?.reasoning ?? piece?.reasoning_content;
  if (reasoning) yield { type: 'reasoning', text: reasoning };
  if (piece?.content) yield { type: 'text', text: piece.content };
  if (usage) {
    yield {
      type: 'usage',
      inputTokens: usage.prompt_tokens,
      outputTokens: usage.completion_tokens,
      // The wire has a number; nine decimals are a nanodollar, which is as exact as amounts get.
      costUsd: usage.cost === undefined ? null : usage.cost.toFixed(9),
    };
  }
  if (error)
    throw new ChatError({ message: error.message, status: typeof error.code === 'number' ? error.code : null });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // Judged by the schema.
  }
}

/** Reads by hand, because not every browser can iterate a stream. Leaving early cancels it. */
async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    await reader.cancel().catch(() => undefined); // It may have broken already, which the reader has heard of.
  }
}
