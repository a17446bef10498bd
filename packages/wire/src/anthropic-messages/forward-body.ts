import { isJsonObject, type JsonObject, type JsonValue, type Prompt } from '@bourse/generation';
import { forwardedBody } from '../request/decode-market.ts';
import { isForeign } from './foreign-reasoning.ts';
import { fitBudget, mayThink } from './thinking.ts';

type Body = Record<string, JsonValue | undefined>;

/** Reasoning that Anthropic did not sign: another model of this market thought it, and it would be refused. */
function isUnsigned(block: JsonValue): boolean {
  if (!isJsonObject(block)) return false;
  const { type, signature, data } = block;
  if (type === 'redacted_thinking') return typeof data === 'string' && isForeign(data);
  if (type !== 'thinking') return false;
  return typeof signature !== 'string' || signature === '' || isForeign(signature);
}

/** The messages as they came, less reasoning that would be refused, and less messages of nothing else. */
function withoutUnsigned(messages: JsonValue | undefined): readonly JsonValue[] {
  const listed: readonly JsonValue[] = Array.isArray(messages) ? messages : [];
  return listed.flatMap((message): readonly JsonValue[] => {
    if (!isJsonObject(message)) return [message];
    const { content } = message;
    if (!Array.isArray(content) || !content.some(isUnsigned)) return [message];
    const kept = content.filter((block: JsonValue) => !isUnsigned(block));
    return kept.length === 0 ? [] : [{ ...message, content: kept }];
  });
}

/** The client's wish to think, as far as the cap allows it, and the history where we mended it; undefined where they do not. */
function fitThinking(thinking: JsonValue | undefined, maxTokens: number, mended: readonly JsonValue[] | null) {
  if (!isJsonObject(thinking) || thinking['type'] !== 'enabled') return thinking;
  const { budget_tokens: budget } = thinking;
  if (mended !== null && !mayThink(mended.filter(isJsonObject))) return undefined;
  if (typeof budget !== 'number' || budget < maxTokens) return thinking;
  const fitting = fitBudget(budget, maxTokens);
  return fitting === null ? undefined : { ...thinking, budget_tokens: fitting };
}

/**
 * A client's own body for a provider that speaks its dialect, in its own order (the provider's prompt cache sees the order). Ours are the
 * model, the cap, streaming and the name of the user; what would certainly be refused is mended. `speed` stays behind: the faster
 * service has another price than the catalog knows.
 */
export function forwardBody(
  prompt: Prompt,
  model: string,
  { maxTokens, isStreamed }: { readonly maxTokens: number; readonly isStreamed: boolean },
): JsonObject {
  const { user: _user, speed: _speed, stream: _stream, thinking: asked, ...rest } = forwardedBody(prompt.source.body);
  const sent = rest['messages'];
  const messages = withoutUnsigned(sent);
  const isMended = Array.isArray(sent) && (messages.length !== sent.length || messages.some((m, at) => m !== sent[at]));
  const thinking = fitThinking(asked, maxTokens, isMended ? messages : null);
  const body: Body = { ...rest, model, messages, max_tokens: maxTokens };
  if (thinking !== undefined) body['thinking'] = thinking;
  if (typeof body['temperature'] === 'number') body['temperature'] = Math.min(body['temperature'], 1);
  if (body['metadata'] === undefined && prompt.endUser !== undefined) body['metadata'] = { user_id: prompt.endUser };
  if (isStreamed) body['stream'] = true;
  return body;
}
