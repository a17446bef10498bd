import type { ServerResponse } from 'node:http';
import { randomId } from '../identifiers.ts';
import { composeChoices } from './answer.ts';
import type { ChatRequest } from './chat-request.ts';
import type { CallPath, Dialect } from './dialect.ts';
import { ProviderError } from './errors.ts';
import { type Fault, type FaultRules, faultOfModel, parseFault } from './faults.ts';
import { type Ending, type Pace, play, type Script } from './play.ts';
import type { PromptCache } from './prompt-cache.ts';
import { promptTokens } from './prompt-tokens.ts';
import type { ProviderStats } from './provider-stats.ts';
import { hashHex } from './random.ts';
import { bodyScript, errorScript, faultScript, streamScript } from './scripts.ts';
import { spoil } from './spoil.ts';
import { usageOf } from './usage.ts';

/** What all simulated providers of one sandbox share. */
export type ProviderDeps = {
  readonly pace: Pace;
  readonly promptCache: PromptCache;
  readonly faultRules: FaultRules;
  readonly stats: ProviderStats;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** One call as it came off the wire. `key` has been checked, `faultHeader` is `x-sandbox-fault`. */
export type ChatCall = {
  readonly provider: string;
  readonly key: string;
  readonly dialect: Dialect;
  readonly path: CallPath;
  readonly bodyText: string;
  readonly faultHeader: string | undefined;
  readonly outgoing: ServerResponse;
};

/** The context window of every simulated model, in tokens. */
const CONTEXT_TOKENS_MAX = 128_000;

/** Without any waiting. */
export const AT_ONCE: Pace = { firstByteMs: 0, tokensPerSecond: Number.POSITIVE_INFINITY };

/** How fast a call is answered: models with `instant` in their name at once, and as late as a fault wants. */
export function paceOf(model: string, fault: Fault | undefined, pace: Pace): Pace {
  const base = model.includes('instant') ? AT_ONCE : pace;
  return fault?.name === 'slow-first-byte' ? { ...base, firstByteMs: fault.parameter } : base;
}

function complete(request: ChatRequest, { provider, key }: ChatCall, deps: ProviderDeps) {
  const { model } = request;
  const tokens = promptTokens(request);
  if (tokens.length > CONTEXT_TOKENS_MAX) {
    const message = `This model's maximum context length is ${CONTEXT_TOKENS_MAX} tokens. However, your messages resulted in ${tokens.length} tokens. Please reduce the length of the messages.`;
    throw new ProviderError(400, { message, param: 'messages', code: 'context_length_exceeded' });
  }
  const choices = composeChoices(request);
  const cachedTokens = deps.promptCache.lookup(`${provider} ${key} ${model}`, tokens);
  const head = {
    id: randomId('chatcmpl-', 29),
    created: Math.floor(deps.now() / 1_000),
    model,
    system_fingerprint: `fp_${hashHex(`${provider}/${model}`).slice(0, 10)}`,
  };
  return { head, choices, usage: usageOf({ promptTokens: tokens.length, cachedTokens }, choices) };
}

function scriptOf(request: ChatRequest, fault: Fault | undefined, { call, deps }: Exchange): Script {
  const { dialect } = call;
  if (fault?.kind === 'instead') return faultScript(fault, request.model, dialect);
  const whole = complete(request, call, deps);
  const completion = fault?.kind === 'spoilt' ? spoil(whole, fault) : whole;
  const cut = fault?.kind === 'cut' ? fault : undefined;
  const composed = { completion, request, dialect };
  return request.stream ? streamScript(composed, cut) : bodyScript(composed, cut);
}

type Exchange = { readonly call: ChatCall; readonly deps: ProviderDeps };
/** Companies that say the usage of a stream without being asked, and refuse the question (Mistral's API reference, read 2026-11). */
const TELL_USAGE_UNASKED: ReadonlySet<string> = new Set(['mistral']);

function withItsHabits(request: ChatRequest, provider: string): ChatRequest {
  return TELL_USAGE_UNASKED.has(provider) ? { ...request, stream_options: { include_usage: true } } : request;
}

type Planned = { readonly script: Script; readonly pace: Pace; readonly fault: Fault | undefined };

/** Decides the whole exchange before a byte is written, so that a refusal can still choose its status. */
function planExchange(call: ChatCall, deps: ProviderDeps): Planned {
  try {
    const request = withItsHabits(call.dialect.parse(call.bodyText, call.path), call.provider);
    const asked = call.faultHeader === undefined ? faultOfModel(request.model) : parseFault(call.faultHeader);
    const fault = asked ?? deps.faultRules.next(call.provider);
    const script = scriptOf(request, fault, { call, deps });
    return { script, pace: paceOf(request.model, fault, deps.pace), fault };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return { script: errorScript(error, call.dialect), pace: AT_ONCE, fault: undefined };
  }
}

/** Answers a call on the socket itself, as faults need it. Resolves when the exchange is over. */
export async function answerChat(call: ChatCall, deps: ProviderDeps): Promise<void> {
  const { script, pace, fault } = planExchange(call, deps);
  const end = deps.stats.begin(call.provider, fault?.name);
  let ending: Ending = 'broken';
  try {
    const headers = {
      ...script.headers,
      ...call.dialect.headers,
      'x-request-id': `req_${hashHex(randomId('', 16))}`,
      'openai-processing-ms': String(Math.round(pace.firstByteMs)),
    };
    ending = await play(call.outgoing, { ...script, headers }, pace);
  } finally {
    end(ending);
  }
}
