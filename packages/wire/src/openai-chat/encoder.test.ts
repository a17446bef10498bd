import { AppError } from '@bourse/errors';
import { type FoldedGeneration, fold, type Generation, type GenerationEvent } from '@bourse/generation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SseEvent, UsageReport } from '../wire-format.ts';
import { readFacts } from './answer-facts.ts';
import { decodeBody, encodeBody } from './body.ts';
import { decodeEvents } from './decode-events.ts';
import { encodeEvents } from './encode-events.ts';
import { relay } from './relay.ts';

const head = { id: 'gen-1', model: 'acme/sprint', provider: 'P', createdUnixSeconds: 7 };
const report: UsageReport = {
  usage: { input: 9, output: 2 },
  costUsd: '0.0000051',
  upstreamCostUsd: null,
  isEstimated: false,
};
const stop: GenerationEvent = { type: 'finish', choice: 0, reason: { unified: 'stop', raw: 'end_turn' } };
const hi: GenerationEvent = { type: 'text-delta', choice: 0, block: 0, text: 'Hi' };

async function* generation(events: readonly GenerationEvent[], failure?: unknown): Generation {
  yield* events;
  if (failure !== undefined) throw failure;
}

async function encoded(source: Generation): Promise<SseEvent[]> {
  const events: SseEvent[] = [];
  for await (const event of encodeEvents(source, head)) events.push(event);
  return events;
}

const chunksOf = (events: readonly SseEvent[]) => events.slice(0, -1).map((event) => JSON.parse(event.data));

async function* replay(events: readonly SseEvent[]): AsyncGenerator<SseEvent> {
  yield* events;
}

describe('encodeEvents', () => {
  test('opens with the role, writes deltas, the finish with the raw reason, and the end mark', async () => {
    const events = await encoded(generation([hi, { type: 'usage', usage: { input: 1, output: 1 } }, stop]));
    expect(events.at(-1)).toEqual({ event: null, data: '[DONE]' });
    const envelope = { id: 'gen-1', object: 'chat.completion.chunk', created: 7, model: 'acme/sprint', provider: 'P' };
    expect(chunksOf(events)).toEqual([
      { ...envelope, choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] },
      { ...envelope, choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: null }] },
      { ...envelope, choices: [{ index: 0, delta: {}, finish_reason: 'stop', native_finish_reason: 'end_turn' }] },
    ]);
  });

  test('numbers tool calls by themselves, and names id and type once', async () => {
    const events = await encoded(
      generation([
        hi,
        { type: 'tool-call-start', choice: 0, block: 1, callId: 'a', name: 'f' },
        { type: 'tool-call-delta', choice: 0, block: 1, argumentsText: '{}' },
        { type: 'tool-call-start', choice: 0, block: 5, callId: 'b', name: 'g' },
        { type: 'tool-call-delta', choice: 0, block: 1, argumentsText: ' ' },
        stop,
      ]),
    );
    expect(chunksOf(events).flatMap((chunk) => chunk.choices[0].delta.tool_calls ?? [])).toEqual([
      { index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } },
      { index: 0, function: { arguments: '{}' } },
      { index: 1, id: 'b', type: 'function', function: { name: 'g', arguments: '' } },
      { index: 0, function: { arguments: ' ' } },
    ]);
  });

  test('writes a late signature without text', async () => {
    const events = await encoded(
      generation([{ type: 'reasoning-delta', choice: 0, block: 0, text: '', signature: 's' }, stop]),
    );
    expect(chunksOf(events)[1].choices[0].delta).toEqual({
      reasoning_details: [{ type: 'reasoning.text', text: '', signature: 's', format: 'unknown', index: 0 }],
    });
  });

  test.each([
    ['an error of ours', new AppError('provider_failed', 'It broke.'), 502, 'It broke.'],
    ['a foreign error, masked', new Error('secret dsn'), 500, 'Something failed on our side.'],
  ])('ends the stream after %s', async (_name, failure, code, message) => {
    const events = await encoded(generation([hi], failure));
    expect(events.at(-1)?.data).toBe('[DONE]');
    expect(JSON.parse(events.at(-2)?.data ?? '')).toMatchObject({
      error: { code, message },
      choices: [{ index: 0, finish_reason: 'error' }],
    });
    expect(JSON.stringify(events)).not.toContain('secret');
  });

  test('never makes a cut generation look whole', async () => {
    const events = await encoded(generation([hi]));
    expect(JSON.parse(events.at(-2)?.data ?? '')).toMatchObject({ error: { code: 502 } });
  });

  test('lets go of the generation when its reader leaves', async () => {
    let isReleased = false;
    async function* endless(): Generation {
      try {
        for (;;) yield hi;
      } finally {
        isReleased = true;
      }
    }
    for await (const _event of encodeEvents(endless(), head)) break;
    // The reader left at the opening chunk; one more proves that nothing is held after a delta either.
    let seen = 0;
    for await (const _event of encodeEvents(endless(), head)) if (++seen > 3) break;
    expect(isReleased).toBe(true);
  });
});

