import { describe, expect, test } from 'vitest';
import { dataOf, modelOf } from '../test/builders.ts';
import { buildSnapshot } from './build-snapshot.ts';
import { resolveModelSlug } from './resolve-model.ts';

const free = modelOf({ slug: 'maker/two:free', canonicalSlug: 'maker/two:free', variant: 'free' });
const two = modelOf({ slug: 'maker/two', canonicalSlug: 'maker/two-2026-02-02' });
const snapshot = buildSnapshot(
  dataOf({
    models: [modelOf(), two, free],
    aliases: [{ alias: '~maker/two-latest', name: 'Maker: Two (latest)', modelSlug: 'maker/two' }],
  }),
  'v',
);

describe('resolveModelSlug', () => {
  test.each([
    ['maker/one', 'maker/one', [], 'slug'],
    ['maker/one-2026-01-01', 'maker/one', [], 'canonical'],
    ['maker/one:free', 'maker/one', ['free'], 'slug'],
    ['maker/one:nitro', 'maker/one', ['nitro'], 'slug'],
    ['maker/one-2026-01-01:floor', 'maker/one', ['floor'], 'canonical'],
    ['maker/one:online:exacto', 'maker/one', ['online', 'exacto'], 'slug'],
    ['maker/one:nitro:nitro', 'maker/one', ['nitro'], 'slug'],
    ['maker/two:free', 'maker/two:free', [], 'slug'],
    ['maker/two:free:online', 'maker/two:free', ['online'], 'slug'],
    ['maker/two:online:free', 'maker/two:free', ['online'], 'slug'],
    ['~maker/two-latest', 'maker/two', [], 'alias'],
    ['~maker/two-latest:thinking', 'maker/two', ['thinking'], 'alias'],
    ['~maker/two-latest:free', 'maker/two:free', [], 'alias'],
  ])('finds %s', (name, slug, variants, via) => {
    expect(resolveModelSlug(snapshot, name)).toEqual({ slug, variants, via });
  });

  test.each([
    'one',
    'maker',
    '',
    ':free',
    'maker/one:',
    'maker/one:offline',
    'Maker/One',
    'maker/three',
    '~maker/one-latest',
  ])('does not guess what %j means', (name) => {
    expect(resolveModelSlug(snapshot, name)).toBeNull();
  });
});
