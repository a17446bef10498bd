import { isJsonObject, type JsonObject, type JsonValue } from '@bourse/generation';
import { MODEL_NAME, OUTPUT_TOKENS_MAX } from '../request/market-schema.ts';
import { type ChatRequest, MESSAGES_MAX } from './schema.ts';

type Check = (value: JsonValue | undefined) => boolean;

const PLAIN_ROLES: ReadonlySet<JsonValue | undefined> = new Set(['system', 'developer', 'user', 'assistant']);

function isPlainMessage(message: JsonValue): boolean {
  if (!isJsonObject(message)) return false;
  for (const field in message) if (field !== 'role' && field !== 'content') return false;
  return typeof message['content'] === 'string' && PLAIN_ROLES.has(message['role']);
}

const isBetween =
  (min: number, max: number): Check =>
  (value) =>
    typeof value === 'number' && value >= min && value <= max;

const isOutputCap: Check = (value) => Number.isInteger(value) && isBetween(1, OUTPUT_TOKENS_MAX)(value);

/** The fields of a plain request, each at most as wide as the schema's. */
const PLAIN_FIELDS: ReadonlyMap<string, Check> = new Map([
  ['model', (value) => typeof value === 'string' && MODEL_NAME.test(value)],
  [
    'messages',
    (value) => Array.isArray(value) && value.length > 0 && value.length <= MESSAGES_MAX && value.every(isPlainMessage),
  ],
  ['stream', (value) => typeof value === 'boolean'],
  ['max_tokens', isOutputCap],
  ['max_completion_tokens', isOutputCap],
  ['temperature', isBetween(0, 2)],
  ['top_p', isBetween(0, 1)],
] satisfies [string, Check][]);

/**
 * True for the request that most are: a model, messages of text, a cap and a knob or two. The schema would accept such a body and hand it
 * on as it is, which takes it several times as long to find out. False says nothing: the schema decides, and words what is wrong.
 */
export function isPlainRequest(body: JsonObject): body is JsonObject & ChatRequest {
  for (const field in body) {
    const isPlain = PLAIN_FIELDS.get(field);
    if (isPlain === undefined || !isPlain(body[field])) return false;
  }
  return true;
}
