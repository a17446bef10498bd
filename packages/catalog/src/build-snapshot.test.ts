import { describe, expect, test } from 'vitest';
import { dataOf, endpointOf, line, modelOf, providerOf } from '../test/builders.ts';
import { buildSnapshot, type CatalogData } from './build-snapshot.ts';

describe('buildSnapshot', () => {
  test('indexes by slug and sorts the endpoints of a model by id', () => {
    const endpoints = ['c', 'a', 'b'].map((providerSlug) => endpointOf({ providerSlug }));
    const snapshot = buildSnapshot(dataOf({ endpoints }), 'v7');
    expect(snapshot.version).toBe('v7');
    expect([...snapshot.providers.keys()]).toEqual(['a', 'b', 'c']);
    expect(snapshot.models.get('maker/one')?.name).toBe('Maker: One');
    expect(snapshot.endpointsByModel.get('maker/one')?.map(({ tag }) => tag)).toEqual(['a', 'b', 'c']);
  });

  test('gives the same picture whatever the order of the rows', () => {
    const endpoints = ['a', 'b', 'c'].map((providerSlug) => endpointOf({ providerSlug }));
    const forward = buildSnapshot(dataOf({ endpoints }), 'v');
    const backward = buildSnapshot(dataOf({ endpoints: endpoints.toReversed() }), 'v');
    expect([...forward.endpointsByModel]).toEqual([...backward.endpointsByModel]);
    expect([...forward.providers]).toEqual([...backward.providers]);
  });

  test.each<[string, Partial<CatalogData>, string]>([
    [
      'an endpoint of an unknown model',
      { endpoints: [endpointOf({ modelSlug: 'maker/two' })] },
      'unknown model maker/two',
    ],
    ['an endpoint of an unknown provider', { providers: [providerOf('other')] }, 'unknown provider host'],
    ['two endpoints of one id', { endpoints: [endpointOf(), endpointOf()] }, 'two endpoints maker/one@host'],
    ['two models of one slug', { models: [modelOf(), modelOf()] }, 'two models of the same slug'],
    ['a model of an unknown author', { authors: [] }, 'unknown author maker'],
    ['a model outside its author', { models: [modelOf({ slug: 'other/one' })], endpoints: [] }, 'not under maker/'],
    ['no price for output', { endpoints: [endpointOf({ lines: [line('input', '1')] })] }, 'no base price for output'],
    [
      'a price for long prompts only',
      { endpoints: [endpointOf({ lines: [line('input', '1', 1_000), line('output', '1')] })] },
      'no base price for input',
    ],
    [
      'two prices for the same',
      { endpoints: [endpointOf({ lines: [line('input', '1'), line('input', '2'), line('output', '1')] })] },
      'two prices for the same meter and tier',
    ],
  ])('refuses %s', (_case, change, detail) => {
    expect(() => buildSnapshot(dataOf(change), 'v')).toThrow(
      expect.objectContaining({ code: 'internal', detail: expect.stringContaining(detail) }),
    );
  });
});
