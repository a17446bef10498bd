import { readFileSync } from 'node:fs';
import { openaiChat } from '@bourse/wire';
import { describe, expect, test } from 'vitest';
import {
  type Circumstances,
  filterCases,
  modelCases,
  nameCases,
  orderCases,
  type PlanCase,
  placeCases,
  routerCases,
  sortCases,
} from '../test/plan-cases.ts';
import { healthOf, market } from '../test/plan-market.ts';
import { planRoute } from './plan-route.ts';
import type { PlanInput, RoutePlan } from './types.ts';
import { unroutableError } from './unroutable-error.ts';

const tables: Readonly<Record<string, readonly PlanCase[]>> = {
  'the order of the market': orderCases,
  'lists of names': nameCases,
  filters: filterCases,
  'orders that are asked for': sortCases,
  'models, suffixes and tiers': modelCases,
  'the place of a conversation and of own keys': placeCases,
  routers: routerCases,
};
const cases = Object.values(tables).flat();
const configured = new Set([...market.providers.keys()]);
const said = { model: 'maker/one', messages: [{ role: 'user', content: 'Hello there' }] };

function inputOf(body: Readonly<Record<string, unknown>>, beside: Circumstances): PlanInput {
  const { own, sticky, region, shares, lacking, stopped } = beside;
  return {
    prompt: openaiChat.decodePrompt({ ...said, ...body }),
    catalog: market,
    configuredProviders: beside.configured === undefined ? configured : new Set(beside.configured),
    markupBpsDefault: beside.markupBps ?? 0,
    health: healthOf(beside.health ?? {}),
    isStopped: ({ providerSlug }) => providerSlug === stopped,
    lacks: ({ tag }) => (lacking !== undefined && lacking[0] === tag ? lacking[1] : null),
    draw: () => beside.draw ?? 0,
    nowMs: Date.parse('2026-11-22T12:00:00Z'),
    ...(sticky === undefined ? {} : { stickyEndpointId: sticky }),
    ...(region === undefined ? {} : { region }),
    ...(own === undefined ? {} : { ownCredentials: ({ id }) => own[id] ?? [] }),
    ...(shares === undefined ? {} : { spendShares: new Map(Object.entries(shares)) }),
  };
}

/** `maker/one@alpha` is `alpha`, `maker/two@alpha` is `two@alpha`, and what others make keeps its whole name. */
function short(endpointId: string): string {
  return endpointId.replace(/^maker\/(?:one@)?/, '');
}

function isCourse({ reason, endpointId }: { reason: string; endpointId: string }): boolean {
  return reason === 'service_tier' && endpointId.includes('/', endpointId.indexOf('@'));
}

function expectRefusal(plan: RoutePlan, expected: string): void {
  if (plan.kind === 'routed') throw new Error(`goes to ${plan.candidates[0].endpoint.id}`);
  const [, code, word, ...sentence] = expected.split(' ');
  const error = unroutableError(plan);
  expect(plan.availability).toBe(code);
  expect(error.metadata['reason']).toBe(code);
  if (word === '-') expect(error.metadata).not.toHaveProperty('excluded_by', []);
  else expect(error.metadata['excluded_by']).toContain(word);
  expect(error.message).toContain(sentence.join(' '));
}

function expectPlan(plan: RoutePlan, expected: string): void {
  if (plan.kind === 'unroutable') throw new Error(`nowhere to go: ${plan.message}`);
  const [order = '', left] = expected.split('|');
  const wanted = order.trim().split(' ');
  const actual = plan.candidates.map(({ endpoint, reason }, index) => {
    return short(endpoint.id) + (wanted[index]?.includes('=') === true ? `=${reason}` : '');
  });
  expect(actual.join(' ')).toBe(wanted.join(' '));
  if (left === undefined) return;
  const excluded = plan.excluded
    .filter((each) => !isCourse(each))
    .map(({ endpointId, reason }) => `${short(endpointId)}:${reason}`);
  expect(excluded.toSorted()).toEqual(left.trim().split(' ').filter(Boolean).toSorted());
}

for (const [name, rows] of Object.entries(tables)) {
  describe(`the table of plans: ${name}`, () => {
    test.each(
      rows.map(([body, expected, beside = {}]) => [brief(body), brief(beside), expected, body, beside] as const),
    )('%s %s → %s', (_body, _beside, expected, body, beside) => {
      const plan = planRoute(inputOf(body, beside));
      if (expected.startsWith('!')) expectRefusal(plan, expected);
      else expectPlan(plan, expected);
    });
  });
}

function brief(value: object): string {
  return JSON.stringify(value).slice(0, 100);
}

/** The controls that a request uses, in the words of the documentation. */
function controlsOf(body: Readonly<Record<string, unknown>>): Set<string> {
  const controls = new Set(Object.keys(body));
  const {
    provider = {},
    model = '',
    plugins = [],
  } = body as {
    provider?: Record<string, unknown>;
    model?: string;
    plugins?: Record<string, unknown>[];
  };
  for (const name of Object.keys(provider)) controls.add(`provider.${name}`);
  if (typeof provider['sort'] === 'object') controls.add('provider.sort.partition');
  for (const option of plugins.flatMap((plugin) => Object.keys(plugin))) controls.add(option);
  for (const suffix of model.split(':').slice(1)) controls.add(`:${suffix}`);
  if (model.startsWith('~')) controls.add('~author/family-latest');
  controls.add(model.replace('openrouter/', 'bourse/').split(':')[0] ?? '');
  return controls;
}

describe('the table of plans', () => {
  test('has at least 150 cases', () => {
    expect(cases.length).toBeGreaterThanOrEqual(150);
  });

  test('has every control that the reference documents at least twice', () => {
    const reference = readFileSync(new URL('../../../docs/API.md', import.meta.url), 'utf8');
    const chapter = /\n## Routing\n([\s\S]*?)\n## /.exec(reference)?.[1] ?? '';
    const documented = [...chapter.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    );
    expect(documented.length).toBeGreaterThanOrEqual(25);
    const used = cases.map(([body]) => controlsOf(body));
    const rare = documented.filter((control) => used.filter((controls) => controls.has(control)).length < 2);
    expect(rare).toEqual([]);
  });

  test('says in every refusal what to change', () => {
    const refusals = cases.filter(([, expected]) => expected.startsWith('!'));
    expect(refusals.length).toBeGreaterThanOrEqual(30);
    for (const [body, , beside = {}] of refusals) {
      const plan = planRoute(inputOf(body, beside));
      const message = plan.kind === 'unroutable' ? plan.message : '';
      expect(message).toMatch(/To change that|Choose|Shorten|Did you mean|lists them all/);
    }
  });
});
