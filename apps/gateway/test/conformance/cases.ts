import { expect } from 'vitest';
import type { Ask, Got } from './ask.ts';

/** A case of the battery. */
export interface Case {
  readonly name: string;
  readonly ask: Omit<Ask, 'isStreamed'>;
  /** Strikes the company's next calls. */
  readonly fault?: string;
  readonly check: (got: Got, way: 'whole' | 'streamed') => void;
}

/** The family of the model; the batteries put a company's own in its place. */
const model = 'instant';
/** One red pixel. */
const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
const city = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};
const tools = [
  { name: 'get_weather', parameters: city },
  { name: 'get_time', parameters: city },
];
const person = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' } },
  required: ['name', 'age'],
  additionalProperties: false,
};
const LONG = 'The sea is wide and the day is long. '.repeat(400);

function expectAnswer(got: Got): void {
  expect(got).toMatchObject({ status: 200, error: null });
  expect(got.usage?.output).toBeGreaterThan(0);
  expect(got.usage?.input).toBeGreaterThan(0);
  expect(got.usage?.cost).toBeGreaterThan(0);
  expect(got.generationId).toMatch(/^gen-/);
}

/** A failure that nothing was delivered of is told with its status. */
function expectRefusal(status: number): Case['check'] {
  return (got) => {
    expect(got.status).toBe(status);
    expect(got.error).toMatch(/\w/);
    expect(got.text).toBe('');
  };
}

/** A stream that breaks has spent its status, and tells of it in-band; a whole answer has not. */
const expectBroken: Case['check'] = (got, way) => {
  expect(got.error).toMatch(/\w/);
  if (way === 'whole') expect(got.status).toBeGreaterThanOrEqual(500);
};

function expectCalls(names: readonly string[]): Case['check'] {
  return (got) => {
    expectAnswer(got);
    expect(got.calls.map(({ name }) => name).toSorted()).toEqual(names);
    for (const { argumentsText } of got.calls) expect(typeof JSON.parse(argumentsText).city).toBe('string');
  };
}

const expectText: Case['check'] = (got) => {
  expectAnswer(got);
  expect(got.text.length).toBeGreaterThan(20);
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');
/** An empty page, and a moment of silence. */
const PDF = `data:application/pdf;base64,${base64('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF')}`;
const SOUND = base64('RIFF$\u0000\u0000\u0000WAVEfmt ');

/** What only some models read: asked of the adapters, because the sandbox's models are listed without it. */
export const adapterCases: readonly Case[] = [
  { name: 'PDF', ask: { model, text: 'What does it say?', pdf: PDF }, check: expectText },
  { name: 'sound', ask: { model, text: 'What is said?', sound: SOUND }, check: expectText },
];

/** The battery: each of them is asked of every company in every client's dialect. */
export const cases: readonly Case[] = [
  {
    name: 'text',
    ask: { model, text: 'Tell me about the sea.', system: 'Be brief.' },
    check: (got) => {
      expectAnswer(got);
      expect(got.text.length).toBeGreaterThan(20);
    },
  },
  { name: 'tool', ask: { model, text: 'Use get_weather for Oslo.', tools }, check: expectCalls(['get_weather']) },
  {
    name: 'parallel tools',
    ask: { model, text: 'Use get_weather and get_time for Oslo.', tools },
    check: expectCalls(['get_time', 'get_weather']),
  },
  {
    name: 'image',
    ask: { model, text: 'What is this?', image: PIXEL },
    check: (got) => {
      expectAnswer(got);
      expect(got.text.length).toBeGreaterThan(20);
    },
  },
  {
    name: 'JSON schema',
    ask: { model, text: 'A person.', schema: person },
    check: (got) => {
      expectAnswer(got);
      expect(JSON.parse(got.text)).toEqual({ name: expect.any(String), age: expect.any(Number) });
      expect(got.calls).toEqual([]);
    },
  },
  {
    name: 'reasoning',
    ask: { model: 'reason', text: 'Why is the sea salty?', isThinking: true },
    check: (got) => {
      expectAnswer(got);
      expect(got.reasoning.length).toBeGreaterThan(10);
      expect(got.text).not.toContain(got.reasoning.slice(0, 40));
    },
  },
  {
    name: 'cache usage',
    ask: { model, text: 'And today?', system: LONG, isCached: true },
    check: (got, way) => {
      expectAnswer(got);
      // The whole answer comes first and writes the cache, the streamed one reads it.
      if (way === 'streamed') expect(got.usage?.cached).toBeGreaterThan(1_000);
      expect(got.usage?.input).toBeGreaterThan(1_000);
    },
  },
  { name: '429', ask: { model, text: 'Hi' }, fault: '429', check: expectRefusal(429) },
  { name: '500', ask: { model, text: 'Hi' }, fault: '500', check: expectRefusal(502) },
  { name: 'cut stream', ask: { model, text: 'Tell me about the sea.' }, fault: 'truncated-6', check: expectBroken },
  { name: 'bad JSON', ask: { model, text: 'Tell me about the sea.' }, fault: 'bad-json-6', check: expectBroken },
  {
    name: 'missing usage',
    ask: { model, text: 'Tell me about the sea.' },
    fault: 'missing-usage',
    check: (got) => {
      // Our own count is charged in its place.
      expectAnswer(got);
      expect(got.text.length).toBeGreaterThan(20);
    },
  },
];
