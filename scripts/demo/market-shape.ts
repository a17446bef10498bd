/** What people do with a model: decides its apps and how much is read for each word that is written. */
export type Pursuit = 'coding' | 'agents' | 'chat' | 'writing' | 'bulk';

/** How a model does in the demo market. Made up for show: no statement about the real one. */
export interface ModelShape {
  readonly slug: string;
  readonly pursuit: Pursuit;
  /** Its share of requests at the end, relative to the others. */
  readonly weight: number;
  /** By how much its use grows from one week to the next: 1 = not at all. */
  readonly weeklyGrowth: number;
  /** Days before the end on which it came to the market; absent = it was there all along. */
  readonly launchedDaysAgo?: number;
}

/** An application of the demo market. The names are invented, the addresses are under a domain that nobody can own. */
export interface AppShape {
  readonly url: string;
  readonly title: string;
  readonly weight: number;
  readonly pursuits: readonly Pursuit[];
}

/** What a request of a pursuit looks like. Tokens are medians. */
export interface PursuitShape {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Share of the input that a provider finds in its cache. */
  readonly cachedShare: number;
  /** How busy weekends are, compared with a weekday. */
  readonly weekend: number;
}

/** Pursuits by what they read and write; each row of the history stands for a long session, so the numbers are large. */
export const pursuits: Readonly<Record<Pursuit, PursuitShape>> = {
  coding: { inputTokens: 1_150_000, outputTokens: 34_000, cachedShare: 0.62, weekend: 0.55 },
  agents: { inputTokens: 820_000, outputTokens: 41_000, cachedShare: 0.48, weekend: 0.8 },
  chat: { inputTokens: 190_000, outputTokens: 46_000, cachedShare: 0.2, weekend: 1.05 },
  writing: { inputTokens: 120_000, outputTokens: 88_000, cachedShare: 0.1, weekend: 1.25 },
  bulk: { inputTokens: 560_000, outputTokens: 29_000, cachedShare: 0.05, weekend: 0.7 },
};

const model = (
  slug: string,
  pursuit: Pursuit,
  shape: readonly [weight: number, weeklyGrowth: number, launchedDaysAgo?: number],
): ModelShape => {
  const [weight, weeklyGrowth, launchedDaysAgo] = shape;
  return { slug, pursuit, weight, weeklyGrowth, ...(launchedDaysAgo === undefined ? {} : { launchedDaysAgo }) };
};

