import type { Prompt } from '@bourse/generation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endpointOf, inputOf, promptOf } from '../../test/builders.ts';
import { planRoute } from '../plan-route.ts';
import { autoModels } from './auto.ts';
import { type Task, taskOf } from './tasks.ts';
import { matcherOf } from './wildcards.ts';

describe('taskOf', () => {
  const saying = (text: string) => promptOf({}, [{ type: 'text', text }]);
  test.each<readonly [task: Task, prompt: Prompt]>([
    ['vision', promptOf({}, [{ type: 'image', url: 'https://a.test/b.png' }])],
    ['documents', promptOf({}, [{ type: 'file', fileData: 'https://a.test/b.pdf' }])],
    ['sound', promptOf({}, [{ type: 'audio', base64: 'AAAA', format: 'wav' }])],
    ['agent', promptOf({ tools: [{ name: 'f' }] })],
    ['extraction', promptOf({ responseFormat: { type: 'json_object' } })],
    ['long_context', promptOf({ inputBytes: 300_000 })],
    ['code', saying('Why does this Python function fail?')],
    ['code', saying('```\nlet x = 1\n```')],
    ['math', saying('Prove the theorem of Pythagoras')],
    ['math', saying('what is 12 * 7')],
    ['translation', saying('Translate to Latin: the cat sleeps')],
    ['summary', saying('Summarize the following article')],
    ['writing', saying('Write a poem about the sea')],
    ['reasoning', saying('Explain the causes of the war')],
    ['chat', saying('hello')],
    ['chat', promptOf({ messages: [] })],
  ])('tells %s', (task, prompt) => {
    expect(taskOf(prompt)).toBe(task);
  });

  test('looks at the last thing that the user said, and takes no time for a long one', () => {
    const messages: Prompt['messages'] = [
      { role: 'user', content: [{ type: 'text', text: 'Write a poem' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'Roses' }], toolCalls: [], reasoning: [] },
      { role: 'user', content: [{ type: 'text', text: `Translate it ${'a'.repeat(1_000_000)}` }] },
    ];
    expect(taskOf(promptOf({ messages }))).toBe('translation');
  });
});

describe('matcherOf', () => {
  test.each([
    ['a/b', 'a/b', true],
    ['A/B', 'a/b', true],
    ['a/b', 'a/bc', false],
    ['a/*', 'a/b', true],
    ['*', 'a/b', true],
    ['*/claude-*', 'anthropic/claude-5', true],
    ['*/claude-*', 'claude-5', false],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'a-c', false],
    ['ab*ba', 'aba', false],
    ['ab*ba', 'abba', true],
    ['a.c*', 'abc', false],
  ])('%s and %s: %s', (pattern, slug, isMatch) => {
    expect(matcherOf(pattern)(slug)).toBe(isMatch);
  });

  test('of a name without a star is equality, and no pattern makes it throw', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (pattern, slug) => {
        const isMatch = matcherOf(pattern)(slug);
        if (!pattern.includes('*')) expect(isMatch).toBe(pattern.toLowerCase() === slug.toLowerCase());
      }),
    );
  });
});

describe('bourse/auto', () => {
  const priced = Array.from({ length: 10 }, (_, index) =>
    endpointOf({ model: `maker/m${index}`, provider: 'p', input: `${index + 1}`, output: `${index + 1}` }),
  );
  const asking = (options: object) =>
    inputOf(priced, {
      prompt: promptOf({
        model: 'bourse/auto',
        plugins: [{ id: 'auto-router', isEnabled: true, options: { ...options } }],
      }),
    });
  const slugs = (options: object) => autoModels(asking(options)).map(({ model }) => model.slug);

  test('a cost tier is a band of a fifth of the models, from the cheapest to the dearest', () => {
    expect(slugs({ cost_tier: 'low' }).toSorted()).toEqual(['maker/m0', 'maker/m1']);
    expect(slugs({ cost_tier: 'medium' }).toSorted()).toEqual(['maker/m2', 'maker/m3']);
    expect(slugs({ cost_tier: 'max' }).toSorted()).toEqual(['maker/m8', 'maker/m9']);
    expect(slugs({})).toHaveLength(10);
    expect(slugs({}).slice(0, 2).toSorted()).toEqual(['maker/m0', 'maker/m1']);
  });

  test('what customers spend goes before the curated order, within a band', () => {
    const spendShares = new Map([
      ['maker/m9', 0.9],
      ['maker/m1', 0.05],
    ]);
    expect(
      autoModels({ ...asking({}), spendShares })
        .map(({ model }) => model.slug)
        .slice(0, 2),
    ).toEqual(['maker/m1', 'maker/m0']);
  });

  test('a plugin that is switched off, or another, says nothing', () => {
    const options = { cost_tier: 'max' };
    const plugins = [
      { id: 'auto-router', isEnabled: false, options },
      { id: 'auto-beta-router', isEnabled: true, options },
    ];
    expect(autoModels(inputOf(priced, { prompt: promptOf({ model: 'bourse/auto', plugins }) }))).toHaveLength(10);
  });

  test.each([[{ cost_tier: 'cheap' }], [{ allowed_models: 'a/*' }], [{ excluded_models: [1] }]])(
    '%j is a 400',
    (options) => {
      expect(() => planRoute(asking(options))).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    },
  );

  test('takes what is simulated only where nothing is real', () => {
    const toy = { model: 'maker/toy', provider: 'toy' };
    const sandbox = { isSandbox: true };
    const plan = (real: readonly string[]) => {
      const input = inputOf([endpointOf(toy), ...priced], { prompt: promptOf({ model: 'bourse/auto' }) });
      const models = new Map(input.catalog.models);
      const model = models.get('maker/toy');
      if (model !== undefined) models.set('maker/toy', { ...model, ...sandbox });
      return planRoute({ ...input, catalog: { ...input.catalog, models }, configuredProviders: new Set(real) });
    };
    const first = (real: readonly string[]) => {
      const route = plan(real);
      return route.kind === 'routed' ? route.model.slug : route.reason;
    };
    expect(first(['toy'])).toBe('maker/toy');
    expect(first(['toy', 'p'])).not.toBe('maker/toy');
    expect(first([])).toBe('no_model_matches');
  });
});

describe('bourse/free', () => {
  test('each model that can is as likely as any other', () => {
    const free = ['a', 'b', 'c', 'd'].map((name) =>
      endpointOf({
        model: `maker/${name}`,
        provider: 'p',
        input: '0',
        output: '0',
        supportedParameters: name === 'd' ? [] : ['tools'],
      }),
    );
    const prompt = promptOf({ model: 'bourse/free', tools: [{ name: 'f' }] });
    const wins = new Map<string, number>();
    for (let round = 0; round < 9_000; round += 1) {
      const plan = planRoute(inputOf(free, { prompt, draw: () => round / 9_000 }));
      const slug = plan.kind === 'routed' ? plan.model.slug : plan.reason;
      wins.set(slug, (wins.get(slug) ?? 0) + 1);
    }
    expect([...wins.keys()].toSorted()).toEqual(['maker/a', 'maker/b', 'maker/c']);
    for (const count of wins.values()) expect(Math.abs(count - 3_000)).toBeLessThan(300);
  });
});
