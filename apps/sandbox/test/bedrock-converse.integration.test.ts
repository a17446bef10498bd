import {
  BedrockRuntimeClient,
  type BedrockRuntimeClientConfig,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  type ConverseStreamOutput,
  type Message,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { describe, expect, test } from 'vitest';
import { json, poll, useSandbox } from './harness.ts';

const world = useSandbox();

/** AWS's own client, at a company of the sandbox. It does not retry, so that a test sees each answer. */
function client(options: BedrockRuntimeClientConfig = {}): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    endpoint: `${world.url}/providers/acme/v1`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'sk-sandbox-acme', secretAccessKey: 'secret-of-sk-sandbox-acme' },
    maxAttempts: 1,
    // The client speaks HTTP/2 unless it is told otherwise.
    requestHandler: new NodeHttpHandler(),
    ...options,
  });
}

const user = (text: string): Message => ({ role: 'user', content: [{ text }] });
const asked = (fields: Partial<ConverseCommandInput> = {}): ConverseCommandInput => ({
  modelId: 'atlas-instant',
  messages: [user('Tell me about ledgers.')],
  ...fields,
});
const look = {
  toolSpec: {
    name: 'look',
    inputSchema: { json: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] } },
  },
};

async function streamed(input: ConverseCommandInput): Promise<ConverseStreamOutput[]> {
  const { stream } = await client().send(new ConverseStreamCommand(input));
  const events: ConverseStreamOutput[] = [];
  for await (const event of stream ?? []) events.push(event);
  return events;
}

const refusal = (fields: object) =>
  client().send(new ConverseCommand({ ...asked(), ...fields } as ConverseCommandInput)); // what the types forbid is what is tested

