import { expect, test } from 'vitest';
import { endpointOf, inputOf, promptOf } from '../test/builders.ts';
import { planRoute } from './plan-route.ts';
import { unroutableError } from './unroutable-error.ts';

const cheap = endpointOf({ provider: 'cheap' });
const dear = endpointOf({ provider: 'dear', input: '5', output: '9' });

test('a stopped endpoint is left out with its reason, and the others serve', () => {
  const plan = planRoute(inputOf([cheap, dear], { isStopped: ({ providerSlug }) => providerSlug === 'cheap' }));
  if (plan.kind !== 'routed') return expect.unreachable(plan.message);
  expect(plan.candidates.map(({ endpoint }) => endpoint.id)).toEqual([dear.id]);
  expect(plan.excluded).toMatchObject([{ endpointId: cheap.id, reason: 'stopped' }]);
});

test('when all that would serve are stopped it is a 503 that says so, because it passes', () => {
  const prompt = promptOf({ preferences: { ignore: ['dear'] } });
  const plan = planRoute(inputOf([cheap, dear], { prompt, isStopped: () => true }));
  if (plan.kind === 'routed') return expect.unreachable('everything is stopped');
  const error = unroutableError(plan);
  expect([error.code, error.rule.status]).toEqual(['no_endpoint_available', 503]);
  expect(error.message).toContain('stopped by the operator');
  expect(error.metadata['excluded_by']).toEqual(['stopped', 'allowed_providers']);
});

test('a prompt that its own wishes keep from every endpoint is refused for those, stopped or not', () => {
  const prompt = promptOf({ preferences: { only: ['nobody'] } });
  const plan = planRoute(inputOf([cheap], { prompt, isStopped: () => true }));
  expect(plan).toMatchObject({ kind: 'unroutable', reason: 'no_endpoint_allowed' });
});
