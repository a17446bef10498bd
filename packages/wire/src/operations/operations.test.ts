import { AppError } from '@bourse/errors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cohereRerank, openaiEmbeddings, openaiImages, openaiSpeech, openaiTranscriptions } from './index.ts';

const head = { id: 'gen-1', model: 'maker/one', provider: 'Host', createdUnixSeconds: 5 };
const target = { upstreamModel: 'up', isStreamed: false, outputTokensMax: null, endpointOutputTokensMax: null };
const report = { usage: {}, costUsd: '0.000000001', upstreamCostUsd: null, isEstimated: true };
const sound = { name: 'a.mp3', type: 'audio/mpeg', bytes: new Uint8Array(32_000) };
const prompts = {
  embeddings: openaiEmbeddings.decodePrompt({ model: 'maker/one', input: 'a' }),
  rerank: cohereRerank.decodePrompt({ model: 'maker/one', query: 'q', documents: ['a', { text: 'b' }] }),
  images: openaiImages.decodePrompt({ model: 'maker/one', prompt: 'p', n: 2 }),
  speech: openaiSpeech.decodePrompt({ model: 'maker/one', input: 'é🙂', voice: 'v' }),
  transcription: openaiTranscriptions.form?.decode({ model: 'maker/one', prompt: 'hint' }, sound) ?? null,
};
const texts = [
  ['embeddings', openaiEmbeddings, prompts.embeddings],
  ['rerank', cohereRerank, prompts.rerank],
  ['images', openaiImages, prompts.images],
  ['transcription', openaiTranscriptions, prompts.transcription],
] as const;

describe.each(texts)('%s', (_name, format, prompt) => {
  if (prompt === null) throw new Error('no prompt');

  test('never throw for what a provider sends, and charge nobody for it', () => {
    const mess = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record(
          { data: fc.jsonValue(), results: fc.jsonValue(), usage: fc.jsonValue(), meta: fc.jsonValue() },
          { requiredKeys: [] },
        )
        .map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(mess, (text) => {
        const { facts } = format.relay.body(text, { head, prompt });
        expect(facts.error !== null || facts.hasOutput).toBe(true);
        for (const count of Object.values(facts.usage ?? {})) {
          expect(Number.isSafeInteger(count) && count >= 0).toBe(true);
        }
      }),
    );
  });

  test('are relayed, never translated', () => {
    expect(() => format.createDecoder(prompt)).toThrow(AppError);
    expect(() => format.createEncoder({ head, prompt })).toThrow(AppError);
    expect(format.lacks(prompt)).toBeNull();
  });
});

describe('what is asked for', () => {
  test('in pictures and characters is known before, to the unit', () => {
    expect(prompts.images).toMatchObject({ units: { image_made: 2 }, choiceCount: 2, outputModalities: ['image'] });
    expect(prompts.speech).toMatchObject({ units: { spoken_character: 2 }, ownCount: { method: 'characters' } });
  });

  test('keeps the prompt of a picture and of a transcript, which elsewhere names a preset', () => {
    expect(openaiImages.encodePrompt(prompts.images, target)).toEqual({ model: 'up', prompt: 'p', n: 2 });
    if (prompts.transcription === null) throw new Error('no prompt');
    expect(openaiTranscriptions.encodePrompt(prompts.transcription, target)).toEqual({ model: 'up', prompt: 'hint' });
  });

  test('in search units is at least one for each hundred documents, and more for long ones', () => {
    const unitsOf = (documents: readonly string[], query = 'q') =>
      cohereRerank.decodePrompt({ model: 'maker/one', query, documents }).units?.search_unit;
    expect(unitsOf(['a'])).toBe(1);
    expect(unitsOf(Array.from({ length: 100 }, () => 'a'))).toBe(1);
    expect(unitsOf(Array.from({ length: 101 }, () => 'a'))).toBe(2);
    expect(unitsOf(Array.from({ length: 100 }, () => 'a'.repeat(1_000)))).toBe(3);
    // Beyond 4,096 tokens a document is cut off, and a query takes no more than half of a piece.
    expect(unitsOf(Array.from({ length: 100 }, () => 'a'.repeat(1_000_000)))).toBe(9);
    expect(
      unitsOf(
        Array.from({ length: 100 }, () => 'a'.repeat(1_000_000)),
        'q'.repeat(9_000),
      ),
    ).toBe(17);
  });
});

describe('speech', () => {
  const say = (bytes: Uint8Array, type: string) =>
    openaiSpeech.relay.bytes?.(bytes, type, { head, prompt: prompts.speech });

  test('is its bytes, under a media type that a header may hold', () => {
    const bytes = Uint8Array.of(0xff, 0, 0x80);
    expect(say(bytes, 'audio/mpeg')).toMatchObject({
      contentType: 'audio/mpeg',
      facts: { hasOutput: true, error: null },
    });
    expect(say(bytes, 'audio/mpeg')?.render(report)).toBe(bytes);
    for (const type of ['', 'application/x', 'audio/a\r\nset-cookie: x', `audio/${'x'.repeat(100)}`]) {
      expect(say(bytes, type)?.contentType).toBe('application/octet-stream');
    }
  });

  test.each([
    ['nothing', new Uint8Array(), 'audio/mpeg'],
    ['a page', Uint8Array.of(60), 'text/html'],
    ['an error', Buffer.from('{"error":{"message":"no"}}'), 'application/json'],
    ['JSON that is cut', Buffer.from('{"error"'), 'application/json'],
  ])('that is %s is a failure', (_name, bytes, type) => {
    expect(say(bytes, type)?.facts.error).not.toBeNull();
  });
});

describe('counts of a transcription', () => {
  const factsOf = (fields: object) => {
    if (prompts.transcription === null) throw new Error('no prompt');
    const context = { head, prompt: prompts.transcription };
    return openaiTranscriptions.relay.body(JSON.stringify({ text: '', ...fields }), context).facts;
  };

  test.each([
    [{ usage: { type: 'duration', seconds: 9 } }, { audio_second: 9 }],
    [{ usage: { type: 'duration', seconds: 0 } }, { audio_second: 1 }],
    [{ duration: 9.2 }, { audio_second: 10 }],
    [{ duration: '8.47' }, { audio_second: 9 }],
    [
      {
        usage: {
          type: 'tokens',
          input_tokens: 14,
          input_token_details: { text_tokens: 4, audio_tokens: 10 },
          output_tokens: 45,
        },
      },
      { input: 4, input_audio: 10, output: 45 },
    ],
    [{ usage: { input_tokens: 14, output_tokens: 45 } }, { input: 0, input_audio: 14, output: 45 }],
    [{}, null],
  ])('%j are %j, and silence is an answer', (fields, usage) => {
    expect(factsOf(fields)).toMatchObject({ usage, isUsageUnreadable: false, hasOutput: true, error: null });
  });

  test.each([
    { usage: { seconds: -1 } },
    { duration: 'long' },
    { usage: { input_tokens: 5, input_token_details: { audio_tokens: 6 } } },
    { usage: { input_tokens: 1.5, output_tokens: 1 } },
  ])('%j are none', (fields) => {
    expect(factsOf(fields)).toMatchObject({ usage: null, isUsageUnreadable: true });
  });
});
