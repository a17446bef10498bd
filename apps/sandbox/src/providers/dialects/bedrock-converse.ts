import { randomId } from '../../identifiers.ts';
import type { Choice } from '../answer.ts';
import type { ChatRequest } from '../chat-request.ts';
import type { Completion } from '../completion.ts';
import type { CallPath, Dialect } from '../dialect.ts';
import { ProviderError } from '../errors.ts';
import type { Step } from '../play.ts';
import { splitTokens } from '../tokens.ts';
import { damagedFrame, eventFrame, exceptionFrame } from './bedrock/event-stream.ts';
import { isCached, parseConverse } from './bedrock/request.ts';
import { accessKeyIn, verifySignature } from './bedrock/signed-call.ts';
import { sealedThought, signatureOf } from './bedrock/thoughts.ts';

const STOP_REASONS = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use' } as const;

/** The names of the API's exceptions. */
const EXCEPTIONS: Readonly<Record<number, string>> = {
  401: 'UnrecognizedClientException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  408: 'ModelTimeoutException',
  424: 'ModelErrorException',
  429: 'ThrottlingException',
  500: 'InternalServerException',
  502: 'InternalServerException',
  503: 'ServiceUnavailableException',
  529: 'ServiceUnavailableException',
};

/** The parser names its own exceptions; the faults have the codes of OpenAI, which this company does not know. */
function exceptionOf({ status, body }: ProviderError): string {
  const { code } = body.error;
  return code?.endsWith('Exception') ? code : (EXCEPTIONS[status] ?? 'ValidationException');
}

/** From so many tokens on a prompt is kept, in steps, as the sandbox's cache does. */
const CACHE_TOKENS_MIN = 1_024;
const CACHE_TOKENS_STEP = 128;

function numberAt(usage: object, key: string): number {
  const value: unknown = Reflect.get(usage, key);
  return typeof value === 'number' ? value : 0;
}

/** `inputTokens` leaves out what the cache gave and took. Counts that a fault made up pass as they are. */
function usageOf({ usage }: Completion, request: ChatRequest): object | undefined {
  if (usage === undefined) return undefined;
  const [input, output, total] = [usage['prompt_tokens'], usage['completion_tokens'], usage['total_tokens']];
  if (typeof input !== 'number' || !isCached(request))
    return { inputTokens: input, outputTokens: output, totalTokens: total };
  const details: unknown = usage['prompt_tokens_details'];
  const read = typeof details === 'object' && details !== null ? numberAt(details, 'cached_tokens') : 0;
  const steps = Math.floor((input - CACHE_TOKENS_MIN) / CACHE_TOKENS_STEP);
  const kept = steps < 0 ? 0 : CACHE_TOKENS_MIN + steps * CACHE_TOKENS_STEP;
  const written = Math.max(kept - read, 0);
  return {
    inputTokens: input - read - written,
    outputTokens: output,
    totalTokens: total,
    cacheReadInputTokens: read,
    cacheWriteInputTokens: written,
    ...(written > 0 ? { cacheDetails: [{ ttl: '5m', inputTokens: written }] } : {}),
  };
}

/** Models with this in their name keep their thoughts to themselves. */
const isSecretive = (request: ChatRequest) => request.model.includes('sealed');

const toolUseOf = (name: string) => ({ toolUseId: `tooluse_${randomId('', 22)}`, name });

function contentOf(choice: Choice, request: ChatRequest): object[] {
  const { reasoning, content, toolCalls } = choice;
  const thought = isSecretive(request)
    ? { redactedContent: sealedThought(reasoning) }
    : { reasoningText: { text: reasoning, signature: signatureOf(reasoning) } };
  return [
    ...(reasoning === '' ? [] : [{ reasoningContent: thought }]),
    ...(content === '' ? [] : [{ text: content }]),
    ...toolCalls.map(({ name, argumentsText }) => ({
      toolUse: { ...toolUseOf(name), input: parsedInput(argumentsText) },
    })),
  ];
}

/** A call that the token limit cut has no arguments in a whole answer. */
function parsedInput(argumentsText: string): unknown {
  try {
    return JSON.parse(argumentsText);
  } catch {
    return {};
  }
}

