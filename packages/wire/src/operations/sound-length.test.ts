import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { soundLength } from './sound-length.ts';

interface Wav {
  readonly perSecond: number;
  readonly frame: number;
  readonly claimed: number;
  readonly data: number;
  readonly codec?: number;
}

function wav({ perSecond, frame, claimed, data, codec = 1 }: Wav): Uint8Array {
  const bytes = Buffer.alloc(44 + data);
  bytes.write('RIFF\0\0\0\0WAVEfmt ', 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(codec, 20);
  bytes.writeUInt32LE(perSecond, 24);
  bytes.writeUInt32LE(0xffffffff, 28);
  bytes.writeUInt16LE(frame, 32);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(claimed, 40);
  return bytes;
}

describe('the length of a file of sound', () => {
  test('is exact for WAV, by what is there and not by what its head claims', () => {
    const ten = wav({ perSecond: 8_000, frame: 2, claimed: 0xffffffff, data: 160_000 });
    expect(soundLength(ten)).toEqual({ most: 11, likely: 10, method: 'wav_header' });
    expect(soundLength(wav({ perSecond: 8_000, frame: 2, claimed: 2, data: 2 })).likely).toBe(1);
  });

  test.each([
    wav({ perSecond: 8_000, frame: 2, claimed: 16_000, data: 16_000, codec: 2 }),
    wav({ perSecond: 0, frame: 2, claimed: 16_000, data: 16_000 }),
    wav({ perSecond: 8_000, frame: 2, claimed: 16_000, data: 16_000 }).subarray(0, 40),
    Buffer.from('ID3 and the rest'),
  ])('of anything else is bounded by its bytes', (bytes) => {
    expect(soundLength(bytes)).toMatchObject({ most: Math.ceil(bytes.length / 500) + 1, method: 'bytes_at_128_kbps' });
  });

  test('is at least a second, never more than its bound, and no file makes it throw', () => {
    const tagged = fc.uint8Array().map((bytes) => Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVE', 'latin1'), bytes]));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), tagged), (bytes) => {
        const { most, likely } = soundLength(bytes);
        expect(likely).toBeGreaterThanOrEqual(1);
        expect(likely).toBeLessThanOrEqual(most);
      }),
    );
  });
});
