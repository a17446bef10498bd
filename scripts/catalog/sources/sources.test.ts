import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { genaiPricesFrom } from './genai-prices.ts';
import { newestRelease } from './latest.ts';
import { literalList } from './literal.ts';
import { tarballFiles } from './package-files.ts';
import { readPiAi } from './pi-ai.ts';

/** A ustar entry, as npm writes them. */
function entry(name: string, body: string, type = '0'): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(`${Buffer.byteLength(body).toString(8).padStart(11, '0')} `, 124);
  header.write(type, 156);
  header.write('ustar', 257);
  const padded = Buffer.alloc(Math.ceil(Buffer.byteLength(body) / 512) * 512);
  padded.write(body);
  return Buffer.concat([header, padded]);
}
const tarball = (...entries: readonly Buffer[]): Buffer => gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)]));

describe('an archive', () => {
  test('gives its files as text', () => {
    const files = tarballFiles(tarball(entry('package/a.json', '{"a":1}'), entry('package/b/c.txt', 'x'.repeat(600))));
    expect(files.names).toEqual(['a.json', 'b/c.txt']);
    expect(files.read('a.json')).toBe('{"a":1}');
    expect(files.read('b/c.txt').length).toBe(600);
    expect(() => files.read('d')).toThrow('has no d');
  });

  test.each([
    ['leads out of its package', tarball(entry('package/../../etc/passwd', 'x')), 'outside its package'],
    ['has a name from the root', tarball(entry('/etc/passwd', 'x')), 'outside its package'],
    ['has a link', tarball(entry('package/a', '', '2')), 'something else than files'],
    ['is cut off', gzipSync(entry('package/a', 'x'.repeat(2_000)).subarray(0, 1_024)), 'cut off'],
    ['is empty', tarball(), 'no files'],
    ['unpacks to more than fits', gzipSync(Buffer.alloc(65 * 1024 * 1024)), 'larger'],
    ['is no archive', Buffer.from('not gzip'), 'header'],
  ])('that %s is refused', (_what, bytes, why) => {
    expect(() => tarballFiles(bytes)).toThrow(new RegExp(why));
  });
});

describe('data in a program', () => {
  const find = (program: string) => literalList(program, (beginning) => beginning.includes('id'));

  test('are read and never run', () => {
    const program = 'const a = [1]; const b = [{ id: "x", n: -1.5e3, yes: !0, no: null, list: [`t`] }];';
    expect(find(program)).toEqual([{ id: 'x', n: -1500, yes: true, no: null, list: ['t'] }]);
  });

  test.each([
    '[{ id: run() }]',
    '[{ id: `$'.concat('{x}` }]'),
    '[{ id: 1 + 1 }]',
    '[{ id: [, 1] }]',
    '[{ ...id }]',
    '[{ id: /x/ }]',
  ])('%s is refused: it would have to be run', (list) => {
    expect(() => find(`const b = ${list};`)).toThrow();
  });

  test('that are not there, or in no program, are an error', () => {
    expect(() => find('const a = [1];')).toThrow('no such list');
    expect(() => find('const a = [{ id: ')).toThrow('not JavaScript');
  });
});

describe('price lists', () => {
  const files = (read: (name: string) => string, names: readonly string[] = []) => ({ names, read });
  const version = { package: 'p@1', publishedOn: '2026-01-01' };
  const bundle = (price: string) =>
    `const E = [{ id: "x", name: "X", api_pattern: "x", models: [{ id: "m", match: { equals: "m" }, prices: { input_mtok: ${price} } }] }];`;

  test('of a bundle are those of its providers', () => {
    expect(
      genaiPricesFrom(
        files(() => bundle('1')),
        version,
      ).providerOf('x')?.models[0]?.id,
    ).toBe('m');
    expect(
      genaiPricesFrom(
        files(() => bundle('1')),
        version,
      ).providerOf('y'),
    ).toBeUndefined();
  });

  test.each(['-1', '"1"', 'null', '[1]', '1e999'])('with the price %s are refused', (price) => {
    expect(() =>
      genaiPricesFrom(
        files(() => bundle(price)),
        version,
      ),
    ).toThrow();
  });

  const model = {
    type: 'chat',
    id: 'm',
    name: 'M',
    reasoning: false,
    input: ['text'],
    cost: { input: 1, output: 2, cacheRead: 0, cacheWrite: 0 },
    contextWindow: 1000,
    maxTokens: 100,
  };
  const lists = (text: string) =>
    readPiAi(
      files(
        (name) => (name.endsWith('.manifest.json') ? '{"generatedAt":"2026-11-10T12:00:00.000Z"}' : text),
        ['dist/providers/data/x.json', 'dist/providers/data/.manifest.json', 'README.md'],
      ),
    );

  test('of pi-ai are read with the day on which they were made', () => {
    const { lists: found, madeOn } = lists(JSON.stringify({ chat: { m: model, other: { type: 'image' } } }));
    expect(found.get('x')).toEqual([model]);
    expect(madeOn).toBe('2026-11-10');
  });

  test.each([
    ['bad JSON', '{"chat": {'],
    ['no lists', '[]'],
    ['a price that is a text', JSON.stringify({ chat: { m: { ...model, cost: { ...model.cost, input: '1' } } } })],
    ['a negative price', JSON.stringify({ chat: { m: { ...model, cost: { ...model.cost, input: -1 } } } })],
    ['a currency', JSON.stringify({ chat: { m: { ...model, cost: { ...model.cost, currency: 'EUR' } } } })],
    ['a missing price', JSON.stringify({ chat: { m: { ...model, cost: { input: 1 } } } })],
    ['no window', JSON.stringify({ chat: { m: { ...model, contextWindow: 0 } } })],
  ])('of pi-ai with %s are refused by name', (_what, text) => {
    expect(() => lists(text)).toThrow('x.json is not a list of models');
  });
});

test('the newest release is the highest number that is three days old and no preview', () => {
  const now = new Date('2026-11-22T00:00:00Z');
  const answer = {
    created: '2020-01-01T00:00:00Z',
    '1.9.0': '2026-10-01T00:00:00Z',
    '1.10.0': '2026-11-01T00:00:00Z',
    '1.11.0-beta.1': '2026-11-02T00:00:00Z',
    '2.0.0': '2026-11-21T00:00:00Z',
  };
  expect(newestRelease(answer, now)).toEqual({ version: '1.10.0', publishedAt: new Date('2026-11-01T00:00:00Z') });
  expect(() => newestRelease({ '2.0.0': '2026-11-21T00:00:00Z' }, now)).toThrow('old enough');
  expect(() => newestRelease('oops', now)).toThrow();
});
