import {
  ApiError,
  type Content,
  FunctionCallingConfigMode,
  type GenerateContentParameters,
  type GenerateContentResponse,
  GoogleGenAI,
  type Part,
  Type,
} from '@google/genai';
import { describe, expect, test } from 'vitest';
import { useSandbox } from './harness.ts';

const world = useSandbox();

/** Google's own client, at a company of the sandbox. */
function client(apiKey = 'sk-sandbox-acme'): GoogleGenAI {
  return new GoogleGenAI({ apiKey, apiVersion: 'v1', httpOptions: { baseUrl: `${world.url}/providers/acme` } });
}

const user = (text: string): Content => ({ role: 'user', parts: [{ text }] });
const model = 'delta-instant';
/** It thinks, and answers at once. */
const thinker = 'delta-instant-reason';
const asked = (fields: Partial<GenerateContentParameters> = {}): GenerateContentParameters => ({
  model,
  contents: [user('Tell me about ledgers.')],
  ...fields,
});
const look = {
  name: 'look',
  parameters: { type: Type.OBJECT, properties: { n: { type: Type.INTEGER } }, required: ['n'] },
};
const listen = { name: 'listen', parametersJsonSchema: { type: 'object', properties: {} } };
const tools = [{ functionDeclarations: [look, listen] }];

const whole = (fields: Partial<GenerateContentParameters> = {}) => client().models.generateContent(asked(fields));

async function streamed(fields: Partial<GenerateContentParameters> = {}): Promise<GenerateContentResponse[]> {
  const pieces: GenerateContentResponse[] = [];
  for await (const piece of await client().models.generateContentStream(asked(fields))) pieces.push(piece);
  return pieces;
}

const partsOf = (...pieces: GenerateContentResponse[]): Part[] =>
  pieces.flatMap((piece) => piece.candidates?.[0]?.content?.parts ?? []);
const textOf = (parts: readonly Part[]) =>
  parts.map((part) => (part.thought === true ? '' : (part.text ?? ''))).join('');