describe("AWS's own client", () => {
  test('gets a whole answer, counted', async () => {
    const answer = await client().send(new ConverseCommand(asked()));
    expect(answer.output?.message?.content?.[0]?.text).toContain('ledgers');
    expect(answer.stopReason).toBe('end_turn');
    const { inputTokens = 0, outputTokens = 0, totalTokens } = answer.usage ?? {};
    expect(inputTokens).toBeGreaterThan(5);
    expect(totalTokens).toBe(inputTokens + outputTokens);
  });

  test('gets the same in a stream, with the usage behind the end', async () => {
    const events = await streamed(asked());
    const text = events.map((event) => event.contentBlockDelta?.delta?.text ?? '').join('');
    const whole = await client().send(new ConverseCommand(asked()));
    expect(text).toBe(whole.output?.message?.content?.[0]?.text);
    expect(events[0]?.messageStart?.role).toBe('assistant');
    expect(events.at(-2)?.messageStop?.stopReason).toBe('end_turn');
    expect(events.at(-1)?.metadata?.usage).toEqual(whole.usage);
  });

  test('is believed with a token as well, and not with a wrong secret, a changed body or no key of the sandbox', async () => {
    const token = client({ token: { token: 'sk-sandbox-t' }, authSchemePreference: ['httpBearerAuth'] });
    expect((await token.send(new ConverseCommand(asked()))).stopReason).toBe('end_turn');
    const forger = client({ credentials: { accessKeyId: 'sk-sandbox-acme', secretAccessKey: 'guessed' } });
    await expect(forger.send(new ConverseCommand(asked()))).rejects.toMatchObject({
      name: 'InvalidSignatureException',
      $metadata: { httpStatusCode: 403 },
    });
    const changed = client();
    changed.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { body: Uint8Array }; // after signing it is what is sent
        request.body = Buffer.from(new TextDecoder().decode(request.body).replace('ledgers', 'nothing'));
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    await expect(changed.send(new ConverseCommand(asked()))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
    const stranger = client({ credentials: { accessKeyId: 'AKIA', secretAccessKey: 'x' } });
    await expect(stranger.send(new ConverseCommand(asked()))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
  });

  test('calls tools, in a stream and whole, and is answered about their results', async () => {
    const fields = { toolConfig: { tools: [look], toolChoice: { any: {} } } };
    const { output, stopReason } = await client().send(new ConverseCommand(asked(fields)));
    const call = output?.message?.content?.[0]?.toolUse;
    expect(stopReason).toBe('tool_use');
    expect(call).toMatchObject({ name: 'look', input: { n: expect.any(Number) } });
    const events = await streamed(asked(fields));
    const input = events.map((event) => event.contentBlockDelta?.delta?.toolUse?.input ?? '').join('');
    expect(JSON.parse(input)).toEqual(call?.input);
    const toolResult = { toolUseId: call?.toolUseId, content: [{ text: 'sunny' }] };
    const messages: Message[] = [
      ...(asked().messages ?? []),
      output?.message ?? user(''),
      { role: 'user', content: [{ toolResult }] },
    ];
    const after = await client().send(new ConverseCommand(asked({ messages, toolConfig: { tools: [look] } })));
    expect(after.output?.message?.content?.[0]?.text).toContain('The look call returned: sunny');
  });

  test('gets signed thoughts, and only those are taken back', async () => {
    const thinking = asked({ modelId: 'atlas-instant-reason' });
    const { output } = await client().send(new ConverseCommand(thinking));
    const thought = output?.message?.content?.[0]?.reasoningContent?.reasoningText;
    expect(thought).toMatchObject({ text: expect.any(String), signature: expect.any(String) });
    const events = await streamed(thinking);
    const signatures = events.flatMap((event) => event.contentBlockDelta?.delta?.reasoningContent?.signature ?? []);
    expect(signatures).toEqual([thought?.signature]);
    const again = (reasoningText: object) =>
      refusal({
        messages: [
          user('Q'),
          { role: 'assistant', content: [{ reasoningContent: { reasoningText } }, { text: 'A' }] },
          user('R'),
        ],
      });
    expect((await again(thought ?? {})).stopReason).toBe('end_turn');
    await expect(again({ ...thought, text: 'Something else' })).rejects.toThrow('Invalid `signature`');
    await expect(again({ text: thought?.text })).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('gets thoughts that are sealed, and gives them back', async () => {
    const { output } = await client().send(new ConverseCommand(asked({ modelId: 'atlas-instant-reason-sealed' })));
    const [block] = output?.message?.content ?? [];
    expect(block?.reasoningContent?.redactedContent).toBeInstanceOf(Uint8Array);
    const messages: Message[] = [user('Q'), output?.message ?? user(''), user('R')];
    expect((await client().send(new ConverseCommand(asked({ messages })))).stopReason).toBe('end_turn');
  });

  test('is told what the cache took and gave', async () => {
    const cachePoint = { cachePoint: { type: 'default' as const } };
    const words = Array.from({ length: 1_500 }, (_, at) => `w${at}`).join(' ');
    const input = asked({ modelId: 'atlas-instant-cache', system: [{ text: words }, cachePoint] });
    const first = (await client().send(new ConverseCommand(input))).usage;
    const second = (await client().send(new ConverseCommand(input))).usage;
    expect(first).toMatchObject({ cacheReadInputTokens: 0, cacheDetails: [{ ttl: '5m' }] });
    expect(first?.cacheWriteInputTokens).toBeGreaterThan(1_000);
    expect(second).toMatchObject({ cacheReadInputTokens: first?.cacheWriteInputTokens, cacheWriteInputTokens: 0 });
    expect(first?.totalTokens).toBe(second?.totalTokens);
    const uncached = (
      await client().send(new ConverseCommand(asked({ modelId: 'atlas-instant-cache', system: [{ text: words }] })))
    ).usage;
    expect(uncached).not.toHaveProperty('cacheReadInputTokens');
  });
});

describe('what the API refuses', () => {
  const a = (text: string) => ({ role: 'assistant', content: [{ text }] });
  const use = (toolUseId: string) => ({
    role: 'assistant',
    content: [{ toolUse: { toolUseId, name: 'look', input: {} } }],
  });
  const result = (toolUseId: string) => ({ toolResult: { toolUseId, content: [{ text: 'x' }] } });
  const toolConfig = { tools: [look] };
  const thinking = { additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 2_000 } } };
  const document = (name: string) => ({ document: { format: 'txt', name, source: { bytes: new Uint8Array([65]) } } });

  test.each([
    ['an assistant who begins', { messages: [a('x')] }, 'start with a user message'],
    ['two turns of one role', { messages: [user('x'), user('y')] }, 'alternate'],
    ['blank text', { messages: [user(' ')] }, 'is blank'],
    ['no content', { messages: [{ role: 'user', content: [] }] }, 'content'],
    ['no messages', { messages: [] }, 'messages'],
    [
      'calls without tools',
      { messages: [user('x'), use('a'), { role: 'user', content: [result('a')] }] },
      'toolConfig field must be defined',
    ],
    ['a call without a result', { messages: [user('x'), use('a'), user('y')], toolConfig }, 'Expected toolResult'],
    [
      'a result without a call',
      { messages: [{ role: 'user', content: [result('a')] }], toolConfig },
      'exceeds the number',
    ],
    [
      'a result behind words',
      { messages: [user('x'), use('a'), { role: 'user', content: [{ text: 'y' }, result('a')] }], toolConfig },
      'must come first',
    ],
    [
      'an id twice',
      {
        messages: [
          user('x'),
          use('a'),
          { role: 'user', content: [result('a')] },
          use('a'),
          { role: 'user', content: [result('a')] },
        ],
        toolConfig,
      },
      'must be unique',
    ],
    ['a name of a tool', { toolConfig: { tools: [{ toolSpec: { ...look.toolSpec, name: 'a.b' } }] } }, 'not allowed'],
    ['a document without words', { messages: [{ role: 'user', content: [document('a')] }] }, 'text block'],
    [
      'a document twice',
      { messages: [{ role: 'user', content: [document('a'), document('a'), { text: 'x' }] }] },
      'duplicate document',
    ],
    [
      'a name of a document',
      { messages: [{ role: 'user', content: [document('a_b'), { text: 'x' }] }] },
      'not allowed',
    ],
    ['too warm', { inferenceConfig: { temperature: 1.5 } }, 'temperature'],
    ['a blank stop', { inferenceConfig: { stopSequences: ['\n'] } }, 'is blank'],
    ['an unknown field for the model', { additionalModelRequestFields: { seed: 1 } }, 'additionalModelRequestFields'],
    [
      'a small budget',
      { additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 10 } } },
      'thinking',
    ],
    ['a budget above the cap', { ...thinking, inferenceConfig: { maxTokens: 100 } }, 'must be greater'],
    ['thinking that is warm', { ...thinking, inferenceConfig: { temperature: 0.5 } }, 'temperature'],
    [
      'thinking before a forced call',
      { ...thinking, toolConfig: { ...toolConfig, toolChoice: { any: {} } } },
      'forces tool use',
    ],
    [
      'a loop that loses its thought',
      { ...thinking, toolConfig, messages: [user('x'), use('a'), { role: 'user', content: [result('a')] }] },
      'must start with a thinking block',
    ],
    [
      'five cache points',
      { system: Array.from({ length: 5 }, () => ({ cachePoint: { type: 'default' } })) },
      'maximum of 4',
    ],
  ])('%s', async (_name, fields, sentence) => {
    await expect(refusal(fields)).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(sentence),
    });
  });

  test('another end of the path', async () => {
    const response = await fetch(`${world.url}/providers/acme/v1/model/atlas/invoke`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-sandbox' },
      body: '{}',
    });
    expect(response.status).toBe(404);
    expect(response.headers.get('x-amzn-errortype')).toBe('UnknownOperationException');
  });
});

