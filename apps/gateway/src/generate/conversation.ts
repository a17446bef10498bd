import { createHash } from 'node:crypto';
import type { Message, Prompt, Usage } from '@bourse/generation';
import type { Deps } from '../deps.ts';
import type { Caller } from './authenticate.ts';
import type { InferenceRequest } from './request.ts';

/** A conversation that may be worth coming back to the same endpoint with, because that has it in its cache. */
export interface Conversation {
  /** A digest: what was said stays with the request. */
  readonly key: string;
  /** The client named it, so that it is kept from its first answer on, used cache or not. */
  readonly isNamed: boolean;
  readonly ttlMs: number;
}

/** Ten minutes idle, or as long as the cache that the prompt asks for (reference: OpenRouter's guide to prompt caching, 2026-08). */
const TTL_MS = 10 * 60_000;
const LONG_TTL_MS = 60 * 60_000;
/** Enough of a message to tell conversations apart, and never much work. */
const LOOK_CHARACTERS = 4_096;
const SESSION_LENGTH_MAX = 256;

function wordsOf(message: Message | undefined): string {
  const part = message?.content.find(({ type }) => type === 'text');
  return part?.type === 'text' ? `${part.text.length}:${part.text.slice(0, LOOK_CHARACTERS)}` : '';
}

/** The first instructions and the first thing said: they stay the same while a conversation grows. */
function beginningOf({ messages }: Prompt): string {
  const isInstruction = ({ role }: Message) => role === 'system' || role === 'developer';
  const instructions = messages.find(isInstruction);
  return `${wordsOf(instructions)}\n${wordsOf(messages.find((message) => !isInstruction(message)))}`;
}

/** A name that a client gave it, or null. */
function nameOf({ sessionId, promptCacheKey }: Prompt, header: InferenceRequest['header']): string | null {
  const session = sessionId ?? header('x-session-id')?.slice(0, SESSION_LENGTH_MAX);
  return session === undefined || session === '' ? (promptCacheKey ?? null) : session;
}

/** Only one endpoint serves the model, so there is nothing to come back to. */
function isAlone({ model, modelFallbacks }: Prompt, deps: Deps): boolean {
  return modelFallbacks.length === 0 && deps.catalog().endpointsByModel.get(model)?.length === 1;
}

/** The conversation that a request goes on with; null where it can have no place in a cache, or names its providers itself. */
export function conversationOf(
  { header }: Pick<InferenceRequest, 'header'>,
  { caller, prompt }: { readonly caller: Caller; readonly prompt: Prompt },
  deps: Deps,
): Conversation | null {
  if (prompt.operation !== undefined || (prompt.preferences.order ?? []).length > 0 || isAlone(prompt, deps))
    return null;
  const name = nameOf(prompt, header);
  const parts = [
    caller.key.organizationId,
    prompt.model,
    name === null ? 'begins' : 'named',
    name ?? beginningOf(prompt),
  ];
  const key = createHash('sha256').update(parts.join('\0')).digest('base64url');
  return { key, isNamed: name !== null, ttlMs: prompt.cache?.ttl === '1h' ? LONG_TTL_MS : TTL_MS };
}

function hasUsedCache({ input_cache_read, input_cache_write, input_cache_write_1h }: Usage): boolean {
  return (input_cache_read ?? 0) + (input_cache_write ?? 0) + (input_cache_write_1h ?? 0) > 0;
}

/** Who answered, and the usage that it reported; null where there is none. */
interface Answered {
  readonly endpointId: string;
  readonly usage: Usage | null;
}

/** After an answer that came to its end: the next request of the conversation is asked at the same endpoint first. */
export function rememberEndpoint(
  conversation: Conversation,
  { endpointId, usage }: Answered,
  deps: Pick<Deps, 'sticky'>,
): void {
  const { key, isNamed, ttlMs } = conversation;
  if (isNamed || (usage !== null && hasUsedCache(usage))) deps.sticky.remember(key, endpointId, ttlMs);
}
