import { AppError, isAppError } from '@bourse/errors';
import { fold, foldedText, type GenerationEvent } from '@bourse/generation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyAnswer, report } from '../../test/any-answer.ts';
import { parseFrames } from '../../test/lane-harness.ts';
import { openaiChat } from '../openai-chat/index.ts';
import { openaiCompletions } from './index.ts';

const model = 'acme/sprint';
const decode = (fields: object = {}) => openaiCompletions.decodePrompt({ model, prompt: 'Once', ...fields });
const context = {
  head: { id: 'gen-1', model, provider: 'P', createdUnixSeconds: 7 },
  prompt: decode(),
};

function refusedPath(fields: object): unknown {
  try {
    decode(fields);
  } catch (error) {
    if (isAppError(error)) return error.metadata['path'];
  }
  throw new Error('not refused');
}

describe('a request', () => {
  test.each([['Once'], [['Once']]])('with the prompt %j is one user message', (prompt) => {
    expect(decode({ prompt }).messages).toEqual([{ role: 'user', content: [{ type: 'text', text: 'Once' }] }]);
  });

  test('means with its other fields what they mean in a conversation', () => {
    const prompt = decode({
      max_tokens: 5,
      temperature: 0.5,
      stop: '\n',
      n: 2,
      stream: true,
      logprobs: 3,
      provider: { only: ['x'] },
      echo: false,
      best_of: 1,
      suffix: '',
    });
    expect(prompt).toMatchObject({
      outputTokensMax: 5,
      sampling: { temperature: 0.5, stop: ['\n'], logprobs: true, topLogprobs: 3 },
      choiceCount: 2,
      isStreamed: true,
      preferences: { only: ['x'] },
      source: { wire: 'openai-completions' },
    });
    const target = { upstreamModel: 'up-1', isStreamed: false, outputTokensMax: null, endpointOutputTokensMax: null };
    const body = openaiChat.encodePrompt(prompt, target);
    expect(body).toMatchObject({ messages: [{ role: 'user', content: 'Once' }], max_tokens: 5, n: 2, top_logprobs: 3 });
    for (const field of ['prompt', 'echo', 'best_of', 'suffix']) expect(body).not.toHaveProperty(field);
  });

  test.each([
    [{ prompt: undefined }, 'prompt'],
    [{ prompt: ['a', 'b'] }, 'prompt'],
    [{ prompt: [] }, 'prompt'],
    [{ prompt: [1, 2] }, 'prompt'],
    [{ prompt: [[1, 2]] }, 'prompt'],
    [{ prompt: { text: 'a' } }, 'prompt'],
    [{ suffix: 'end' }, 'suffix'],
    [{ echo: true }, 'echo'],
    [{ best_of: 3 }, 'best_of'],
    [{ logprobs: true }, 'logprobs'],
    [{ logprobs: -1 }, 'logprobs'],
    [{ messages: [] }, 'messages'],
    [{ temperature: 9 }, 'temperature'],
  ])('with %j is refused by its field', (fields, path) => {
    expect(refusedPath(fields)).toBe(path);
  });
});

const text = (piece: string, choice = 0): GenerationEvent => ({ type: 'text-delta', choice, block: 0, text: piece });
const finish: GenerationEvent = { type: 'finish', choice: 0, reason: { unified: 'stop', raw: 'end_turn' } };
const entries = [
  {
    token: 'On',
    logprob: -0.1,
    top_logprobs: [
      { token: 'On', logprob: -0.1 },
      { token: 'In', logprob: -2 },
    ],
  },
  { token: 'ce', logprob: -0.2 },
];

function chunks(text: string) {
  return parseFrames(text)
    .filter(({ data }) => data !== '[DONE]')
    .map(({ data }) => JSON.parse(data));
}