describe('encodeBody', () => {
  test('shapes the whole answer with its money', async () => {
    const body = await encodeBody(
      generation([
        { type: 'reasoning-delta', choice: 0, block: 0, text: 'think', signature: 's' },
        { type: 'text-delta', choice: 0, block: 1, text: 'Hi' },
        stop,
      ]),
      head,
      report,
    );
    expect(body).toEqual({
      id: 'gen-1',
      object: 'chat.completion',
      created: 7,
      model: 'acme/sprint',
      provider: 'P',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'Hi',
            refusal: null,
            reasoning: 'think',
            reasoning_details: [{ type: 'reasoning.text', text: 'think', signature: 's', format: 'unknown', index: 0 }],
          },
          logprobs: null,
          finish_reason: 'stop',
          native_finish_reason: 'end_turn',
        },
      ],
      usage: expect.objectContaining({ prompt_tokens: 9, completion_tokens: 2, total_tokens: 11, cost: 0.0000051 }),
    });
  });

  test('has null content beside tool calls, as OpenAI has', async () => {
    const call: GenerationEvent = { type: 'tool-call-start', choice: 0, block: 0, callId: 'a', name: 'f' };
    const body = await encodeBody(generation([call, stop]), head, report);
    expect(body['choices']).toMatchObject([
      { message: { content: null, tool_calls: [{ id: 'a', type: 'function' }] } },
    ]);
  });

  test('rejects with the error of the generation', async () => {
    await expect(encodeBody(generation([hi], new Error('reset')), head, report)).rejects.toThrow('reset');
  });
});

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
const callArbitrary = fc.record({
  name: fc.stringMatching(/^[a-z]{1,6}$/),
  argumentsText: fc.string({ unit: 'grapheme', maxLength: 12 }),
});
const choiceArbitrary = fc.record({
  reasoning: fc.option(text, { nil: '' }),
  signature: fc.option(text),
  text: fc.option(text, { nil: '' }),
  refusal: fc.option(text, { nil: '' }),
  calls: fc.array(callArbitrary, { maxLength: 3 }),
  unified: fc.constantFrom('stop' as const, 'length' as const, 'content_filter' as const),
});
const answers = fc.record({
  choices: fc.array(choiceArbitrary, { minLength: 1, maxLength: 3 }),
  usage: fc.option(fc.record({ input: fc.nat(100), output: fc.nat(100) })),
});
type Answer = typeof answers extends fc.Arbitrary<infer T> ? T : never;

/** Each text in one or more pieces, as models stream it. */
function pieces(whole: string): string[] {
  return whole.length < 2 ? [whole] : [whole.slice(0, 1), whole.slice(1)];
}

function eventsFor(answer: Answer): GenerationEvent[] {
  const events: GenerationEvent[] = answer.choices.flatMap((choice, index) => {
    const list: GenerationEvent[] = [];
    let block = 0;
    const { reasoning, signature } = choice;
    if (reasoning !== '')
      for (const piece of pieces(reasoning)) list.push({ type: 'reasoning-delta', choice: index, block, text: piece });
    if (signature !== null) list.push({ type: 'reasoning-delta', choice: index, block, text: '', signature });
    if (reasoning !== '' || signature !== null) block += 1;
    if (choice.text !== '')
      for (const piece of pieces(choice.text)) list.push({ type: 'text-delta', choice: index, block, text: piece });
    if (choice.text !== '') block += 1;
    if (choice.refusal !== '')
      for (const piece of pieces(choice.refusal)) list.push({ type: 'refusal-delta', choice: index, text: piece });
    for (const [number, call] of choice.calls.entries()) {
      list.push({ type: 'tool-call-start', choice: index, block, callId: `call_${number}`, name: call.name });
      if (call.argumentsText !== '')
        for (const piece of pieces(call.argumentsText))
          list.push({ type: 'tool-call-delta', choice: index, block, argumentsText: piece });
      block += 1;
    }
    const unified = choice.calls.length > 0 && choice.unified === 'stop' ? 'tool_calls' : choice.unified;
    list.push({ type: 'finish', choice: index, reason: { unified, raw: unified } });
    return list;
  });
  if (answer.usage) events.push({ type: 'usage', usage: answer.usage });
  return events;
}

