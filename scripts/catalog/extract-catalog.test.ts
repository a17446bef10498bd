import { readFileSync } from 'node:fs';
import { buildSnapshot, curatedFiles, loadCatalogData, parseCatalogFiles } from '@bourse/catalog/data';
import { describe, expect, test } from 'vitest';
import { aliasesOf } from './aliases.ts';
import { countCatalog } from './count-catalog.ts';
import { extractCatalog } from './extract-catalog.ts';
import { doubt } from './plausible.ts';
import { modelKey, plainName, slugOfHub, slugsByKey } from './slugs.ts';
import { decimal } from './source-prices.ts';
import { catalogFrom, installedSources } from './write-catalog.ts';

const sources = installedSources();
const written = catalogFrom(sources, { isAccepted: false });

describe('pnpm catalog:extract', () => {
  test('makes exactly the committed files from the installed packages', () => {
    expect(written.problems).toEqual([]);
    expect(written.texts.size).toBeGreaterThanOrEqual(25);
    const folder = new URL('../../packages/catalog/data/', import.meta.url);
    for (const [name, text] of written.texts) expect(readFileSync(new URL(name, folder), 'utf8'), name).toBe(text);
  });

  test('gives a catalog that can be sold, each number with its package and day', () => {
    const data = parseCatalogFiles(written.files);
    expect(() => buildSnapshot(data, 'test')).not.toThrow();
    const stated = /"source":\{[^}]*"(package|checkedOn)":"[^"]+"[^}]*"(package|checkedOn)":"[^"]+"/;
    for (const entry of [...written.extracted.models, ...written.extracted.offers])
      expect(JSON.stringify(entry)).toMatch(stated);
  });

  test('stops when a source lost one of the lists, instead of taking a provider off the market', () => {
    const pi = new Map([...sources.pi].filter(([list]) => list !== 'xai'));
    expect(() => catalogFrom({ ...sources, pi }, { isAccepted: true })).toThrow('no list of xai');
  });

  test('holds back prices that are a thousand times what they were, or nothing', () => {
    const changed = (change: (price: number) => number) =>
      new Map(
        [...sources.pi].map(([list, models]) => [
          list,
          models.map((model) =>
            list === 'together'
              ? {
                  ...model,
                  cost: { ...model.cost, input: change(model.cost.input), output: change(model.cost.output) },
                }
              : model,
          ),
        ]),
      );
    const curated = parseCatalogFiles(curatedFiles);
    const soldBy = (pi: typeof sources.pi): number => {
      const { offers } = extractCatalog(curated, { ...sources, pi });
      const found = offers.find((offer) => Reflect.get(offer, 'provider') === 'together');
      const endpoints: unknown = Reflect.get(Object(found), 'endpoints');
      return Array.isArray(endpoints) ? endpoints.length : 0;
    };
    const before = soldBy(sources.pi);
    expect(soldBy(changed(() => 0))).toBeLessThan(before);
    // What nobody else quotes cannot be told here; the sync compares it with its own past.
    expect(soldBy(changed((price) => price * 1_000))).toBeLessThan(before);
    expect(soldBy(changed((price) => price / 1_000))).toBeLessThan(before);
  });
});

test('docs/CATALOG.md says how much is on sale, as pnpm catalog:count does', () => {
  const text = readFileSync(new URL('../../docs/CATALOG.md', import.meta.url), 'utf8');
  expect(text).toContain(countCatalog(loadCatalogData()));
});

describe('a quote', () => {
  const quote = (input: number, output: number, cacheRead = 0) => ({ input, output, cacheRead });

  test('is believed among its like, and alone', () => {
    expect(doubt(quote(1, 4), [quote(1.2, 4), quote(0.8, 5)])).toBeNull();
    expect(doubt(quote(1, 4), [])).toBeNull();
  });

  test.each([
    ['nothing for prompts', quote(0, 4), 'a price is zero'],
    ['no number', quote(Number.NaN, 4), 'not a number'],
    ['answers at a thousand times the prompt', quote(0.0062, 6.8), 'times input'],
    ['a cache that costs more than none', quote(1, 4, 2), 'cache'],
    ['a thousandth of what others ask', quote(0.001, 0.004), 'where others ask'],
    ['a thousand times what others ask', quote(1_000, 4_000), 'where others ask'],
  ])('is not believed: %s', (_what, given, why) => {
    expect(doubt(given, [quote(1.2, 4), quote(0.8, 5)])).toContain(why);
  });
});

describe('a name of a model', () => {
  test.each([
    ['meta.llama3-3-70b-instruct-v1:0', 'bedrock', 'meta-llama/llama-3.3-70b-instruct'],
    ['us.anthropic.claude-haiku-4-5-20251001-v1:0', 'bedrock', 'anthropic/claude-haiku-4.5'],
    ['accounts/fireworks/models/glm-5p3-flash', 'fireworks', 'z-ai/glm-5.3-flash'],
    ['Qwen/Qwen3-VL-30B-A3B-Instruct-FP8', 'plain', 'qwen/qwen3-vl-30b-a3b-instruct'],
    ['nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B', 'plain', 'nvidia/nemotron-3-ultra-550b-a55b'],
  ] as const)('%s is the slug by which it is sold', (name, form, slug) => {
    expect(modelKey(plainName(name, form))).toBe(modelKey(slug));
  });

  test('that could mean two models means none, and a variant is not its model', () => {
    const found = slugsByKey(['a/x-1', 'b/x1', 'a/y', 'a/y:free']);
    expect([...found.values()]).toEqual(['a/y', 'a/y:free']);
  });

  test('of a hub is a slug only where the author is known', () => {
    expect(slugOfHub('Qwen/Qwen3-8B')).toBe('qwen/qwen3-8b');
    expect(slugOfHub('somebody/Qwen3-8B')).toBeNull();
    expect(slugOfHub('just-a-name')).toBeNull();
  });
});

test('the newest of a family is the one with the highest version, number by number', () => {
  const slugs = ['z-ai/glm-4.10', 'z-ai/glm-4.9', 'z-ai/glm-5v-turbo', 'x-ai/grok-4.20', 'x-ai/grok-4.7'];
  expect(aliasesOf(slugs).map(({ model }) => model)).toEqual(['x-ai/grok-4.7', 'z-ai/glm-4.10']);
});

test('a price keeps the digits of the list, loses the noise of floating point, and is rounded up beyond six places', () => {
  expect([2.5, 0.1 + 0.2, 0.0375, 15, 0, 0.0000001, 0.083333].map(decimal)).toEqual([
    '2.5',
    '0.3',
    '0.0375',
    '15',
    '0',
    '0.000001',
    '0.083333',
  ]);
  expect(() => decimal(Number.NaN)).toThrow('not a price');
  expect(() => decimal(-1)).toThrow('not a price');
});
