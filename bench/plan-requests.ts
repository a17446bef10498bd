import type { Prompt } from '@bourse/generation';

function promptOf(fields: Partial<Prompt>): Prompt {
  return {
    model: 'maker/model-150',
    modelFallbacks: [],
    messages: [
      {
        role: 'system',
        content: [{ type: 'text', text: 'You answer in one paragraph and name your sources. '.repeat(20) }],
      },
      { role: 'user', content: [{ type: 'text', text: 'Which rivers of Europe flow into the Black Sea?' }] },
    ],
    tools: [],
    sampling: {},
    choiceCount: 1,
    isStreamed: true,
    outputTokensMax: 1_000,
    preferences: {},
    parameters: ['max_tokens'],
    inputBytes: 1_100,
    source: { wire: 'openai-chat', body: {} },
    extensions: {},
    ...fields,
  };
}

const models = { model: 'maker/model-10', modelFallbacks: ['maker/model-20', 'maker/model-30'] };
const parameters = ['max_tokens', 'temperature', 'top_p', 'seed', 'tools', 'tool_choice'];

/** Requests as customers send them, by what they ask of a plan. */
export const planRequests: Readonly<Record<string, readonly Prompt[]>> = {
  // Another model each time, so that nothing is in a processor's cache only because it was asked for just now.
  'one model': Array.from({ length: 300 }, (_, index) => promptOf({ model: `maker/model-${index}` })),
  'three models, sorted by throughput': [promptOf({ ...models, preferences: { sort: 'throughput' } })],
  'three models, all ranked by price': [promptOf({ ...models, preferences: { sort: 'price', partition: 'none' } })],
  'required parameters and tools': [
    promptOf({ parameters, tools: [{ name: 'f' }], preferences: { requireParameters: true } }),
  ],
  'ceilings, privacy, thresholds': [
    promptOf({
      preferences: {
        maxPrice: { prompt: '3', completion: '5' },
        dataCollection: 'deny',
        zdr: true,
        ignore: ['provider-3'],
        latencyMax: { p90: 1 },
        throughputMin: { p50: 150 },
      },
    }),
  ],
  'bourse/auto': [promptOf({ model: 'bourse/auto' })],
};
