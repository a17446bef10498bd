import { randomId } from '../../identifiers.ts';
import type { Choice } from '../answer.ts';
import type { ChatRequest } from '../chat-request.ts';
import type { Completion } from '../completion.ts';
import type { Dialect } from '../dialect.ts';
import { ProviderError } from '../errors.ts';
import type { Step } from '../play.ts';
import { splitTokens } from '../tokens.ts';
import { isThoughtHidden, lifeOf, parseMessages } from './anthropic/request.ts';
import { sealedThought, signatureOf } from './bedrock/thoughts.ts';

const STOP_REASONS = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use' } as const;

/** The words for errors (https://docs.claude.com/en/api/errors, read 2026-11). */
const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  529: 'overloaded_error',
};

/** From so many tokens on a prompt is kept, in steps, as the sandbox's cache does. */
const CACHE_TOKENS_MIN = 1_024;
const CACHE_TOKENS_STEP = 128;

function numberAt(usage: unknown, key: string): number {
  const value: unknown = typeof usage === 'object' && usage !== null ? Reflect.get(usage, key) : 0;
  return typeof value === 'number' ? value : 0;
}

function writtenTokens(input: number, read: number): number {
  const steps = Math.floor((input - CACHE_TOKENS_MIN) / CACHE_TOKENS_STEP);
  return steps < 0 ? 0 : Math.max(CACHE_TOKENS_MIN + steps * CACHE_TOKENS_STEP - read, 0);
}

