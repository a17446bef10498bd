import { AppError } from '@bourse/errors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openaiEmbeddings } from './embeddings.ts';

const head = { id: 'gen-1', model: 'maker/vectors', provider: 'Host', createdUnixSeconds: 1 };
const target = { upstreamModel: 'up', isStreamed: false, outputTokensMax: null, endpointOutputTokensMax: null };
const report = { usage: { input: 7 }, costUsd: '0.00000014', upstreamCostUsd: '0.0000001', isEstimated: false };
const promptOf = (fields: object) => openaiEmbeddings.decodePrompt({ model: 'maker/vectors', ...fields });
const bodyOf = (text: string, fields: object = { input: 'a' }) =>
  openaiEmbeddings.relay.body(text, { head, prompt: promptOf(fields) });

describe('a request', () => {
  test('is a prompt without messages that asks for vectors', () => {
    expect(promptOf({ input: ['a', 'b'], provider: { only: ['x'] }, user: 'u-1' })).toMatchObject({
      operation: 'embeddings',
      outputModalities: ['embeddings'],
      messages: [],
      isStreamed: false,
      preferences: { only: ['x'] },
      endUser: 'u-1',
    });
  });

  test('weighs at least a byte per byte of text and per token, and what else a provider may read', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1 }), (input) => {
        const bytes = input.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
        expect(promptOf({ input }).inputBytes).toBeGreaterThanOrEqual(bytes + input.length);
      }),
    );
    expect(promptOf({ input: [1, 2, 3] }).inputBytes).toBeGreaterThanOrEqual(3);
    const plain = promptOf({ input: 'a' }).inputBytes;
    expect(promptOf({ input: 'a', instruction: 'x'.repeat(1_000) }).inputBytes).toBeGreaterThan(plain + 1_000);
  });

  test('goes on as it came but for the model and what is ours', () => {
    const prompt = promptOf({
      input: 'a',
      dimensions: 8,
      provider: {},
      api_base: 'http://evil',
      future: 1.0,
      user: null,
    });
    expect(openaiEmbeddings.encodePrompt(prompt, target)).toEqual({
      input: 'a',
      dimensions: 8,
      future: 1,
      model: 'up',
    });
  });

  test.each([
    [{}, 'input'],
    [{ input: '' }, 'input'],
    [{ input: [[]] }, 'input[0]'],
    [{ input: 'a', dimensions: 0 }, 'dimensions'],
    [{ input: 'a', models: 'x' }, 'models'],
  ])('%j is refused by its field', (fields, path) => {
    const refusal = (() => {
      try {
        return promptOf(fields);
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toBeInstanceOf(AppError);
    expect(refusal).toMatchObject({ code: 'invalid_request', metadata: { path: expect.stringContaining(path) } });
  });
});

describe('an answer', () => {
  const text = '{ "data":[{"embedding":[1.0,-2e0],"index":0}], "usage":{"prompt_tokens":7,"total_tokens":7}, "x":1.00}';

  test('keeps every byte that is not ours', () => {
    const { facts, render } = bodyOf(text);
    expect(facts).toMatchObject({ usage: { input: 7 }, hasOutput: true, finish: { unified: 'stop' }, error: null });
    const rendered = render(report);
    expect(rendered).toContain('[{"embedding":[1.0,-2e0],"index":0}]');
    expect(rendered).toContain('"x":1.00');
    expect(rendered).toContain('{"prompt_tokens":7,"total_tokens":7,"cost":0.00000014,');
    expect(JSON.parse(rendered)).toMatchObject({
      object: 'list',
      id: 'gen-1',
      model: 'maker/vectors',
      provider: 'Host',
    });
  });

  test('in numbers becomes base64 for who asked for it, and only then', () => {
    const rendered = bodyOf(text, { input: 'a', encoding_format: 'base64' }).render(report);
    const [vector] = JSON.parse(rendered).data;
    expect(vector).toEqual({ index: 0, embedding: Buffer.from(new Float32Array([1, -2]).buffer).toString('base64') });
    const encoded = '{"data":[{"embedding":"AACAPw=="}]}';
    expect(bodyOf(encoded, { input: 'a', encoding_format: 'base64' }).render(report)).toContain('"AACAPw=="');
  });

  test.each([
    [{ total_tokens: 5 }, { input: 5 }, false],
    [{}, null, false],
    [{ prompt_tokens: -1 }, null, true],
    [{ prompt_tokens: 0.5 }, null, true],
    [{ prompt_tokens: '7' }, null, true],
  ])('with the counts %j tells %j', (usage, expected, isUnreadable) => {
    const { facts } = bodyOf(JSON.stringify({ data: [{ embedding: [1] }], usage }));
    expect(facts.usage).toEqual(expected);
    expect(facts.isUsageUnreadable).toBe(isUnreadable);
  });

  test('of anything else is a failure and never an exception', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (garbage) => {
        const { facts } = bodyOf(garbage);
        expect(facts.error?.kind).toBe(facts.error?.message.includes('error') ? 'server_error' : 'invalid_response');
      }),
    );
    expect(bodyOf('{"data":[{"embedding":[1]}]}', { input: ['a', 'b'] }).facts.error?.message).toContain(
      '1 embeddings for 2',
    );
  });
});