/** Without any client's help. */
function call(body: unknown, path = `models/${model}:generateContent`, headers: Record<string, string> = {}) {
  return fetch(`${world.url}/providers/acme/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-goog-api-key': 'sk-sandbox-acme', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

describe("Google's own client", () => {
  test('gets a whole answer, counted', async () => {
    const answer = await whole();
    expect(answer.text).toContain('ledgers');
    expect(answer.candidates?.[0]?.finishReason).toBe('STOP');
    expect(answer.modelVersion).toBe(model);
    const {
      promptTokenCount: input = 0,
      candidatesTokenCount: output = 0,
      totalTokenCount,
    } = answer.usageMetadata ?? {};
    expect(input).toBeGreaterThan(5);
    expect(totalTokenCount).toBe(input + output);
    expect(answer.usageMetadata).not.toHaveProperty('cachedContentTokenCount');
  });

  test('gets the same in a stream, with counts that grow and an end at its end', async () => {
    const pieces = await streamed();
    const answer = await whole();
    expect(textOf(partsOf(...pieces))).toBe(answer.text);
    expect(pieces.at(-1)?.candidates?.[0]?.finishReason).toBe('STOP');
    expect(pieces.at(-1)?.usageMetadata).toEqual(answer.usageMetadata);
    const counts = pieces.map((piece) => piece.usageMetadata?.candidatesTokenCount ?? 0);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect(new Set(pieces.map(({ responseId }) => responseId)).size).toBe(1);
  });

  test('gets as much as it allows, up to its stop, and as many answers as it wants', async () => {
    const cut = await whole({ config: { maxOutputTokens: 7 } });
    expect(cut.candidates?.[0]?.finishReason).toBe('MAX_TOKENS');
    expect(cut.usageMetadata?.candidatesTokenCount).toBe(7);
    const stopped = await whole({ config: { stopSequences: ['ledgers'] } });
    expect(stopped.text).not.toContain('ledgers');
    const two = await whole({ config: { candidateCount: 2 } });
    expect(two.candidates?.map(({ index }) => index)).toEqual([0, 1]);
    const pieces = await streamed({ config: { candidateCount: 2 } });
    const second = pieces.flatMap(({ candidates }) => candidates ?? []).filter(({ index }) => index === 1);
    expect(second.at(-1)?.finishReason).toBe('STOP');
  });

  test('calls functions, in a stream and whole, and is answered about their results', async () => {
    const config = { tools, toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY } } };
    const contents = [user('Look and listen.')];
    const first = await whole({ contents, config });
    const calls = first.functionCalls ?? [];
    expect(calls).toEqual([
      { id: expect.stringMatching(/./), name: 'look', args: { n: expect.any(Number) } },
      { id: expect.stringMatching(/./), name: 'listen', args: {} },
    ]);
    const inPieces = (await streamed({ contents, config })).flatMap(({ functionCalls }) => functionCalls ?? []);
    expect(inPieces.map(({ args }) => args)).toEqual(calls.map(({ args }) => args));
    const parts = calls.map(({ id = '', name = '' }) => ({
      functionResponse: { id, name, response: { output: `${name} is done` } },
    }));
    const history = [...contents, first.candidates?.[0]?.content ?? user(''), { role: 'user', parts }];
    const after = await whole({ contents: history, config: { tools } });
    expect(after.text).toContain('The listen call returned: listen is done');
    // The same loop without ids, as older models have it.
    const bare = JSON.parse(JSON.stringify(history, (key, value: unknown) => (key === 'id' ? undefined : value)));
    expect((await whole({ contents: bare, config: { tools } })).text).toContain('listen is done');
  });

  test('may name the functions that are to be called, or none', async () => {
    const only = { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ['listen'] };
    const one = await whole({ config: { tools, toolConfig: { functionCallingConfig: only } } });
    expect(one.functionCalls?.map(({ name }) => name)).toEqual(['listen']);
    const none = { functionCallingConfig: { mode: FunctionCallingConfigMode.NONE } };
    const spoken = await whole({ contents: [user('Please look.')], config: { tools, toolConfig: none } });
    expect(spoken.functionCalls).toBeUndefined();
  });

  test('gets JSON, after either kind of schema, or none', async () => {
    const form = { responseMimeType: 'application/json' };
    const schema = { type: Type.OBJECT, properties: { n: { type: Type.INTEGER } }, required: ['n'] };
    const json = { type: 'object', properties: { s: { type: 'string' } }, required: ['s'] };
    const own = await whole({ config: { ...form, responseSchema: schema } });
    expect(JSON.parse(own.text ?? '')).toEqual({ n: expect.any(Number) });
    const plain = await whole({ config: { ...form, responseJsonSchema: json } });
    expect(JSON.parse(plain.text ?? '')).toEqual({ s: expect.any(String) });
    expect(JSON.parse((await whole({ config: form })).text ?? '')).toBeTypeOf('object');
  });

  test('sends pictures, sound and documents, which are counted', async () => {
    const media = ['image/png', 'audio/wav', 'application/pdf'].map((mimeType) => ({
      inlineData: { mimeType, data: 'AAAA' },
    }));
    const contents = [{ role: 'user', parts: [{ text: 'Tell me about ledgers.' }, ...media] }];
    const [more, less] = [await whole({ contents }), await whole()];
    expect(more.usageMetadata?.promptTokenCount).toBe(255 + (less.usageMetadata?.promptTokenCount ?? 0));
  });

  test('is told what the cache gave, without having asked for it', async () => {
    const systemInstruction = Array.from({ length: 1_500 }, (_, at) => `w${at}`).join(' ');
    const first = (await whole({ config: { systemInstruction } })).usageMetadata;
    const second = (await streamed({ config: { systemInstruction } })).at(-1)?.usageMetadata;
    expect(first?.cachedContentTokenCount).toBeUndefined();
    expect(second?.cachedContentTokenCount).toBeGreaterThan(1_000);
    expect(second?.promptTokenCount).toBe(first?.promptTokenCount);
  });
});

describe('thoughts', () => {
  const openly = { thinkingConfig: { includeThoughts: true } };

  test('are shown to whoever asks, and counted beside the answer in any case', async () => {
    const shown = await whole({ model: thinker, config: openly });
    expect(partsOf(shown).map((part) => part.thought === true)).toEqual([true, false]);
    const silent = await whole({ model: thinker });
    expect(partsOf(silent).map((part) => part.thought === true)).toEqual([false]);
    expect(silent.usageMetadata).toEqual(shown.usageMetadata);
    const { promptTokenCount: input = 0, candidatesTokenCount: output = 0 } = shown.usageMetadata ?? {};
    const { thoughtsTokenCount: thoughts = 0, totalTokenCount } = shown.usageMetadata ?? {};
    expect(thoughts).toBeGreaterThan(0);
    expect(totalTokenCount).toBe(input + output + thoughts);
    expect((await streamed({ model: thinker, config: openly })).at(-1)?.usageMetadata).toEqual(shown.usageMetadata);
  });

  test('sign the last text, whose signature comes alone in a stream, and are verified', async () => {
    const [spoken] = partsOf(await whole({ model: thinker }));
    const last = partsOf(...(await streamed({ model: thinker }))).at(-1);
    expect(last).toEqual({ text: '', thoughtSignature: spoken?.thoughtSignature });
    const replay = (part: Part) =>
      whole({ model: thinker, contents: [user('Q'), { role: 'model', parts: [part] }, user('R')] });
    expect((await replay(spoken ?? {})).text).toMatch(/./);
    const forged = `AAAA${spoken?.thoughtSignature?.slice(4)}`;
    await expect(replay({ ...spoken, thoughtSignature: forged })).rejects.toThrow('Corrupted thought signature');
  });

  test('sign the first of parallel calls, which must come back in the same turn as it was', async () => {
    const question = user('Look and listen.');
    const parts = partsOf(await whole({ model: thinker, contents: [question], config: { tools } }));
    expect(parts.map((part) => part.thoughtSignature !== undefined)).toEqual([true, false]);
    const results = (of: readonly Part[]) => ({
      role: 'user',
      parts: of.map(({ functionCall: { id = '', name = '' } = {} }) => ({
        functionResponse: { id, name, response: { output: 'done' } },
      })),
    });
    const replay = (given: Part[], then: Content[] = []) => {
      const contents = [question, { role: 'model', parts: given }, results(given), ...then];
      return whole({ model: thinker, contents, config: { tools } });
    };
    expect((await replay(parts)).text).toContain('done');
    const unsigned = parts.map(({ thoughtSignature: _lost, ...part }) => part);
    await expect(replay(unsigned)).rejects.toThrow('missing a thought_signature');
    const [first = {}, second = {}] = parts;
    const moved = [unsigned[0] ?? {}, { ...second, thoughtSignature: first.thoughtSignature ?? '' }];
    await expect(replay(moved)).rejects.toThrow('Corrupted thought signature');
    const skipped = [{ ...first, thoughtSignature: 'skip_thought_signature_validator' }, second];
    expect((await replay(skipped)).text).toContain('done');
    // What was called before the user spoke again is history.
    const ended = [{ role: 'model', parts: [{ text: 'Done.' }] }, user('Thanks, and what about ledgers?')];
    expect((await replay(unsigned, ended)).text).toMatch(/./);
  });

  test('come from other models as well, where they are asked for', async () => {
    const config = { thinkingConfig: { includeThoughts: true, thinkingBudget: 512 } };
    const [thought] = partsOf(await whole({ config }));
    expect(thought).toMatchObject({ thought: true });
  });
});

describe('what the API refuses', () => {
  const turn = (role: string, ...parts: object[]) => ({ role, parts });
  const text = { text: 'x' };
  const called = (name: string, id?: string) => ({ functionCall: { name, args: {}, ...(id ? { id } : {}) } });
  const told = (name: string, id?: string) => ({ functionResponse: { name, response: {}, ...(id ? { id } : {}) } });
  const contents = [turn('user', text)];
  const offer = (declaration: object) => ({ contents, tools: [{ functionDeclarations: [declaration] }] });
  const settings = (generationConfig: object) => ({ contents, generationConfig });
  const json = { responseMimeType: 'application/json' };

  test.each([
    ['no contents', { contents: [] }, 'contents is not specified'],
    ['an unknown role', { contents: [turn('assistant', text)] }, 'Please use a valid role: user, model.'],
    ['turns without roles', { contents: [{ parts: [text] }, { parts: [text] }] }, 'Please use a valid role'],
    ['no parts', { contents: [turn('user')] }, 'contents.parts must not be empty'],
    ['an empty part', { contents: [turn('user', {})] }, "required oneof field 'data' must have one initialized field"],
    ['a part of two kinds', { contents: [turn('user', { ...text, ...told('a') })] }, 'is already set'],
    ['an empty text', { contents: [turn('user', { text: '' })] }, 'empty text parameter'],
    ['an unknown field', { contents, provider: {} }, 'Unknown name "provider": Cannot find field.'],
    [
      'an unknown field of a part',
      { contents: [turn('user', { text: 'x', cache_control: {} })] },
      `Unknown name "cache_control" at 'contents[0].parts[0]'`,
    ],
    [
      'a strange picture',
      { contents: [turn('user', { inlineData: { mimeType: 'image/gif', data: 'AAAA' } })] },
      'MIME',
    ],
    [
      'a result too few',
      { contents: [turn('user', text), turn('model', called('a'), called('b')), turn('user', told('a'))] },
      'number of function response parts is equal',
    ],
    [
      'a call without a result',
      { contents: [turn('user', text), turn('model', called('a')), turn('user', text)] },
      'number of function response parts is equal',
    ],
    [
      'a call at the end',
      { contents: [turn('user', text), turn('model', called('a'))] },
      'number of function response',
    ],
    [
      'a result of another function',
      { contents: [turn('user', text), turn('model', called('a')), turn('user', told('b'))] },
      'match the function call parts',
    ],
    [
      'a result with another id',
      { contents: [turn('user', text), turn('model', called('a', '1')), turn('user', told('a', '2'))] },
      'match the function call parts',
    ],
    ['a result of no call', { contents: [turn('user', told('a'))] }, 'comes immediately after a function call turn'],
    [
      'a call at the beginning',
      { contents: [turn('model', called('a')), turn('user', told('a'))] },
      'function call turn',
    ],
    ["a user's call", { contents: [turn('user', called('a')), turn('user', told('a'))] }, 'role model'],
    [
      "a model's result",
      { contents: [turn('user', text), turn('model', called('a')), turn('model', told('a'))] },
      'role user',
    ],
    ['a signature that is no base64', { contents: [turn('model', { ...text, thoughtSignature: '!' })] }, 'TYPE_BYTES'],
    ['a name of a function', offer({ name: 'a b' }), 'Invalid function name'],
    [
      'a function twice',
      { contents, tools: [{ functionDeclarations: [{ name: 'a' }, { name: 'a' }] }] },
      'Duplicate function',
    ],
    [
      'JSON Schema for parameters',
      offer({ name: 'a', parameters: { type: 'object', additionalProperties: false } }),
      `Unknown name "additionalProperties" at 'tools[0].function_declarations[0].parameters'`,
    ],
    [
      'parameters without properties',
      offer({ name: 'a', parameters: { type: 'OBJECT', properties: {} } }),
      'should be non-empty for OBJECT type',
    ],
    [
      'a list of anything',
      offer({ name: 'a', parameters: { type: 'OBJECT', properties: { a: { type: 'ARRAY' } } } }),
      'properties.a.items: missing field',
    ],
    ['two kinds of parameters', offer({ ...look, parametersJsonSchema: {} }), 'only one of parameters'],
    [
      'a must without functions',
      { contents, toolConfig: { functionCallingConfig: { mode: 'ANY' } } },
      'without function_declarations',
    ],
    [
      'names where there is a choice',
      { ...offer(look), toolConfig: { functionCallingConfig: { mode: 'AUTO', allowedFunctionNames: ['look'] } } },
      'only when function calling mode is ANY',
    ],
    [
      'names that nobody has',
      { ...offer(look), toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['x'] } } },
      'not a declared function',
    ],
    ['a schema without JSON', settings({ responseSchema: { type: 'STRING' } }), 'response mime type application/json'],
    [
      'an unknown word in a schema',
      settings({ ...json, responseSchema: { type: 'STRING', $ref: '#' } }),
      `Unknown name "$ref" at 'generation_config.response_schema'`,
    ],
    ['a type list', settings({ ...json, responseSchema: { type: ['string', 'null'] } }), 'response_schema.type'],
    [
      'an enum of numbers',
      settings({ ...json, responseSchema: { type: 'INTEGER', enum: ['1'] } }),
      'only allowed for STRING type',
    ],
    [
      'a format of a string',
      settings({ ...json, responseSchema: { type: 'STRING', format: 'email' } }),
      "only 'enum' and 'date-time'",
    ],
    [
      'a requirement of nothing',
      settings({ ...json, responseSchema: { type: 'OBJECT', properties: { a: { type: 'STRING' } }, required: ['b'] } }),
      'required[0]: property is not defined',
    ],
    [
      'two schemas',
      settings({ ...json, responseSchema: { type: 'STRING' }, responseJsonSchema: {} }),
      'Only one of response_schema',
    ],
    ['too warm', settings({ temperature: 2.5 }), 'temperature'],
    ['no tokens', settings({ maxOutputTokens: 0 }), 'max_output_tokens must be positive'],
    ['six stops', settings({ stopSequences: ['a', 'b', 'c', 'd', 'e', 'f'] }), 'stop_sequences'],
    ['a large seed', settings({ seed: 2 ** 40 }), 'seed'],
    ['odds unasked', settings({ logprobs: 3 }), 'response_logprobs'],
    [
      'two ways to think',
      settings({ thinkingConfig: { thinkingBudget: 500, thinkingLevel: 'low' } }),
      'only one of thinking budget and thinking level',
    ],
    ['no JSON', '{', 'Invalid JSON payload'],
  ])('%s', async (_name, body, sentence) => {
    const response = await call(body);
    expect(await response.json()).toEqual({
      error: { code: 400, status: 'INVALID_ARGUMENT', message: expect.stringContaining(sentence) },
    });
    expect(response.status).toBe(400);
  });

  test('a thinker that is not to think', async () => {
    const asks = whole({ model: thinker, config: { thinkingConfig: { thinkingBudget: 0 } } });
    await expect(asks).rejects.toThrow('Budget 0 is invalid');
  });

  test('another method, and a stream that is not asked for as events', async () => {
    expect((await call({ contents }, `models/${model}:predict`)).status).toBe(404);
    expect((await call({ contents }, `models/${model}:streamGenerateContent`)).status).toBe(400);
  });

  test('keys of nobody; those of ours in any of the three places', async () => {
    const none = { 'x-goog-api-key': '' };
    const wrong = await call({ contents }, undefined, { 'x-goog-api-key': 'AIza' });
    expect(wrong.status).toBe(401);
    expect(await wrong.json()).toMatchObject({ error: { status: 'UNAUTHENTICATED' } });
    const url = `${world.url}/providers/acme/v1/models/${model}:generateContent`;
    const init = { method: 'POST', body: JSON.stringify({ contents }) };
    expect((await fetch(url, { ...init, headers: none })).status).toBe(401);
    expect((await fetch(`${url}?key=sk-sandbox-q`, init)).status).toBe(200);
    expect((await fetch(url, { ...init, headers: { authorization: 'Bearer sk-sandbox-b' } })).status).toBe(200);
  });

  test.each([
    `publishers/google/models/${model}:generateContent`,
    `projects/p-1/locations/global/publishers/google/models/${model}:streamGenerateContent?alt=sse`,
  ])('nothing that comes the way of Vertex AI: %s', async (path) => {
    const response = await call({ contents }, path, { authorization: 'Bearer sk-sandbox-v' });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('"finishReason"');
  });
});

describe('faults', () => {
  const faulty = (fault: string) => ({ model: `delta-instant-fault-${fault}` });

  test.each([
    ['400', 400, 'INVALID_ARGUMENT'],
    ['401', 401, 'UNAUTHENTICATED'],
    ['403', 403, 'PERMISSION_DENIED'],
    ['404', 404, 'NOT_FOUND'],
    ['429', 429, 'RESOURCE_EXHAUSTED'],
    ['500', 500, 'INTERNAL'],
    ['503', 503, 'UNAVAILABLE'],
    ['529', 529, 'UNAVAILABLE'],
  ])('%s is status %d and %s, streamed or not', async (fault, status, word) => {
    for (const asks of [whole(faulty(fault)), streamed(faulty(fault))]) {
      const error: unknown = await asks.then(String, (thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ApiError);
      expect(error).toMatchObject({ status, message: expect.stringContaining(`"status":"${word}"`) });
    }
  });

  test('a limit says in its body when to come back', async () => {
    const response = await call({ contents: [user('Hi')] }, 'models/delta-fault-429-7:generateContent');
    expect(await response.json()).toMatchObject({ error: { code: 429, details: [{ retryDelay: '7s' }] } });
  });

  test('an error under 200 is an event of the stream, and the whole body', async () => {
    await expect(streamed(faulty('error-under-200'))).rejects.toMatchObject({ status: 500 });
    const response = await call(
      { contents: [user('Hi')] },
      'models/delta-instant-fault-error-under-200:streamGenerateContent?alt=sse',
    );
    expect((await response.text()).trimEnd().split('\r\n\r\n').at(-1)).toMatch(/^data: \{"error":\{"code":500/);
    const body = await call({ contents: [user('Hi')] }, 'models/delta-fault-error-under-200:generateContent');
    expect(body.status).toBe(200);
    expect(await body.json()).toMatchObject({ error: { code: 500, status: 'INTERNAL' } });
  });

  test('a broken event is no JSON', async () => {
    await expect(streamed(faulty('bad-json'))).rejects.toThrow(SyntaxError);
  });

  test('a truncated stream has no end', async () => {
    const cut = await streamed(faulty('truncated'));
    expect(cut.length).toBeGreaterThan(2);
    expect(cut.every((piece) => piece.candidates?.[0]?.finishReason === undefined)).toBe(true);
  });

  test('usage is missing, absurd or of nothing, as the fault says', async () => {
    expect((await whole(faulty('missing-usage'))).usageMetadata).toBeUndefined();
    expect((await streamed(faulty('missing-usage'))).at(-1)?.usageMetadata).toBeUndefined();
    const absurd = { promptTokenCount: -17, candidatesTokenCount: -1 };
    expect((await whole(faulty('absurd-usage-1'))).usageMetadata).toMatchObject(absurd);
    expect((await streamed(faulty('absurd-usage-1'))).at(-1)?.usageMetadata).toMatchObject(absurd);
    for (const [answer] of [[await whole(faulty('empty'))], await streamed(faulty('empty'))]) {
      expect(answer?.candidates).toEqual([{ content: { role: 'model' }, index: 0 }]);
      expect(answer?.usageMetadata).not.toHaveProperty('candidatesTokenCount');
    }
  });
});