function body(completion: Completion, request: ChatRequest): string {
  const [choice] = completion.choices;
  return JSON.stringify({
    output: { message: { role: 'assistant', content: choice === undefined ? [] : contentOf(choice, request) } },
    stopReason: choice === undefined || completion.isFinishBlank ? null : STOP_REASONS[choice.finishReason],
    usage: usageOf(completion, request),
    metrics: { latencyMs: 1 },
  });
}

const write = (type: string, payload: object, tokens = 0): Step => ({
  kind: 'write',
  bytes: eventFrame(type, payload),
  tokens,
});

/** Every event is filled up to about the same length, so that nobody can guess tokens from sizes. */
const PADDING = 'abcdefghijklmnopqrstuvwxyz';

function* blockSteps(contentBlockIndex: number, deltas: Iterable<object>, start?: object): Generator<Step> {
  if (start !== undefined) yield write('contentBlockStart', { contentBlockIndex, start });
  for (const delta of deltas) {
    yield write('contentBlockDelta', { contentBlockIndex, delta, p: PADDING.slice(0, 5) }, 1);
  }
  yield write('contentBlockStop', { contentBlockIndex });
}

function* thoughtDeltas(reasoning: string, request: ChatRequest): Generator<object> {
  if (isSecretive(request)) {
    yield { reasoningContent: { redactedContent: sealedThought(reasoning) } };
    return;
  }
  for (const text of splitTokens(reasoning)) yield { reasoningContent: { text } };
  yield { reasoningContent: { signature: signatureOf(reasoning) } };
}

function* choiceSteps({ reasoning, content, toolCalls }: Choice, request: ChatRequest): Generator<Step> {
  let index = 0;
  if (reasoning !== '') {
    yield* blockSteps(index, thoughtDeltas(reasoning, request));
    index += 1;
  }
  if (content !== '') {
    yield* blockSteps(
      index,
      splitTokens(content).map((text) => ({ text })),
    );
    index += 1;
  }
  for (const { name, argumentsText } of toolCalls) {
    const deltas = splitTokens(argumentsText).map((input) => ({ toolUse: { input } }));
    yield* blockSteps(index, deltas, { toolUse: toolUseOf(name) });
    index += 1;
  }
}

/** The usage comes behind the end of the message. */
function* steps(completion: Completion, request: ChatRequest): Generator<Step> {
  yield write('messageStart', { role: 'assistant' });
  const [choice] = completion.choices;
  if (choice !== undefined) yield* choiceSteps(choice, request);
  if (choice !== undefined && !completion.isFinishBlank) {
    yield write('messageStop', { stopReason: STOP_REASONS[choice.finishReason] });
  }
  yield write('metadata', { usage: usageOf(completion, request), metrics: { latencyMs: 1 } });
}

/** `POST /model/<model>/converse` and `/converse-stream`: what the path says. Throws `ProviderError` 404 for any other end. */
export function readConversePath(call: string): CallPath {
  const found = /^(.+)\/(converse|converse-stream)$/.exec(call);
  if (found?.[1] === undefined)
    throw new ProviderError(404, { message: 'Not Found', code: 'UnknownOperationException' });
  return { model: found[1], isStreamed: found[2] === 'converse-stream' };
}

/** Amazon Bedrock's Converse, with a model behind it that thinks and signs as Claude does. */
export const bedrockConverse: Dialect = {
  name: 'bedrock-converse',
  keyOf(header) {
    const authorization = header('authorization') ?? '';
    return /^Bearer (\S+)$/i.exec(authorization)?.[1] ?? accessKeyIn(authorization);
  },
  verify: verifySignature,
  headers: {},
  streamHeaders: { 'content-type': 'application/vnd.amazon.eventstream' },
  parse: parseConverse,
  body,
  steps,
  brokenStep: { kind: 'write', bytes: damagedFrame(), tokens: 0 },
  errorBody: ({ message }) => ({ message }),
  errorHeaders: (error) => ({ 'x-amzn-errortype': exceptionOf(error) }),
  errorStep: (error) => ({ kind: 'write', bytes: exceptionFrame(exceptionOf(error), error.message), tokens: 0 }),
};