/** The models of the demo market, as far as the catalog has them. */
export const modelShapes: readonly ModelShape[] = [
  model('anthropic/claude-sonnet-5', 'coding', [100, 1.09]),
  model('anthropic/claude-opus-5', 'coding', [44, 1.04]),
  model('anthropic/claude-opus-5.5', 'coding', [38, 1.3, 24]),
  model('anthropic/claude-sonnet-4.6', 'coding', [31, 0.86]),
  model('anthropic/claude-haiku-4.5', 'agents', [36, 1.03]),
  model('openai/gpt-6-sol', 'agents', [58, 1.16, 31]),
  model('openai/gpt-6-luna', 'chat', [47, 1.22, 31]),
  model('openai/gpt-5.5', 'agents', [29, 0.88]),
  model('openai/gpt-5-mini', 'bulk', [33, 1.0]),
  model('openai/gpt-5-nano', 'bulk', [27, 1.02]),
  model('openai/gpt-4.1-mini', 'bulk', [14, 0.93]),
  model('openai/gpt-4o-mini', 'chat', [17, 0.9]),
  model('openai/gpt-oss-120b', 'agents', [37, 1.06]),
  model('openai/gpt-oss-20b', 'bulk', [12, 1.01]),
  model('google/gemini-3.8-flash', 'agents', [64, 1.24, 20]),
  model('google/gemini-3.1-pro-preview', 'coding', [30, 1.02]),
  model('google/gemini-3.5-flash-lite', 'bulk', [49, 1.05]),
  model('google/gemini-2.5-flash', 'chat', [26, 0.89]),
  model('google/gemini-2.5-flash-lite', 'bulk', [24, 0.92]),
  model('google/gemma-4-31b-it', 'chat', [9, 1.07]),
  model('deepseek/deepseek-v4-pro', 'agents', [52, 1.11]),
  model('deepseek/deepseek-v4-flash', 'bulk', [61, 1.13]),
  model('deepseek/deepseek-v3.2', 'writing', [28, 0.9]),
  model('deepseek/deepseek-r1-0528', 'chat', [8, 0.84]),
  model('x-ai/grok-4.6', 'chat', [33, 1.18, 17]),
  model('x-ai/grok-build-0.1', 'coding', [41, 1.08]),
  model('x-ai/grok-4.3', 'chat', [13, 0.87]),
  model('moonshotai/kimi-k3', 'agents', [45, 1.21, 27]),
  model('moonshotai/kimi-k2.7-code', 'coding', [27, 1.05]),
  model('z-ai/glm-5.3', 'coding', [34, 1.15, 29]),
  model('z-ai/glm-5.3-flash', 'bulk', [19, 1.12, 29]),
  model('qwen/qwen3.7-plus', 'agents', [23, 1.09]),
  model('qwen/qwen3-coder-480b-a35b-instruct', 'coding', [16, 0.98]),
  model('qwen/qwen3-235b-a22b', 'chat', [10, 0.95]),
  model('minimax/minimax-m3', 'agents', [25, 1.14]),
  model('mistralai/mistral-medium-3.5', 'chat', [11, 1.03]),
  model('mistralai/mistral-small-2603', 'bulk', [12, 1.02]),
  model('mistralai/codestral-2508', 'coding', [8, 0.97]),
  model('mistralai/mistral-nemo', 'writing', [18, 0.99]),
  model('meta-llama/llama-3.3-70b-instruct', 'writing', [15, 0.96]),
  model('meta-llama/llama-4-maverick', 'chat', [9, 0.94]),
  model('meta-llama/llama-3.1-8b-instruct', 'bulk', [13, 1.0]),
  model('amazon/nova-2-lite-v1', 'bulk', [7, 1.04]),
  model('cohere/command-a', 'chat', [4, 1.0]),
  model('perplexity/sonar', 'chat', [6, 1.03]),
];

const app = (host: string, title: string, [weight, ...does]: readonly [number, ...Pursuit[]]): AppShape => ({
  url: `https://${host}.example`,
  title,
  weight,
  pursuits: does,
});

/** The applications of the demo market. */
export const appShapes: readonly AppShape[] = [
  app('slatewing', 'Slatewing', [30, 'coding', 'agents']),
  app('tidewrack', 'Tidewrack IDE', [22, 'coding']),
  app('ostlerhand', 'Ostlerhand', [19, 'agents', 'coding']),
  app('hedgelark', 'Hedgelark', [17, 'chat']),
  app('wickertale', 'Wickertale', [15, 'writing']),
  app('marrowleaf', 'Marrowleaf Notes', [11, 'chat', 'writing']),
  app('sievemill', 'Sievemill', [14, 'bulk']),
  app('brindlecheck', 'Brindlecheck', [9, 'coding', 'agents']),
  app('saltmoor', 'Saltmoor Translate', [8, 'bulk', 'writing']),
  app('oxbowdesk', 'Oxbowdesk', [8, 'chat', 'agents']),
  app('copperfidget', 'Copperfidget', [6, 'agents', 'bulk']),
  app('umbelroot', 'Umbelroot Tutor', [6, 'chat', 'writing']),
  app('pennywhorl', 'Pennywhorl', [4, 'bulk', 'agents']),
  app('lanternfen', 'Lanternfen', [4, 'writing', 'chat']),
];

/** The organizations that send the demo traffic, with their share of it. */
export const organizationShapes = [
  { key: 'north', name: 'Demo North', weight: 22 },
  { key: 'harbour', name: 'Demo Harbour', weight: 18 },
  { key: 'meadow', name: 'Demo Meadow', weight: 15 },
  { key: 'foundry', name: 'Demo Foundry', weight: 13 },
  { key: 'orchard', name: 'Demo Orchard', weight: 11 },
  { key: 'causeway', name: 'Demo Causeway', weight: 9 },
  { key: 'quarry', name: 'Demo Quarry', weight: 7 },
  { key: 'lantern', name: 'Demo Lantern', weight: 5 },
] as const;
