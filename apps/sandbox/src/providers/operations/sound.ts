/** Sound of 16 bits on one channel. */
export const SAMPLES_PER_SECOND = 24_000;
const BYTES_PER_SAMPLE = 2;
const HEAD_BYTES = 44;
const TONE_HERTZ = 440;
const LOUDNESS = 3_000;

/** A tone as plain samples. */
export function toneOf(seconds: number): Buffer {
  const samples = Math.round(seconds * SAMPLES_PER_SECOND);
  const pcm = Buffer.alloc(samples * BYTES_PER_SAMPLE);
  for (let index = 0; index < samples; index += 1) {
    const height = Math.sin((2 * Math.PI * TONE_HERTZ * index) / SAMPLES_PER_SECOND);
    pcm.writeInt16LE(Math.round(LOUDNESS * height), index * BYTES_PER_SAMPLE);
  }
  return pcm;
}

/** Plain samples as a WAV file. */
export function wavOf(pcm: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(HEAD_BYTES - 8 + pcm.length, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(SAMPLES_PER_SECOND, 24);
  head.writeUInt32LE(SAMPLES_PER_SECOND * BYTES_PER_SAMPLE, 28);
  head.writeUInt16LE(BYTES_PER_SAMPLE, 32);
  head.writeUInt16LE(8 * BYTES_PER_SAMPLE, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(pcm.length, 40);
  return Buffer.concat([head, pcm]);
}

/** One frame of MPEG 2.5 layer III at 8 kbit/s and 8 kHz (72 bytes of 72 ms): its head, and silence. */
function frame(): Buffer {
  const bytes = Buffer.alloc(72);
  bytes.set([0xff, 0xe3, 0x18, 0xc4]);
  return bytes;
}

/** Silence in the form of an MP3 file. */
export function mp3Of(seconds: number): Buffer {
  return Buffer.concat(Array.from({ length: Math.max(1, Math.round(seconds / 0.072)) }, frame));
}

/** How long a file plays: a WAV by its head, anything else as if it had 16,000 bytes a second. */
export function secondsOf(file: Buffer): number {
  const isWav = file.length >= HEAD_BYTES && file.toString('latin1', 0, 4) === 'RIFF';
  const bytesPerSecond = isWav ? file.readUInt32LE(28) : 16_000;
  return (file.length - (isWav ? HEAD_BYTES : 0)) / Math.max(bytesPerSecond, 1);
}
