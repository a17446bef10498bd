import {
  computeSettlement,
  decideCharge,
  estimateNeed,
  estimateUpperBound,
  type GenerationOutcome,
  judgeUsage,
} from '@bourse/billing';
import type { Endpoint } from '@bourse/catalog';
import { createSseParser, openaiChat } from '@bourse/wire';
import { estimateUsage, roughUsage } from '../../src/generate/estimate-usage.ts';
import { Meter } from '../../src/generate/meter.ts';
import type { TokenCounter } from '../../src/tokenizer.ts';
import type { DisconnectCase } from './disconnect-cases.ts';

/** What the books must say of a case. */
export interface ExpectedRow {
  readonly end: string;
  readonly charge: string;
  readonly flags: readonly string[];
}

const MARKUP_BPS = 500;
const head = { id: 'gen-1', model: 'a/m', provider: 'P', createdUnixSeconds: 1 };

/** The request of a case. */
export function bodyOf({ id, script }: DisconnectCase): object {
  return {
    model: 'sandbox/atlas-1',
    messages: [{ role: 'user', content: 'tell me about the weather in Ulm' }],
    max_tokens: 200,
    stream: script.isStreamed,
    provider: { only: [script.provider] },
    user: id,
    // The provider knows a run by this: who an end user is it is never told.
    stop: id,
  };
}

function endOf({ script }: DisconnectCase, read: number): GenerationOutcome['end'] {
  const last = script.pieces.slice(0, read).find(({ ends }) => ends !== undefined)?.ends;
  if (last === undefined) return 'client_cancelled';
  if (last !== 'done') return 'upstream_error';
  // A provider that is read on ends when nobody listens any more.
  return 'finished';
}

/** What the billing table says when the gateway had read so many pieces at the end; `isGone`: the client had left before it. */
async function rowFor(
  each: DisconnectCase,
  { read, isGone }: { readonly read: number; readonly isGone: boolean },
  market: { readonly endpoint: Endpoint; readonly counter: TokenCounter },
): Promise<ExpectedRow> {
  const { endpoint, counter } = market;
  const prompt = openaiChat.decodePrompt(bodyOf(each));
  const meter = new Meter();
  const lane = openaiChat.relay.open({ head, prompt });
  const parser = createSseParser((event) => meter.observe(lane.event(event).facts, () => 1));
  parser.push(
    Buffer.from(
      each.script.pieces
        .slice(0, read)
        .map(({ bytes }) => bytes)
        .join(''),
    ),
  );
  parser.end();
  const metered = meter.read();
  const hasOutput = metered.firstTokenAtMs !== null;
  const told = endOf(each, read);
  const end = told === 'finished' && isGone ? 'client_cancelled' : told;
  const outcome: GenerationOutcome = {
    end,
    // Without output the call was given up before it was an answer: nothing of it was metered.
    finishReason: hasOutput ? metered.finishReason : null,
    usage: hasOutput ? metered.usage : null,
    usageState: hasOutput
      ? judgeUsage({
          usage: metered.usage,
          isUnreadable: metered.isUsageUnreadable,
          isCurrent: metered.isUsageCurrent,
          outputBytes: metered.output.bytes,
          prompt,
          endpoint,
          outputTokensMax: 200,
        })
      : 'none',
    hasOutput,
    isAbortable: each.script.provider === 'sandbox-north',
    isByok: false,
    isStreamed: each.script.isStreamed,
  };
  const need = estimateNeed(outcome);
  const estimate =
    need === 'precise'
      ? await estimateUsage(prompt, metered.output, counter)
      : need === 'rough'
        ? roughUsage(prompt, metered.output)
        : null;
  const decision = decideCharge(outcome, estimate);
  const { holdAmount } = estimateUpperBound({ prompt, endpoint, markupBps: MARKUP_BPS });
  const { charge } = computeSettlement({
    decision,
    sheet: endpoint.prices,
    markupBps: MARKUP_BPS,
    holdAmount,
    chargeMax: null,
  });
  return { end, charge: charge.toString(), flags: decision.flags };
}

/**
 * What the books may say of a case: one row, or two where the client left while a piece was on its way that it cannot see (it may have
 * been read before the client was missed, or not).
 */
export async function expectedRows(
  each: DisconnectCase,
  market: { readonly endpoint: Endpoint; readonly counter: TokenCounter },
): Promise<readonly ExpectedRow[]> {
  const { pieces, provider } = each.script;
  const seen = pieces.slice(0, each.cut).findLastIndex(({ mark }) => mark !== null) + 1;
  const isOver = pieces.slice(0, each.cut).some(({ ends }) => ends !== undefined);
  if (isOver) return [await rowFor(each, { read: each.cut, isGone: false }, market)];
  // Hanging up does not stop this one, once it has begun to answer: it is read to its end.
  if (provider === 'sandbox-west' && seen > 0)
    return [await rowFor(each, { read: pieces.length, isGone: true }, market)];
  const reads = [...new Set([seen, ...Array.from({ length: each.cut - seen + 1 }, (_, more) => seen + more)])];
  return Promise.all(reads.map((read) => rowFor(each, { read, isGone: true }, market)));
}
