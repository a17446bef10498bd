import { describe, expect, test } from 'vitest';
import { endpointOf, inputOf, modelOf, promptOf } from '../test/builders.ts';
import { planRoute } from './plan-route.ts';
import type { PlanInput, UnroutablePlan } from './types.ts';
import { unroutableError } from './unroutable-error.ts';

const cheap = endpointOf({ provider: 'cheap' });
const dear = endpointOf({ provider: 'dear', input: '5', output: '9' });

function unroutableOf(input: PlanInput): UnroutablePlan {
  const plan = planRoute(input);
  if (plan.kind === 'routed') return expect.unreachable('the plan should have no candidate');
  return plan;
}

describe('unroutableError', () => {
  test('an unknown model is a 400 that suggests the names that come close', () => {
    const models = ['openai/gpt-4o', 'openai/gpt-4o-mini', 'meta/llama-3.3-70b-instruct'].map((slug) => modelOf(slug));
    const of = (model: string) =>
      unroutableError(unroutableOf(inputOf([cheap], { prompt: promptOf({ model }), models })));
    const error = of('gpt-4o');
    expect(error.rule.status).toBe(400);
    expect(error.code).toBe('model_not_found');
    expect(error.metadata).toEqual({
      reason: 'model_not_found',
      requested_models: ['gpt-4o'],
      suggestions: ['openai/gpt-4o', 'openai/gpt-4o-mini'],
    });
    expect(error.message).toContain('gpt-4o is not a valid model ID. Did you mean openai/gpt-4o or');
    expect(of('openai/gpt4o-mini').metadata['suggestions']).toEqual(['openai/gpt-4o-mini', 'openai/gpt-4o']);
    expect(of('meta/llama-3.3-70b-instruct:offline').metadata['suggestions']).toEqual(['meta/llama-3.3-70b-instruct']);
    expect(of('something/else').metadata['suggestions']).toEqual([]);
  });

  test('a huge name costs no time and is not repeated whole', () => {
    const error = unroutableError(unroutableOf(inputOf([cheap], { prompt: promptOf({ model: 'x'.repeat(100_000) }) })));
    expect(error.message.length).toBeLessThan(500);
  });

  test('limits that leave nobody are a 404 that counts the reasons and says what to change', () => {
    const prompt = promptOf({ preferences: { only: ['dear'], maxPrice: { prompt: '2' } } });
    const error = unroutableError(unroutableOf(inputOf([cheap, dear], { prompt })));
    expect(error.rule.status).toBe(404);
    expect(error.metadata).toEqual({
      reason: 'constraint_filtered',
      requested_models: ['maker/one'],
      excluded_by: ['allowed_providers', 'max_price'],
      excluded: [
        { endpoint: 'maker/one@cheap', reason: 'not_in_only' },
        { endpoint: 'maker/one@dear', reason: 'max_price' },
      ],
    });
    expect(error.message).toBe(
      'No endpoints found for maker/one that this request allows (1 not in provider.only, 1 above provider.max_price). ' +
        'To change that, add its provider to provider.only; or raise provider.max_price.',
    );
  });

  test('missing tool support is said in the words that clients look for', () => {
    const plain = endpointOf({ provider: 'plain', supportedParameters: [] });
    const error = unroutableError(unroutableOf(inputOf([plain], { prompt: promptOf({ tools: [{ name: 'f' }] }) })));
    expect(error.code).toBe('no_endpoint_allowed');
    expect(error.message).toContain('No endpoints found that support tool use.');
  });

  test('too long a prompt is a 400 that names the limit and how to get below it', () => {
    const prompt = promptOf({ inputBytes: 2_000_000, outputTokensMax: 500 }, [
      { type: 'text', text: 'a'.repeat(2_000_000) },
    ]);
    const error = unroutableError(unroutableOf(inputOf([cheap], { prompt })));
    expect(error.code).toBe('context_length_exceeded');
    expect(error.message).toBe(
      'The maximum context length is 128000 tokens. However, you requested at least 250000 tokens in the messages and ' +
        '500 in the output. Shorten the messages, lower max_tokens, or choose a model with a longer context.',
    );
  });

  test('missing credentials are a 503 that names the providers that would serve it, and only those', () => {
    const prompt = promptOf({ preferences: { ignore: ['dear'] } });
    const other = endpointOf({ provider: 'other-ai' });
    const error = unroutableError(
      unroutableOf(inputOf([cheap, dear, other], { prompt, configuredProviders: new Set() })),
    );
    expect(error.code).toBe('no_endpoint_available');
    expect(error.rule.status).toBe(503);
    expect(error.metadata['providers']).toEqual(['cheap', 'other-ai']);
    expect(error.message).toContain('CHEAP (CHEAP_API_KEY) or OTHER-AI (OTHER_AI_API_KEY)');
  });

  test('a model that nobody serves says so', () => {
    const error = unroutableError(unroutableOf(inputOf([], { models: [modelOf('maker/one')] })));
    expect(error.code).toBe('no_endpoint_allowed');
    expect(error.message).toContain('nobody serves it');
  });
});
