import { mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readRecords, Segment } from './segment.ts';
import { Spool, type SpooledRecord, SpoolFull, type SpoolOptions } from './spool.ts';

const SEGMENT = 1_024;
/** Nine of them, framed, fill a file. */
const RECORD = 'x'.repeat(100);
let root: string;
let directory: string;
let errors: unknown[];
let opened: Spool[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'bourse-spool-'));
  directory = join(root, 'gw_1');
  errors = [];
  opened = [];
});
afterEach(async () => {
  for (const spool of opened) await spool.close(false);
  await rm(root, { recursive: true, force: true });
});

async function open(overrides: Partial<SpoolOptions> = {}): Promise<Spool> {
  const spool = await Spool.open({
    directory,
    segmentBytes: SEGMENT,
    lingerMs: 1,
    onError: (error) => void errors.push(error),
    ...overrides,
  });
  opened.push(spool);
  return spool;
}

async function records(): Promise<string[]> {
  const texts: string[] = [];
  for (const name of (await readdir(directory)).sort()) {
    // A file without anything to keep may go while we look.
    const file = await readFile(join(directory, name)).catch(() => Buffer.alloc(0));
    texts.push(...readRecords(file).texts);
  }
  return texts;
}

const files = async (): Promise<string[]> => (await readdir(directory)).sort();

test('a record is on the disk when its append resolves', async () => {
  const spool = await open();
  await spool.append('one');
  expect(await records()).toEqual(['one']);
  await spool.append('two');
  expect(await records()).toEqual(['one', 'two']);
});

test('records that come together are written together, in the order in which they came', async () => {
  const writes: number[] = [];
  const spool = await open({
    async createSegment(path, size) {
      const segment = await Segment.create(path, size);
      const append = segment.append.bind(segment);
      segment.append = (bytes) => {
        writes.push(readRecords(bytes).texts.length);
        return append(bytes);
      };
      return segment;
    },
  });
  const texts = Array.from({ length: 30 }, (_, index) => `record ${index}`);
  await Promise.all(texts.map((text) => spool.append(text)));
  expect(await records()).toEqual(texts);
  expect(writes).toEqual([30]);
});

test('a full file is followed by the next one, and goes when all of its records are booked', async () => {
  const spool = await open();
  const written: SpooledRecord[] = [];
  for (let count = 0; count < 30; count += 1) written.push(await spool.append(RECORD));
  expect(await records()).toEqual(Array.from({ length: 30 }, () => RECORD));
  const segments = [...new Set(written.map(({ segment }) => segment))];
  expect(segments.length).toBe(4);
  const [first, ...others] = segments;
  for (const record of written.filter(({ segment }) => segment !== first)) spool.acknowledge(record);
  await vi.waitFor(async () => expect(await files()).toContain(first?.path.slice(-10)));
  for (const record of written.filter(({ segment }) => segment === first)) spool.acknowledge(record);
  // What is left is the file in use, though all of it is booked, and the one that waits.
  await vi.waitFor(async () => expect(await files()).toHaveLength(2));
  expect(await files()).toContain(others.at(-1)?.path.slice(-10));
  expect(errors).toEqual([]);
});

test('a record that no file can hold is refused at once, and harms nobody', async () => {
  const spool = await open();
  const [before, large, after] = [spool.append('before'), spool.append('x'.repeat(SEGMENT)), spool.append('after')];
  await expect(large).rejects.toBeInstanceOf(SpoolFull);
  await Promise.all([before, after]);
  expect(await records()).toEqual(['before', 'after']);
  expect(spool.isFull).toBe(false);
});

test('without room for another file it says that it is full, still takes what the file in use holds, and heals by itself', async () => {
  let made = 0;
  const spool = await open({
    async createSegment(path, size) {
      const segment = await Segment.create(path, size);
      made += 1;
      return segment;
    },
  });
  await vi.waitFor(() => expect(made).toBe(2));
  const away = join(root, 'away');
  for (let count = 0; count < 9; count += 1) await spool.append(RECORD);
  // No file can be made in a directory that is not there; those that are open go on.
  await rename(directory, away);
  await spool.append(RECORD);
  await vi.waitFor(() => expect(spool.isFull).toBe(true));
  for (let count = 0; count < 8; count += 1) await spool.append(RECORD);
  await expect(spool.append(RECORD)).rejects.toBeInstanceOf(SpoolFull);
  await rename(away, directory);
  await vi.waitFor(() => expect(spool.isFull).toBe(false), { timeout: 5_000 });
  await spool.append('after');
  expect(await records()).toEqual([...Array.from({ length: 18 }, () => RECORD), 'after']);
  // One complaint for one outage, however often it tried.
  expect(errors).toEqual([expect.objectContaining({ code: 'ENOENT' })]);
});

test('a file that fails under a write is left for the next one: its writer is told, whoever waits behind is written there', async () => {
  let made = 0;
  const spool = await open({
    async createSegment(path, size) {
      const segment = await Segment.create(path, size);
      made += 1;
      if (made === 1) segment.append = () => Promise.reject(new Error('EIO'));
      return segment;
    },
  });
  const [lost, next] = [spool.append('lost'), spool.append('too')];
  const refused = await Promise.allSettled([lost, next]);
  expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await spool.append('next');
  expect(await records()).toEqual(['next']);
  expect(spool.isFull).toBe(false);
  expect(errors).toHaveLength(1);
});

test('when the only file fails it is full until another can be made', async () => {
  let made = 0;
  let isBroken = true;
  const spool = await open({
    async createSegment(path, size) {
      made += 1;
      if (made > 1 && isBroken) throw new Error('ENOSPC');
      const segment = await Segment.create(path, size);
      if (made === 1) segment.append = () => Promise.reject(new Error('EIO'));
      return segment;
    },
  });
  await expect(spool.append('one')).rejects.toBeInstanceOf(SpoolFull);
  expect(spool.isFull).toBe(true);
  // The failed file is not written again behind our back: what it holds is uncertain.
  await expect(spool.append('two')).rejects.toBeInstanceOf(SpoolFull);
  isBroken = false;
  await vi.waitFor(() => expect(spool.isFull).toBe(false), { timeout: 5_000 });
  await spool.append('three');
  expect(await records()).toEqual(['three']);
});

test('it takes its directory along when everything is booked, and leaves it when not', async () => {
  const left = await open();
  await left.append('left');
  await left.close(false);
  expect(await records()).toEqual(['left']);
  await rm(directory, { recursive: true });
  const done = await open();
  done.acknowledge(await done.append('done'));
  await done.close(true);
  expect(await readdir(root)).toEqual([]);
});