describe('an answer', () => {
  test('in chunks has text, the finish, the usage with its cost, and the end mark', () => {
    const encoder = openaiCompletions.createEncoder(context);
    const stream = encoder.push([text('On'), text('ce'), finish]) + encoder.finish(report);
    expect(stream.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(stream).toContain('"cost":0.0000051');
    const head = { id: 'gen-1', object: 'text_completion', created: 7, model, provider: 'P' };
    expect(chunks(stream)).toMatchObject([
      { ...head, choices: [{ text: 'On', index: 0, finish_reason: null, logprobs: null }] },
      { ...head, choices: [{ text: 'ce' }] },
      { ...head, choices: [{ text: '', finish_reason: 'stop', native_finish_reason: 'end_turn' }] },
      { ...head, choices: [], usage: { prompt_tokens: 9, completion_tokens: 2 } },
    ]);
  });

  test('has probabilities side by side, with where each token stands', () => {
    const events: GenerationEvent[] = [text('Once'), { type: 'logprobs', choice: 0, entries }, text(' upon')];
    const more: GenerationEvent = { type: 'logprobs', choice: 0, entries: [{ token: ' upon', logprob: -1 }] };
    const encoder = openaiCompletions.createEncoder(context);
    const told = chunks(encoder.push([...events, more])).flatMap(({ choices }) => choices[0].logprobs ?? []);
    expect(told).toEqual([
      {
        tokens: ['On', 'ce'],
        token_logprobs: [-0.1, -0.2],
        top_logprobs: [{ On: -0.1, In: -2 }, {}],
        text_offset: [0, 2],
      },
      { tokens: [' upon'], token_logprobs: [-1], top_logprobs: [{}], text_offset: [4] },
    ]);
    const body = JSON.parse(openaiCompletions.encodeBody(fold([...events, more, finish]), context, report));
    expect(body.choices[0]).toMatchObject({ text: 'Once upon', logprobs: { text_offset: [0, 2, 4] } });
  });

  test('has what the model thought beside the text', () => {
    const thought: GenerationEvent = {
      type: 'reasoning-delta',
      choice: 0,
      block: 1,
      kind: 'text',
      text: 'Hm.',
      format: 'unknown',
    };
    const encoder = openaiCompletions.createEncoder(context);
    expect(chunks(encoder.push([thought]))[0].choices).toEqual([
      { text: '', index: 0, logprobs: null, finish_reason: null, reasoning: 'Hm.' },
    ]);
    const body = JSON.parse(openaiCompletions.encodeBody(fold([thought, text('Once'), finish]), context, report));
    expect(body.choices[0]).toMatchObject({ text: 'Once', reasoning: 'Hm.', reasoning_details: [{ text: 'Hm.' }] });
  });

  test('that breaks off ends with its error, and without the end mark of a whole one', () => {
    const encoder = openaiCompletions.createEncoder(context);
    const stream = encoder.push([text('On')]) + encoder.fail(new AppError('provider_failed', 'It broke.'));
    expect(chunks(stream).at(-1)).toMatchObject({
      error: { code: 502, message: 'It broke.' },
      choices: [{ finish_reason: 'error' }],
    });
    expect(stream).not.toContain('[DONE]');
  });

  test('is the same in chunks and as a whole', () => {
    fc.assert(
      fc.property(anyAnswer, (events) => {
        const encoder = openaiCompletions.createEncoder(context);
        const told = chunks(events.map((event) => encoder.push([event])).join('') + encoder.finish(report));
        const body = JSON.parse(openaiCompletions.encodeBody(fold(events), context, report));
        for (const [at, choice] of fold(events).choices.entries()) {
          const pieces = told.flatMap(({ choices }) => choices.filter(({ index }: { index: number }) => index === at));
          const joined = pieces.map((piece) => piece.text).join('');
          expect(joined).toHaveLength(body.choices[at].text.length);
          expect(body.choices[at].text).toBe(foldedText(choice) + choice.refusal);
          expect(pieces.find((piece) => piece.finish_reason !== null).finish_reason).toBe(
            body.choices[at].finish_reason,
          );
        }
      }),
    );
  });
});
