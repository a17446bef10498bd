import type { Task } from './tasks.ts';

/** Models that do nearly everything well, the best known for it first. */
const allRound = [
  'anthropic/claude-sonnet-*',
  'openai/gpt-6-*',
  'openai/gpt-5*',
  'google/gemini-3*',
  'anthropic/claude-*',
  'x-ai/grok-4*',
  'moonshotai/kimi-k*',
  'deepseek/deepseek-v*',
  'z-ai/glm-5*',
  'qwen/qwen3*',
  'minimax/minimax-m*',
  'mistralai/mistral-*',
  'google/gemini-*',
  'openai/gpt-*',
  'meta-llama/llama-4-*',
  'meta-llama/llama-*',
  // Where nothing is real, what answers goes before what was made to fail.
  'sandbox/atlas-*',
];

/**
 * By which models a task is served where nobody has measured whom customers pay for it: families in our own judgement of 2026-11, the first
 * that matches a model decides its place. Measured shares of spend go before it.
 */
export const curatedOrder: Readonly<Record<Task, readonly string[]>> = {
  vision: [
    'google/gemini-3*',
    'anthropic/claude-*',
    'openai/gpt-6-*',
    'openai/gpt-5*',
    'qwen/*-vl-*',
    'google/gemma-*',
    ...allRound,
  ],
  documents: ['google/gemini-3*', 'anthropic/claude-*', ...allRound],
  sound: ['google/gemini-*', 'openai/*', ...allRound],
  agent: [
    'anthropic/claude-*',
    'openai/gpt-6-*',
    'openai/gpt-5*',
    'moonshotai/kimi-k*',
    'z-ai/glm-5*',
    'minimax/minimax-m*',
    ...allRound,
  ],
  extraction: ['openai/gpt-5*', 'google/gemini-3*', 'openai/gpt-6-*', ...allRound],
  long_context: ['google/gemini-*', 'openai/gpt-4.1*', 'x-ai/grok-4*', ...allRound],
  code: [
    'anthropic/claude-*',
    'openai/gpt-6-*',
    'openai/gpt-5*',
    '*/*code*',
    'x-ai/grok-build-*',
    'moonshotai/kimi-k*',
    'z-ai/glm-5*',
    'mistralai/devstral-*',
    'mistralai/codestral-*',
    'deepseek/deepseek-v*',
    ...allRound,
  ],
  math: ['openai/gpt-6-*', 'openai/o*', 'openai/gpt-5*', 'google/gemini-3*', 'deepseek/*', ...allRound],
  translation: ['google/gemini-3*', 'deepseek/deepseek-v*', 'mistralai/mistral-*', 'google/gemma-*', ...allRound],
  summary: ['google/gemini-3*', 'openai/gpt-5*', 'anthropic/claude-haiku-*', ...allRound],
  writing: ['anthropic/claude-*', 'deepseek/deepseek-v*', 'moonshotai/kimi-k*', ...allRound],
  reasoning: [
    'openai/gpt-6-*',
    'anthropic/claude-opus-*',
    'openai/o*',
    'google/gemini-3*',
    'deepseek/deepseek-r*',
    ...allRound,
  ],
  chat: allRound,
};
