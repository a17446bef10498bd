import type { ServerResponse } from 'node:http';
import { randomId } from '../../identifiers.ts';
import { AT_ONCE, type ProviderDeps, paceOf } from '../chat.ts';
import { openaiChat } from '../dialects/openai-chat.ts';
import { ProviderError } from '../errors.ts';
import { type Fault, faultOfModel, parseFault, type SpoiltFault } from '../faults.ts';
import { type Ending, type Pace, play, type Script } from '../play.ts';
import { hashHex } from '../random.ts';
import { errorScript, faultScript, wholeScript } from '../scripts.ts';
import type { Operation, OperationAnswer } from './operation.ts';

/** One call as it came off the wire. */
export type OperationCall = {
  readonly provider: string;
  readonly operation: Operation;
  readonly request: Request;
  readonly faultHeader: string | undefined;
  readonly outgoing: ServerResponse;
};

/** Every number of a usage as no honest provider reports it: 1 negative, 2 huge, 3 fractional, 4 text, else a million times too much. */
function absurd(value: unknown, variant: number): unknown {
  if (typeof value === 'number') return [value * 1e6 + 1e6, -17, 9e15, value + 0.5, 'many'][variant] ?? -1;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, count]) => [name, absurd(count, variant)]));
}

/** Where the APIs of operations put what they count. */
const COUNTS = ['usage', 'meta', 'duration'];

function spoilt({ body, empty }: OperationAnswer, fault: SpoiltFault): OperationAnswer['body'] {
  if (fault.name === 'empty') return empty;
  if (body instanceof Uint8Array || fault.name === 'slow-first-byte') return body;
  const isMissing = fault.name === 'missing-usage';
  const entries = Object.entries(body).filter(([name]) => !(isMissing && COUNTS.includes(name)));
  return Object.fromEntries(
    entries.map(([name, value]) => [name, COUNTS.includes(name) ? absurdOrSame(value, fault) : value]),
  );
}

function absurdOrSame(value: unknown, fault: SpoiltFault): unknown {
  return fault.name === 'absurd-usage' ? absurd(value, fault.parameter) : value;
}

type Planned = { readonly script: Script; readonly pace: Pace; readonly fault: Fault | undefined };

async function planOperation({ provider, operation, request, faultHeader }: OperationCall, deps: ProviderDeps) {
  const { model, answer } = await operation.read(request);
  const asked = faultHeader === undefined ? faultOfModel(model) : parseFault(faultHeader);
  const fault = asked ?? deps.faultRules.next(provider);
  const pace = paceOf(model, fault, deps.pace);
  if (fault?.kind === 'instead') return { script: faultScript(fault, model, openaiChat), pace, fault };
  const good = answer(Math.floor(deps.now() / 1_000));
  const body = fault?.kind === 'spoilt' ? spoilt(good, fault) : good.body;
  const whole = {
    contentType: good.contentType,
    body: body instanceof Uint8Array ? body : JSON.stringify(body),
    tokensBefore: good.tokens,
  };
  return { script: wholeScript(whole, fault?.kind === 'cut' ? fault : undefined, openaiChat), pace, fault };
}

function refused(error: unknown): Planned {
  if (!(error instanceof ProviderError)) throw error;
  return { script: errorScript(error, openaiChat), pace: AT_ONCE, fault: undefined };
}

/** Answers a call on the socket itself, as faults need it. Resolves when the exchange is over. */
export async function answerOperation(call: OperationCall, deps: ProviderDeps): Promise<void> {
  const { script, pace, fault } = await planOperation(call, deps).catch(refused);
  const end = deps.stats.begin(call.provider, fault?.name);
  let ending: Ending = 'broken';
  try {
    const headers = { ...script.headers, 'x-request-id': `req_${hashHex(randomId('', 16))}` };
    ending = await play(call.outgoing, { ...script, headers }, pace);
  } finally {
    end(ending);
  }
}