describe('faults', () => {
  const faulty = (fault: string) => asked({ modelId: `atlas-instant-fault-${fault}` });

  test.each([
    ['400', 400, 'ValidationException'],
    ['401', 401, 'UnrecognizedClientException'],
    ['403', 403, 'AccessDeniedException'],
    ['404', 404, 'ResourceNotFoundException'],
    ['429', 429, 'ThrottlingException'],
    ['500', 500, 'InternalServerException'],
    ['503', 503, 'ServiceUnavailableException'],
    ['529', 529, 'ServiceUnavailableException'],
  ])('%s is status %d and %s, streamed or not', async (fault, httpStatusCode, name) => {
    const expected = { name, $metadata: { httpStatusCode } };
    await expect(client().send(new ConverseCommand(faulty(fault)))).rejects.toMatchObject(expected);
    await expect(client().send(new ConverseStreamCommand(faulty(fault)))).rejects.toMatchObject(expected);
  });

  test('an error under 200 is an exception in the stream', async () => {
    await expect(streamed(faulty('error-under-200'))).rejects.toMatchObject({ name: 'InternalServerException' });
  });

  test('a broken frame is found by its checksum', async () => {
    await expect(streamed(faulty('bad-json'))).rejects.toThrow(/checksum/i);
  });

  test('a truncated stream has no end, a missing usage is missing, an absurd one is what it is', async () => {
    const cut = await streamed(faulty('truncated'));
    expect(cut.some((event) => event.messageStop !== undefined)).toBe(false);
    expect((await streamed(faulty('missing-usage'))).at(-1)?.metadata?.usage).toBeUndefined();
    const absurd = await client().send(new ConverseCommand(faulty('absurd-usage-1')));
    expect(absurd.usage).toMatchObject({ inputTokens: -17, outputTokens: -1 });
  });

  test('whoever leaves is counted as gone', async () => {
    const abort = new AbortController();
    const input = faulty('hang-mid-stream');
    const { stream } = await client().send(new ConverseStreamCommand(input), { abortSignal: abort.signal });
    for await (const event of stream ?? []) if (event.contentBlockDelta) break;
    abort.abort();
    const stats = await poll(
      () => json(`${world.url}/_sandbox/stats`),
      (answer) => JSON.stringify(answer).includes('"inFlight":0'),
    );
    expect(stats).toMatchObject({ providers: { acme: { inFlight: 0, aborted: 1 } } });
  });
});
