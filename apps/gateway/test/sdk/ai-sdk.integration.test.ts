import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import { generateText, type LanguageModel, Output, stepCountIs, streamText, tool } from 'ai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openSandboxMarket, type SandboxMarket } from './sandbox-market.ts';

/** Vercel's AI SDK with both providers that can be pointed at us, unmodified. */
let market: SandboxMarket;
beforeAll(async () => {
  market = await openSandboxMarket();
});
afterAll(() => market.stop());

const providers: readonly (readonly [string, (model: string) => LanguageModel])[] = [
  [
    '@openrouter/ai-sdk-provider',
    (model) => createOpenRouter({ apiKey: market.key, baseURL: `${market.root}/api/v1` }).chat(model),
  ],
  [
    '@ai-sdk/openai-compatible',
    (model) =>
      createOpenAICompatible({
        name: 'bourse',
        apiKey: market.key,
        baseURL: `${market.root}/api/v1`,
        includeUsage: true,
        supportsStructuredOutputs: true,
      }).chatModel(model),
  ],
];
const weather = tool({
  description: 'The weather of a city.',
  inputSchema: z.object({ city: z.string() }),
  execute: async () => 'It is 4 degrees.',
});

describe.each(providers)('%s', (_name, modelOf) => {
  test('generateText gives text, finish reason and usage', async () => {
    const { text, finishReason, usage } = await generateText({
      model: modelOf('sandbox/atlas-instant'),
      prompt: 'Tell me about the sea.',
      maxOutputTokens: 30,
      maxRetries: 0,
    });
    expect(text.length).toBeGreaterThan(10);
    expect(finishReason).toBe('length');
    expect(usage.outputTokens).toBe(30);
    expect(usage.inputTokens).toBeGreaterThan(0);
  });

  test('streamText gives the text in pieces, and reasoning apart from it', async () => {
    const result = streamText({
      model: modelOf('sandbox/atlas-reason'),
      prompt: 'Tell me about the sea.',
      maxOutputTokens: 400,
      maxRetries: 0,
    });
    let pieces = 0;
    let reasoning = '';
    for await (const part of result.fullStream) {
      if (part.type === 'text-delta') pieces += 1;
      if (part.type === 'reasoning-delta') reasoning += part.text;
      if (part.type === 'error') throw part.error;
    }
    expect(pieces).toBeGreaterThan(5);
    expect(reasoning.length).toBeGreaterThan(10);
    expect((await result.usage).outputTokens).toBeGreaterThan(10);
  });

  test('a loop of tools ends with an answer that has read the result', async () => {
    const { text, steps } = await generateText({
      model: modelOf('sandbox/atlas-instant'),
      prompt: 'Please use get_weather for Oslo.',
      tools: { get_weather: weather },
      stopWhen: stepCountIs(3),
      maxRetries: 0,
    });
    expect(steps[0]?.toolCalls[0]?.toolName).toBe('get_weather');
    expect(text).toContain('It is 4 degrees.');
  });

  test('structured output is valid', async () => {
    const { output } = await generateText({
      model: modelOf('sandbox/atlas-instant'),
      prompt: 'A person.',
      output: Output.object({ schema: z.object({ name: z.string(), age: z.int() }) }),
      maxRetries: 0,
    });
    expect(typeof output.name).toBe('string');
    expect(Number.isInteger(output.age)).toBe(true);
  });

  test('a refusal keeps its status and its sentence', async () => {
    const refused = generateText({ model: modelOf('sandbox/no-such-model'), prompt: 'Hi', maxRetries: 0 });
    await expect(refused).rejects.toMatchObject({
      statusCode: 400,
      message: expect.stringContaining('not a valid model'),
    });
  });
});
