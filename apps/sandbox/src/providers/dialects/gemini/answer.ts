import { randomId } from '../../../identifiers.ts';
import type { Choice } from '../../answer.ts';
import type { ChatRequest } from '../../chat-request.ts';
import type { Completion } from '../../completion.ts';
import type { Step } from '../../play.ts';
import { countTokens, splitTokens } from '../../tokens.ts';
import type { ToolCall } from '../../tool-calls.ts';
import { isThinker, isThoughtShown } from './request.ts';
import { type SignedPlace, signThought } from './thought-signature.ts';

const FINISH_REASONS = { stop: 'STOP', length: 'MAX_TOKENS', tool_calls: 'STOP' } as const;

/** Tokens that have been written so far. */
type Written = { readonly candidates: number; readonly thoughts: number };

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0;

function countAt(details: unknown, key: string): number {
  const value: unknown = typeof details === 'object' && details !== null ? Reflect.get(details, key) : 0;
  return isCount(value) ? value : 0;
}

/** A count of zero is left out, as protocol buffers leave it out. */
function counted(counts: Readonly<Record<string, number>>): object {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

/** Thoughts are counted beside the candidates, and what the cache gave inside the prompt. Counts that a fault made up pass as they are. */
function usageMetadata({ usage }: Completion, written?: Written): object | undefined {
  if (usage === undefined) return undefined;
  const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = usage;
  if (!isCount(prompt) || !isCount(completion)) {
    return { promptTokenCount: prompt, candidatesTokenCount: completion, totalTokenCount: total };
  }
  const allThoughts = countAt(usage['completion_tokens_details'], 'reasoning_tokens');
  const { candidates, thoughts } = written ?? { candidates: completion - allThoughts, thoughts: allThoughts };
  const cached = countAt(usage['prompt_tokens_details'], 'cached_tokens');
  return {
    promptTokenCount: prompt,
    ...counted({ candidatesTokenCount: candidates }),
    totalTokenCount: prompt + candidates + thoughts,
    ...counted({ cachedContentTokenCount: cached }),
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: prompt }],
    ...(cached > 0 ? { cacheTokensDetails: [{ modality: 'TEXT', tokenCount: cached }] } : {}),
    ...counted({ thoughtsTokenCount: thoughts }),
  };
}

function signatureOf(place: SignedPlace, { reasoning }: Choice, request: ChatRequest): object {
  const isSigned = reasoning !== '' || isThinker(request.model);
  return isSigned ? { thoughtSignature: signThought(place, reasoning) } : {};
}

/** A call that the token limit cut is not made. */
function argumentsOf({ argumentsText }: ToolCall): object | null {
  try {
    const args: unknown = JSON.parse(argumentsText);
    return typeof args === 'object' ? args : null;
  } catch {
    return null;
  }
}

/** Calls come whole. Of parallel ones the first alone is signed. */
function callParts(choice: Choice, request: ChatRequest) {
  return choice.toolCalls.flatMap((call, index) => {
    const args = argumentsOf(call);
    if (args === null) return [];
    const signature = index === 0 ? signatureOf({ functionName: call.name }, choice, request) : {};
    return [{ functionCall: { id: randomId('', 8).toLowerCase(), name: call.name, args }, ...signature }];
  });
}

function partsOf(choice: Choice, request: ChatRequest): object[] {
  const { reasoning, content } = choice;
  return [
    ...(reasoning !== '' && isThoughtShown(request) ? [{ text: reasoning, thought: true }] : []),
    ...(content === '' ? [] : [{ text: content, ...signatureOf('text', choice, request) }]),
    ...callParts(choice, request),
  ];
}

const contentOf = (parts: readonly object[]) => ({ ...(parts.length > 0 ? { parts } : {}), role: 'model' });

function answerOf(completion: Completion, candidates: readonly object[], written?: Written): object {
  const { head } = completion;
  return {
    candidates,
    usageMetadata: usageMetadata(completion, written),
    modelVersion: head.model,
    responseId: head.id.replace(/^\w+-/, ''),
  };
}

function endOf({ isFinishBlank }: Completion, { finishReason }: Choice): object {
  return isFinishBlank === true ? {} : { finishReason: FINISH_REASONS[finishReason] };
}

/** A whole answer. */
export function generateContentBody(completion: Completion, request: ChatRequest): string {
  const candidates = completion.choices.map((choice) => ({
    content: contentOf(partsOf(choice, request)),
    ...endOf(completion, choice),
    index: choice.index,
  }));
  return JSON.stringify(answerOf(completion, candidates), null, 2);
}

/** An event. Google ends its lines as HTTP does. */
export function eventOf(json: object, tokens = 0): Step {
  return { kind: 'write', bytes: `data: ${JSON.stringify(json)}\r\n\r\n`, tokens };
}

type Piece = { readonly parts: readonly object[]; readonly candidates: number; readonly thoughts: number };

/** What is thought in silence takes its time all the same. */
function* thoughtPieces({ reasoning }: Choice, request: ChatRequest): Generator<Piece> {
  const isShown = isThoughtShown(request);
  for (const text of isShown ? splitTokens(reasoning) : []) {
    yield { parts: [{ text, thought: true }], candidates: 0, thoughts: 1 };
  }
}

/** The end of a text is an empty one: it carries the signature. */
function* piecesOf(choice: Choice, request: ChatRequest): Generator<Piece> {
  yield* thoughtPieces(choice, request);
  for (const text of splitTokens(choice.content)) yield { parts: [{ text }], candidates: 1, thoughts: 0 };
  const calls = callParts(choice, request);
  for (const part of calls) {
    const { name, args } = part.functionCall;
    yield { parts: [part], candidates: countTokens(name) + countTokens(JSON.stringify(args)), thoughts: 0 };
  }
  const signature = choice.content === '' || calls.length > 0 ? {} : signatureOf('text', choice, request);
  yield { parts: [{ text: '', ...signature }], candidates: 0, thoughts: 0 };
}

/** A streamed answer: every event looks like a whole one, has the counts so far, and the last has why it ended. */
export function* generateContentSteps(completion: Completion, request: ChatRequest): Generator<Step> {
  const written = { candidates: 0, thoughts: 0 };
  const { choices } = completion;
  for (const [at, choice] of choices.entries()) {
    const pieces = completion.isFinishBlank === true ? [] : [...piecesOf(choice, request)];
    if (!isThoughtShown(request)) written.thoughts += choice.reasoningTokens;
    for (const [index, { parts, candidates, thoughts }] of pieces.entries()) {
      written.candidates += candidates;
      written.thoughts += thoughts;
      const isEnd = index === pieces.length - 1;
      const candidate = { content: contentOf(parts), ...(isEnd ? endOf(completion, choice) : {}), index: choice.index };
      const isLast = isEnd && at === choices.length - 1;
      yield eventOf(answerOf(completion, [candidate], isLast ? undefined : { ...written }), candidates + thoughts);
    }
  }
  if (completion.isFinishBlank === true) yield eventOf(answerOf(completion, [{ content: contentOf([]), index: 0 }]));
}
