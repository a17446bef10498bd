import { buildSnapshot, loadCatalogData } from '@bourse/catalog/data';
import { isGenerationId } from '@bourse/ids';
import { expect, test } from 'vitest';
import { chargeOf } from './history-record.ts';
import { appShapes, modelShapes } from './market-shape.ts';
import { type HistoryOptions, type PlannedGeneration, planHistory } from './plan-history.ts';

const snapshot = buildSnapshot(loadCatalogData(), 'test');
const until = new Date('2026-11-22T10:30:00Z');
const options: HistoryOptions = { snapshot, until, days: 35, count: 8_000, seed: 'test' };
const plan = planHistory(options);

const tokensOf = ({ usage }: PlannedGeneration) =>
  (usage.input ?? 0) + (usage.input_cache_read ?? 0) + (usage.output ?? 0) + (usage.output_reasoning ?? 0);
const tokensOn = (day: number) =>
  plan
    .filter(({ createdAt }) => Math.floor((until.getTime() - createdAt.getTime()) / 86_400_000) === day)
    .reduce((sum, planned) => sum + tokensOf(planned), 0);

test('the same options give the same history, also for a second run on another day', () => {
  expect(planHistory(options)).toEqual(plan);
  expect(planHistory({ ...options, seed: 'other' })).not.toEqual(plan);
});

test('generations lie within the days, oldest first, with ids of their own', () => {
  expect(plan.length).toBeGreaterThan(7_500);
  expect(plan.length).toBeLessThan(8_500);
  const times = plan.map(({ createdAt }) => createdAt.getTime());
  expect(times).toEqual(times.toSorted((left, right) => left - right));
  expect(times[0]).toBeGreaterThanOrEqual(until.getTime() - 35 * 86_400_000 - 3_600_000);
  expect(times.at(-1)).toBeLessThan(until.getTime());
  expect(new Set(plan.map(({ id }) => id)).size).toBe(plan.length);
  expect(plan.every(({ id }) => isGenerationId(id))).toBe(true);
});

test('at least forty well-known models take part, and no simulated one', () => {
  const slugs = new Set(plan.map(({ endpoint }) => endpoint.modelSlug));
  expect(slugs.size).toBeGreaterThanOrEqual(40);
  expect([...slugs].filter((slug) => slug.startsWith('sandbox/'))).toEqual([]);
});

test('every model of the demo market is sold by the catalog', () => {
  const missing = modelShapes.filter(({ slug }) => !snapshot.endpointsByModel.get(slug)?.length);
  expect(missing.map(({ slug }) => slug)).toEqual([]);
});

test('a model has no use before its launch', () => {
  const launched = modelShapes.filter(({ launchedDaysAgo }) => launchedDaysAgo !== undefined);
  for (const { slug, launchedDaysAgo = 0 } of launched) {
    const first = plan.find(({ endpoint }) => endpoint.modelSlug === slug);
    const daysAgo = (until.getTime() - (first?.createdAt.getTime() ?? 0)) / 86_400_000;
    expect(daysAgo).toBeLessThanOrEqual(launchedDaysAgo + 1);
  }
});

test('the finer grain of the last two days does not change how many tokens a day has', () => {
  // The first and third day before the end: one fine, one coarse, neighbours otherwise.
  expect(tokensOn(1) / tokensOn(2)).toBeGreaterThan(0.6);
  expect(tokensOn(1) / tokensOn(2)).toBeLessThan(1.6);
});

test('everything has a price: each generation can be charged over the real sheet, and most cost something', () => {
  const charges = plan.map((planned) => chargeOf(planned, 500));
  expect(charges.every(({ charge, cost }) => charge >= cost && cost >= 0n)).toBe(true);
  expect(charges.filter(({ charge }) => charge > 0n).length).toBeGreaterThan(plan.length * 0.95);
});

test('a few generations fail or are cancelled, most are attributed to an app', () => {
  const share = (holds: (planned: PlannedGeneration) => boolean) => plan.filter(holds).length / plan.length;
  expect(share(({ end }) => end === 'upstream_error')).toBeGreaterThan(0.003);
  expect(share(({ end }) => end !== 'finished')).toBeLessThan(0.06);
  expect(share(({ app }) => app !== null)).toBeGreaterThan(0.7);
});

test('the apps are invented: their addresses are under a domain that nobody can own', () => {
  expect(appShapes.every(({ url }) => /^https:\/\/[a-z]+\.example$/.test(url))).toBe(true);
});
