import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { openSandboxMarket, type SandboxMarket } from './sandbox-market.ts';

/** LangChain's OpenAI client, unmodified. */
let market: SandboxMarket;
let model: ChatOpenAI;
beforeAll(async () => {
  market = await openSandboxMarket();
  model = new ChatOpenAI({
    model: 'sandbox/atlas-instant',
    apiKey: market.key,
    maxRetries: 0,
    configuration: { baseURL: `${market.root}/api/v1` },
  });
});
afterAll(() => market.stop());

const weather = tool(async () => 'It is 4 degrees.', {
  name: 'get_weather',
  description: 'The weather of a city.',
  schema: z.object({ city: z.string() }),
});

test('invoke and stream give text and usage', async () => {
  const answer = await model.invoke('Tell me about the sea.');
  expect(answer.text.length).toBeGreaterThan(20);
  expect(answer.usage_metadata).toMatchObject({ total_tokens: expect.any(Number) });
  let text = '';
  for await (const chunk of await model.stream('Tell me about the sea.')) text += chunk.text;
  expect(text.length).toBeGreaterThan(20);
});

test('a tool is called, and its result is taken back', async () => {
  const bound = model.bindTools([weather]);
  const asked = new HumanMessage('Please use get_weather for Oslo.');
  const first = await bound.invoke([asked]);
  const [call] = first.tool_calls ?? [];
  expect(call?.name).toBe('get_weather');
  const result = new ToolMessage({ content: 'It is 4 degrees.', tool_call_id: call?.id ?? '' });
  const second = await bound.invoke([asked, first, result]);
  expect(second.text).toContain('It is 4 degrees.');
});

test('structured output follows its schema', async () => {
  const structured = model.withStructuredOutput(z.object({ name: z.string(), age: z.number() }), { name: 'person' });
  const person = await structured.invoke('A person.');
  expect(typeof person.name).toBe('string');
  expect(typeof person.age).toBe('number');
});
