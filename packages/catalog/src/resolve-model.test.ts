import { describe, expect, test } from 'vitest';
import { dataOf, modelOf } from '../test/builders.ts';
import { buildSnapshot } from './build-snapshot.ts';
import { resolveModelSlug } from './resolve-model.ts';

const snapshot = buildSnapshot(
  dataOf({ models: [modelOf(), modelOf({ slug: 'maker/two:free', canonicalSlug: 'maker/two:free' })] }),
  'v',
);

describe('resolveModelSlug', () => {
  test.each([
    ['maker/one', 'maker/one', null],
    ['maker/one-2026-01-01', 'maker/one', null],
    ['maker/one:free', 'maker/one', 'free'],
    ['maker/one:nitro', 'maker/one', 'nitro'],
    ['maker/one-2026-01-01:floor', 'maker/one', 'floor'],
    ['maker/two:free', 'maker/two:free', null],
  ])('finds %s', (name, slug, variant) => {
    expect(resolveModelSlug(snapshot, name)).toEqual({ slug, variant });
  });

  test.each([
    'one',
    'maker',
    '',
    ':free',
    'maker/one:',
    'maker/one:online',
    'maker/one:free:floor',
    'Maker/One',
    'maker/two',
  ])('does not guess what %j means', (name) => {
    expect(resolveModelSlug(snapshot, name)).toBeNull();
  });
});
