import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { frameRecord, readRecords, recordBytes, Segment } from './segment.ts';

const SIZE = 4_096;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bourse-segment-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** Records as a spool writes them: JSON, some of it not ASCII. */
const texts = ['{"id":"gen_1"}', '{"id":"gen_2","model":"größer 🚀"}', '{"id":"gen_3"}'];
const framed = texts.map(frameRecord);

function fileOf(...parts: readonly (string | Buffer)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([content, Buffer.alloc(SIZE - content.byteLength)]);
}

test('what was written is read back in order, and the room that was not is no record', () => {
  expect(readRecords(fileOf(...framed))).toEqual({ texts, torn: 0 });
  expect(readRecords(Buffer.alloc(SIZE))).toEqual({ texts: [], torn: 0 });
  expect(readRecords(Buffer.alloc(0))).toEqual({ texts: [], torn: 0 });
});

test('a record has the same bytes however it is put together', () => {
  for (const text of [...texts, '', 'x'.repeat(10_000)])
    expect(recordBytes(text).equals(Buffer.from(frameRecord(text)))).toBe(true);
});

test('a record that is cut at any byte is torn, and those before it are unharmed', () => {
  const [first = '', last = ''] = framed;
  const bytes = Buffer.from(last);
  // Without its line break only, a record is whole: its checksum says so.
  for (let cut = 1; cut < bytes.byteLength - 1; cut += 1) {
    expect(readRecords(fileOf(first, bytes.subarray(0, cut)))).toEqual({ texts: texts.slice(0, 1), torn: 1 });
  }
});

test('a hole of zeros tears the record that it is in, and the one after it is unharmed', () => {
  const [first = '', second = '', third = ''] = framed;
  const middle = Buffer.from(second);
  for (const hole of [1, 10, middle.byteLength - 2]) {
    const holed = Buffer.from(middle);
    holed.fill(0, hole, middle.byteLength);
    const found = readRecords(fileOf(first, holed, third));
    expect(found).toEqual({ texts: [texts[0], texts[2]], torn: 1 });
  }
  expect(readRecords(fileOf(first, Buffer.alloc(100), third)).texts).toEqual([texts[0], texts[2]]);
});

test('one wrong byte anywhere in a record is found by its checksum', () => {
  const [first = '', second = '', third = ''] = framed;
  const bytes = Buffer.from(second);
  for (let index = 0; index < bytes.byteLength - 1; index += 1) {
    const damaged = Buffer.from(bytes);
    damaged.writeUInt8((damaged.readUInt8(index) ^ 0x01) & 0xff, index);
    const found = readRecords(fileOf(first, damaged, third)).texts;
    expect(found).not.toContain(texts[1]);
    expect(found).toContain(texts[0]);
    // A byte that became a line break may cut a record in two, and harms nobody else either.
    expect(found).toContain(texts[2]);
  }
});

test('a file has all its room from the beginning, and what is appended is on the disk when that resolves', async () => {
  const path = join(directory, '000001.wal');
  const segment = await Segment.create(path, SIZE);
  expect((await readFile(path)).byteLength).toBe(SIZE);
  for (const [index, line] of framed.entries()) {
    await segment.append(Buffer.from(line));
    expect(readRecords(await readFile(path)).texts).toEqual(texts.slice(0, index + 1));
  }
  expect(segment.room).toBe(SIZE - Buffer.byteLength(framed.join('')));
  expect((await readFile(path)).byteLength).toBe(SIZE);
  segment.abandon();
  expect(segment.room).toBe(0);
  await segment.remove();
  expect(await readdir(directory)).toEqual([]);
});

test('a file that is there already is not taken, and stays as it is', async () => {
  const path = join(directory, '000002.wal');
  await writeFile(path, 'of somebody else');
  await expect(Segment.create(path, SIZE)).rejects.toMatchObject({ code: 'EEXIST' });
  expect(await readFile(path, 'utf8')).toBe('of somebody else');
});
