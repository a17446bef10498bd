import { performance } from 'node:perf_hooks';
import { afterEach, expect, test } from 'vitest';
import { PDF_LIMITS, PdfReader } from '../src/plugins/pdf/pdf-reader.ts';
import { makeEncryptedPdf, makePdf } from './make-pdf.ts';

const open: PdfReader[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((reader) => reader.stop()));
});

function reader(limits: Partial<typeof PDF_LIMITS> = {}): PdfReader {
  const made = new PdfReader({ ...PDF_LIMITS, ...limits });
  open.push(made);
  return made;
}

test('the text of each page comes out, and the bytes that were given stay', async () => {
  const bytes = makePdf(['Hello (world)', 'second page']);
  expect(await reader().read(bytes)).toEqual({ kind: 'text', pages: ['Hello (world)', 'second page'] });
  expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
});

test.each([
  ['malformed', Buffer.from('not a PDF at all')],
  ['malformed', Buffer.alloc(0)],
  ['malformed', Buffer.from('%PDF-1.4\n%%EOF')],
  ['encrypted', makeEncryptedPdf()],
  ['no_text', makePdf([''])],
  ['too_many_pages', makePdf(Array.from({ length: 4 }, () => 'x'))],
  ['too_much_text', makePdf(['x'.repeat(60), 'y'.repeat(60)])],
] as const)('what is %s is told as that, and the next file is read', async (reason, bytes) => {
  const reading = reader({ pagesMax: 3, charactersMax: 100 });
  expect(await reading.read(bytes)).toEqual({ kind: 'failed', reason });
  expect(await reading.read(makePdf(['fine']))).toEqual({ kind: 'text', pages: ['fine'] });
});

test('a file that is cut off, or has bytes of noise in it, gives text or a reason and never more', async () => {
  const whole = makePdf(['one', 'two', 'three']);
  const reading = reader();
  for (let cut = 20; cut < whole.length; cut += 97) {
    const noisy = Buffer.from(whole);
    noisy[cut] = cut % 256;
    for (const bytes of [whole.subarray(0, cut), noisy]) {
      expect(['text', 'failed']).toContain((await reading.read(bytes)).kind);
    }
  }
});

test('a file that takes too long ends with its thread, and those behind it are read by the next', async () => {
  const reading = reader();
  expect((await reading.read(makePdf(['warm']))).kind).toBe('text');
  const slow = reader({ timeoutMs: -10_000 + 1 });
  const [first, second] = await Promise.all([slow.read(makePdf(['a'])), slow.read(makePdf(['b']))]);
  expect([first.kind, second.kind]).toEqual(['failed', 'failed']);
  expect(first).toMatchObject({ reason: 'too_slow' });
});

test('a file that needs more memory than there is ends with its thread, and not with this process', async () => {
  const reading = reader({ memoryMb: 4 });
  expect(await reading.read(makePdf(['big']))).toEqual({ kind: 'failed', reason: 'too_complex' });
});

test('nobody here waits while a large file is read', async () => {
  const reading = reader();
  const done = reading.read(makePdf(Array.from({ length: 600 }, (_, page) => `page ${page} `.repeat(20))));
  let longest = 0;
  let last = performance.now();
  const watch = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);
  expect(await done).toMatchObject({ kind: 'text', pages: { length: 600 } });
  clearInterval(watch);
  expect(longest).toBeLessThan(1_000);
});

test('more than may wait are refused at once, and a stop answers all', async () => {
  const reading = reader({ waitingMax: 1 });
  const reads = Array.from({ length: 4 }, () => reading.read(makePdf(['x'])));
  await reading.stop();
  const results = await Promise.all(reads);
  expect(results.filter((result) => result.kind === 'failed' && result.reason === 'busy').length).toBe(2);
  expect(await reading.read(makePdf(['x']))).toEqual({ kind: 'failed', reason: 'stopped' });
});