const withoutUsage = (folded: FoldedGeneration) => folded.choices;

describe('an answer in any form is the same answer', () => {
  test('encoded as a stream and decoded again', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (answer) => {
        const events = eventsFor(answer);
        const again = await fold(decodeEvents(replay(await encoded(generation(events)))));
        expect(withoutUsage(again)).toEqual(withoutUsage(await fold(generation(events))));
      }),
      { numRuns: 200 },
    );
  });

  test('encoded as a body and decoded again, usage included', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (answer) => {
        const events = eventsFor(answer);
        const body = await encodeBody(generation(events), head, report);
        const again = await fold(decodeBody(JSON.parse(JSON.stringify(body))));
        expect(withoutUsage(again)).toEqual(withoutUsage(await fold(generation(events))));
        expect(again.usage).toEqual(report.usage);
      }),
      { numRuns: 200 },
    );
  });

  test('streamed or whole: the fold of the events equals the fold of the body', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (answer) => {
        const events = eventsFor(answer);
        const streamEvents = await encoded(generation(events));
        const lastUsage = { event: null, data: relay.usageEvent(report, head) };
        const streamed = await fold(
          decodeEvents(replay([...streamEvents.slice(0, -1), lastUsage, ...streamEvents.slice(-1)])),
        );
        const whole = await fold(decodeBody(await encodeBody(generation(events), head, report)));
        expect(streamed).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  });

  test('relayed or decoded: what the relay tells as it passes equals what the decoder reads', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (answer) => {
        const streamEvents = await encoded(generation(eventsFor(answer)));
        const relayed = streamEvents.map((event) => relay.event(event, head));
        const decoded = await fold(decodeEvents(replay(streamEvents)));
        const told = relayed.map(({ facts }) => facts.outputText).join('');
        const read = decoded.choices
          .map(
            ({ reasoning, text: plain, refusal, toolCalls }) =>
              reasoning + plain + refusal + toolCalls.map((call) => call.argumentsText).join(''),
          )
          .join('');
        expect(told).toBe(read);
        expect(relayed.some(({ facts }) => facts.hasToolCall)).toBe(
          decoded.choices.some(({ toolCalls }) => toolCalls.length > 0),
        );
        expect(relayed.findLast(({ facts }) => facts.finishReason)?.facts.finishReason).toBe(
          decoded.choices.at(-1)?.finish?.raw,
        );
        const again = relayed.flatMap(({ data, isEnd }) =>
          data === null && !isEnd ? [] : [{ event: null, data: data ?? '[DONE]' }],
        );
        expect(await fold(decodeEvents(replay(again)))).toEqual(decoded);
      }),
      { numRuns: 200 },
    );
  });

  test('a whole body: its facts equal those of its decoder', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (answer) => {
        const body = await encodeBody(generation(eventsFor(answer)), head, report);
        const { facts } = relay.body(JSON.stringify(body));
        expect(facts).toEqual(readFacts(body, 'message'));
        expect(facts.usage).toEqual((await fold(decodeBody(body))).usage);
      }),
      { numRuns: 100 },
    );
  });
});

describe('decodeBody', () => {
  test.each([null, 'x', [], {}, { choices: [] }, { choices: {} }])('refuses %j', async (body) => {
    await expect(fold(decodeBody(body))).rejects.toMatchObject({ code: 'provider_failed' });
  });

  test('throws what a 200 body reports as an error', async () => {
    await expect(fold(decodeBody({ error: { code: 429, message: 'slow' } }))).rejects.toMatchObject({
      code: 'provider_failed',
    });
  });

  test('finishes a choice that names no reason', async () => {
    expect(await fold(decodeBody({ choices: [{ message: { content: 'a' } }] }))).toMatchObject({
      choices: [{ text: 'a', finish: { unified: 'stop', raw: null } }],
    });
  });
});
