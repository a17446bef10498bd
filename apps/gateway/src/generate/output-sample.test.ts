import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OutputSample } from './output-sample.ts';

function sampleOf(...pieces: readonly string[]): OutputSample {
  const sample = new OutputSample();
  for (const piece of pieces) sample.add(piece);
  return sample;
}

test('an answer of usual length is kept whole, however it is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 900 }), { maxLength: 30 }), (pieces) => {
      const whole = pieces.join('');
      const read = sampleOf(...pieces).read();
      expect(read).toEqual({ text: whole, characters: whole.length, bytes: Buffer.byteLength(whole) });
    }),
  );
});

test('a pair of characters that comes in two pieces stays one', () => {
  const text = `${'x'.repeat(2_047)}🚀 and on`;
  expect(sampleOf(text.slice(0, 2_048), text.slice(2_048)).read().text).toBe(text);
});

test('of a long answer the beginning is kept, and all of it is counted', () => {
  const sample = sampleOf(...Array.from({ length: 4_000 }, () => 'größer than '));
  const { text, characters, bytes } = sample.read();
  expect([characters, bytes]).toEqual([48_000, 56_000]);
  for (let count = 0; count < 40_000; count += 1) sample.add('größer than ');
  const long = sample.read();
  expect([long.characters, long.bytes]).toEqual([528_000, 616_000]);
  expect(long.text.startsWith(text)).toBe(true);
  expect(Buffer.byteLength(long.text)).toBeLessThan(36_000);
});

test('one piece larger than everything that is kept is counted, and read twice alike', () => {
  const sample = sampleOf('y'.repeat(1_000_000), 'z'.repeat(3_000));
  const first = sample.read();
  expect([first.characters, first.bytes]).toEqual([1_003_000, 1_003_000]);
  expect(first.text).toBe('y'.repeat(32_768));
  expect(sample.read()).toEqual(first);
});