/** What was read; `input_tokens` leaves out what the cache gave and took. Counts that a fault made up pass as they are. */
function inputUsage({ usage }: Completion, request: ChatRequest): object | undefined {
  if (usage === undefined) return undefined;
  const { prompt_tokens: input } = usage;
  const life = lifeOf(request);
  const isHonest = typeof input === 'number' && Number.isInteger(input) && input >= 0;
  if (!isHonest || life === undefined) {
    return { input_tokens: input, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
  }
  const read = numberAt(usage['prompt_tokens_details'], 'cached_tokens');
  const written = writtenTokens(input, read);
  return {
    input_tokens: input - read - written,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    cache_creation: {
      ephemeral_5m_input_tokens: life === '5m' ? written : 0,
      ephemeral_1h_input_tokens: life === '1h' ? written : 0,
    },
  };
}

function outputUsage({ usage }: Completion): object | undefined {
  if (usage === undefined) return undefined;
  const thinking = numberAt(usage['completion_tokens_details'], 'reasoning_tokens');
  return {
    output_tokens: usage['completion_tokens'],
    output_tokens_details: { thinking_tokens: thinking },
    server_tool_use: null,
  };
}

/** Models with this in their name keep their thoughts to themselves. */
const isSecretive = (request: ChatRequest) => request.model.includes('sealed');

/** What the machines behind a call are, the same at its start and at its end. */
const SERVED = { inference_geo: null, service_tier: 'standard' };

/** A call that the token limit cut has no arguments in a whole answer. */
function parsedInput(argumentsText: string): unknown {
  try {
    return JSON.parse(argumentsText);
  } catch {
    return {};
  }
}

const callOf = (name: string, input: unknown) => ({
  type: 'tool_use',
  id: `toolu_${randomId('', 24)}`,
  name,
  input,
  caller: { type: 'direct' },
});

function thoughtOf(reasoning: string, request: ChatRequest): object {
  if (isSecretive(request)) return { type: 'redacted_thinking', data: sealedThought(reasoning) };
  const thinking = isThoughtHidden(request) ? '' : reasoning;
  return { type: 'thinking', thinking, signature: signatureOf(reasoning) };
}

function contentOf({ reasoning, content, toolCalls }: Choice, request: ChatRequest): object[] {
  return [
    ...(reasoning === '' ? [] : [thoughtOf(reasoning, request)]),
    ...(content === '' ? [] : [{ type: 'text', text: content, citations: null }]),
    ...toolCalls.map(({ name, argumentsText }) => callOf(name, parsedInput(argumentsText))),
  ];
}

function messageOf({ head }: Completion, fields: object): object {
  return {
    id: `msg_${head.id.replace(/^\w+-/, '')}`,
    type: 'message',
    role: 'assistant',
    model: head.model,
    container: null,
    stop_details: null,
    ...fields,
  };
}

function reasonOf(completion: Completion, choice: Choice | undefined): string | null {
  return choice === undefined || completion.isFinishBlank ? null : STOP_REASONS[choice.finishReason];
}

function body(completion: Completion, request: ChatRequest): string {
  const [choice] = completion.choices;
  const usage =
    completion.usage === undefined
      ? undefined
      : { cache_creation: null, ...inputUsage(completion, request), ...outputUsage(completion), ...SERVED };
  const content = choice === undefined ? [] : contentOf(choice, request);
  return JSON.stringify(
    messageOf(completion, { content, stop_reason: reasonOf(completion, choice), stop_sequence: null, usage }),
  );
}

const write = (type: string, fields: object, tokens = 0): Step => ({
  kind: 'write',
  bytes: `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`,
  tokens,
});

function* blockSteps(index: number, block: object, deltas: readonly object[]): Generator<Step> {
  yield write('content_block_start', { index, content_block: block });
  if (index === 0) yield write('ping', {});
  for (const delta of deltas) yield write('content_block_delta', { index, delta }, 1);
  yield write('content_block_stop', { index });
}

function thoughtSteps(reasoning: string, request: ChatRequest): Generator<Step> {
  if (isSecretive(request)) return blockSteps(0, thoughtOf(reasoning, request), []);
  const thoughts = isThoughtHidden(request) ? [] : splitTokens(reasoning);
  return blockSteps(0, { type: 'thinking', thinking: '', signature: '' }, [
    ...thoughts.map((thinking) => ({ type: 'thinking_delta', thinking })),
    { type: 'signature_delta', signature: signatureOf(reasoning) },
  ]);
}

function* choiceSteps({ reasoning, content, toolCalls }: Choice, request: ChatRequest): Generator<Step> {
  let index = 0;
  if (reasoning !== '') {
    yield* thoughtSteps(reasoning, request);
    index += 1;
  }
  if (content !== '') {
    const deltas = splitTokens(content).map((text) => ({ type: 'text_delta', text }));
    yield* blockSteps(index, { type: 'text', text: '', citations: null }, deltas);
    index += 1;
  }
  for (const { name, argumentsText } of toolCalls) {
    const pieces = argumentsText === '{}' ? [] : splitTokens(argumentsText);
    const deltas = ['', ...pieces].map((piece) => ({ type: 'input_json_delta', partial_json: piece }));
    yield* blockSteps(index, callOf(name, {}), deltas);
    index += 1;
  }
}

/** What was read is told at the start, and again at the end with what was written. */
function* steps(completion: Completion, request: ChatRequest): Generator<Step> {
  const [choice] = completion.choices;
  const input = inputUsage(completion, request);
  const begun = { cache_creation: null, output_tokens_details: null, server_tool_use: null };
  const usage = input && { ...begun, ...input, output_tokens: 1, ...SERVED };
  yield write('message_start', {
    message: messageOf(completion, { content: [], stop_reason: null, stop_sequence: null, usage }),
  });
  if (choice !== undefined) yield* choiceSteps(choice, request);
  const delta = { container: null, stop_reason: reasonOf(completion, choice), stop_sequence: null, stop_details: null };
  yield write('message_delta', { delta, usage: input && { ...input, ...outputUsage(completion) } });
  yield write('message_stop', {});
}

function errorBody(error: ProviderError): object {
  const type = ERROR_TYPES[error.status] ?? 'api_error';
  return { type: 'error', error: { type, message: error.message }, request_id: `req_${randomId('', 24)}` };
}

/** Anthropic's messages: thoughts are signed and verified, prompts are kept where that is asked, and unknown fields are refused. */
export const anthropicMessages: Dialect = {
  name: 'anthropic-messages',
  keyOf: (header) => header('x-api-key') ?? null,
  verify({ header }) {
    if (header('anthropic-version') === undefined) {
      throw new ProviderError(400, { message: 'anthropic-version: header is required' });
    }
  },
  headers: {},
  streamHeaders: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
  parse: parseMessages,
  body,
  steps,
  brokenStep: { kind: 'write', bytes: 'event: content_block_delta\ndata: {"type":"content_block_del\n\n', tokens: 0 },
  errorBody,
  errorStep: (error) => ({
    kind: 'write',
    bytes: `event: error\ndata: ${JSON.stringify(errorBody(error))}\n\n`,
    tokens: 0,
  }),
};
