import { type Ask, type Got, nothing } from './ask.ts';
import { at } from './json-at.ts';

/** A dialect as a client speaks it: raw HTTP, so that nothing is forgiven that an SDK would forgive. */
export interface Client {
  readonly name: string;
  /** What the dialect itself has no words for, and why; such cells of the matrix are `unsupported`. */
  readonly lacks: Readonly<Record<string, string>>;
  /** It can say what is worth caching; providers that cache only what is marked need that. */
  readonly marksCache: boolean;
  ask(ask: Ask, to: { readonly root: string; readonly key: string; readonly company: string }): Promise<Got>;
}

type Loose = Record<string, unknown>;

const textAt = (value: unknown, ...path: readonly (string | number)[]): string => {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
};
const numberAt = (value: unknown, ...path: readonly (string | number)[]): number => {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : 0;
};
const listAt = (value: unknown, ...path: readonly (string | number)[]): readonly unknown[] => {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
};

/** The JSON of every data line of a stream, the end mark left out. */
function eventsOf(body: string): unknown[] {
  return body
    .split('\n')
    .filter((line) => line.startsWith('data: ') && line !== 'data: [DONE]')
    .map((line): unknown => JSON.parse(line.slice('data: '.length)));
}

async function post(url: string, key: string, body: Loose) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  });
  const text = await response.text();
  return { status: response.status, text, generationId: response.headers.get('x-generation-id') ?? '' };
}

type Part = Partial<Omit<Got, 'status' | 'generationId'>>;

/** One answer out of its parts: texts are joined, calls listed, of usage and errors the last counts. */
function join(parts: readonly Part[]): Omit<Got, 'status' | 'generationId'> {
  return parts.reduce<Omit<Got, 'status' | 'generationId'>>(
    (got, part) => ({
      text: got.text + (part.text ?? ''),
      reasoning: got.reasoning + (part.reasoning ?? ''),
      calls: [...got.calls, ...(part.calls ?? [])],
      usage: part.usage ?? got.usage,
      error: part.error ?? got.error,
    }),
    nothing,
  );
}

/** Arguments that came in pieces, under the number of their call. */
class Calls {
  readonly #calls = new Map<unknown, { name: string; argumentsText: string }>();

  add(key: unknown, { name = '', argumentsText = '' }): void {
    const call = this.#calls.get(key) ?? { name: '', argumentsText: '' };
    this.#calls.set(key, { name: call.name + name, argumentsText: call.argumentsText + argumentsText });
  }

  list(): Got['calls'] {
    return [...this.#calls.values()];
  }
}

const errorOf = (value: unknown): Part => (at(value, 'error') ? { error: textAt(value, 'error', 'message') } : {});

function chatUsage(value: unknown): Part {
  const usage = at(value, 'usage');
  if (typeof usage !== 'object' || usage === null) return {};
  return {
    usage: {
      input: numberAt(usage, 'prompt_tokens'),
      output: numberAt(usage, 'completion_tokens'),
      cached: numberAt(usage, 'prompt_tokens_details', 'cached_tokens'),
      cost: numberAt(usage, 'cost'),
    },
  };
}

function systemMessages({ system, isCached }: Ask): readonly Loose[] {
  if (system === undefined) return [];
  const marked = [{ type: 'text', text: system, cache_control: { type: 'ephemeral' } }];
  return [{ role: 'system', content: isCached ? marked : system }];
}

function partsOf({ image, pdf, sound }: Ask): readonly Loose[] {
  return [
    ...(image ? [{ type: 'image_url', image_url: { url: image } }] : []),
    ...(pdf ? [{ type: 'file', file: { filename: 'a.pdf', file_data: pdf } }] : []),
    ...(sound ? [{ type: 'input_audio', input_audio: { data: sound, format: 'wav' } }] : []),
  ];
}

/** A case as the body of `POST /chat/completions`, without a company. */
export function chatBody(ask: Ask): Loose {
  const parts = partsOf(ask);
  const content = parts.length === 0 ? ask.text : [{ type: 'text', text: ask.text }, ...parts];
  return {
    model: ask.model,
    messages: [...systemMessages(ask), { role: 'user', content }],
    stream: ask.isStreamed,
    ...(ask.tools ? { tools: ask.tools.map((tool) => ({ type: 'function', function: tool })) } : {}),
    ...(ask.schema
      ? { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: ask.schema } } }
      : {}),
    ...(ask.isThinking ? { reasoning: { effort: 'low' } } : {}),
  };
}

/** What an answer of `POST /chat/completions` says, whole or as frames. */
export function readChat(text: string, isStream: boolean): Omit<Got, 'status' | 'generationId'> {
  const calls = new Calls();
  const parts = (isStream ? eventsOf(text) : [JSON.parse(text)]).map((event): Part => {
    const message = at(event, 'choices', 0, isStream ? 'delta' : 'message');
    for (const [position, call] of listAt(message, 'tool_calls').entries()) {
      const [name, argumentsText] = [textAt(call, 'function', 'name'), textAt(call, 'function', 'arguments')];
      calls.add(isStream ? at(call, 'index') : position, { name, argumentsText });
    }
    const [content, reasoning] = [textAt(message, 'content'), textAt(message, 'reasoning')];
    return { text: content, reasoning, ...chatUsage(event), ...errorOf(event) };
  });
  return { ...join(parts), calls: calls.list() };
}

const chat: Client = {
  name: 'chat/completions',
  lacks: {},
  marksCache: true,
  async ask(ask, { root, key, company }) {
    const body = { ...chatBody(ask), provider: { only: [company] } };
    const { status, text, generationId } = await post(`${root}/api/v1/chat/completions`, key, body);
    return { status, generationId, ...readChat(text, ask.isStreamed && status === 200) };
  },
};

const NO_WORDS = 'the dialect has no words for it';

const completions: Client = {
  name: 'completions',
  lacks: {
    tool: NO_WORDS,
    'parallel tools': NO_WORDS,
    image: NO_WORDS,
    'JSON schema': NO_WORDS,
    reasoning: NO_WORDS,
  },
  marksCache: false,
  async ask(ask, { root, key, company }) {
    const { status, text, generationId } = await post(`${root}/api/v1/completions`, key, {
      model: ask.model,
      prompt: `${ask.system ?? ''}${ask.text}`,
      stream: ask.isStreamed,
      provider: { only: [company] },
    });
    const isStream = ask.isStreamed && status === 200;
    const parts = (isStream ? eventsOf(text) : [JSON.parse(text)]).map((event): Part => {
      return { text: textAt(event, 'choices', 0, 'text'), ...chatUsage(event), ...errorOf(event) };
    });
    return { status, generationId, ...join(parts) };
  },
};

function messagesUsage(usage: unknown): Part {
  if (typeof usage !== 'object' || usage === null || at(usage, 'cost') === undefined) return {};
  const cached = numberAt(usage, 'cache_read_input_tokens');
  const input = numberAt(usage, 'input_tokens') + cached + numberAt(usage, 'cache_creation_input_tokens');
  return { usage: { input, output: numberAt(usage, 'output_tokens'), cached, cost: numberAt(usage, 'cost') } };
}

function readMessagesEvent(event: unknown, calls: Calls): Part {
  const [index, block, delta] = [at(event, 'index'), at(event, 'content_block'), at(event, 'delta')];
  if (at(block, 'type') === 'tool_use') calls.add(index, { name: textAt(block, 'name') });
  calls.add(index, { argumentsText: textAt(delta, 'partial_json') });
  return {
    text: textAt(delta, 'text'),
    reasoning: textAt(delta, 'thinking'),
    ...(at(event, 'type') === 'error' ? errorOf(event) : {}),
  };
}

/** Usage is cumulative, and of each count the last that was said holds: the start may say what the end leaves out. */
function messagesUsageOf(events: readonly unknown[]): Part {
  const said = events.flatMap((event) => [at(event, 'message', 'usage'), at(event, 'usage')]);
  return messagesUsage(Object.assign({}, ...said.filter((usage) => typeof usage === 'object')));
}

function readMessagesBody(body: unknown, calls: Calls): Part[] {
  const parts = listAt(body, 'content').map((block, index): Part => {
    if (at(block, 'type') === 'tool_use') {
      calls.add(index, { name: textAt(block, 'name'), argumentsText: JSON.stringify(at(block, 'input')) });
    }
    return { text: textAt(block, 'text'), reasoning: textAt(block, 'thinking') };
  });
  return [...parts, messagesUsage(at(body, 'usage')), errorOf(body)];
}

/** `data:image/png;base64,…` as its media type and its bytes. */
function splitDataUrl(url: string): { readonly type: string; readonly data: string } {
  const [, type = '', data = ''] = /^data:([^;]+);base64,(.*)$/.exec(url) ?? [];
  return { type, data };
}

const messages: Client = {
  name: 'messages',
  lacks: {},
  marksCache: true,
  async ask(ask, { root, key, company }) {
    const { type, data } = splitDataUrl(ask.image ?? '');
    const { status, text, generationId } = await post(`${root}/api/v1/messages`, key, {
      model: ask.model,
      max_tokens: 4_000,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: ask.text },
            ...(ask.image ? [{ type: 'image', source: { type: 'base64', media_type: type, data } }] : []),
          ],
        },
      ],
      stream: ask.isStreamed,
      provider: { only: [company] },
      ...(ask.system ? { system: [{ type: 'text', text: ask.system, cache_control: { type: 'ephemeral' } }] } : {}),
      ...(ask.tools ? { tools: ask.tools.map(({ name, parameters }) => ({ name, input_schema: parameters })) } : {}),
      ...(ask.schema ? { output_config: { format: { type: 'json_schema', schema: ask.schema } } } : {}),
      ...(ask.isThinking ? { thinking: { type: 'enabled', budget_tokens: 1_024 } } : {}),
    });
    const calls = new Calls();
    const isStream = ask.isStreamed && status === 200;
    const events = isStream ? eventsOf(text) : [];
    const parts = isStream
      ? [...events.map((event) => readMessagesEvent(event, calls)), messagesUsageOf(events)]
      : readMessagesBody(JSON.parse(text), calls);
    return { status, generationId, ...join(parts), calls: calls.list().filter(({ name }) => name !== '') };
  },
};

function readResponse(response: unknown, calls: Calls): Part[] {
  const usage = at(response, 'usage');
  const parts = listAt(response, 'output').map((item): Part => {
    if (at(item, 'type') === 'function_call') {
      calls.add(at(item, 'id'), { name: textAt(item, 'name'), argumentsText: textAt(item, 'arguments') });
    }
    const texts = listAt(item, 'content').map((part) => textAt(part, 'text'));
    const summaries = listAt(item, 'summary').map((part) => textAt(part, 'text'));
    if (at(item, 'type') === 'reasoning') return { reasoning: [...texts, ...summaries].join('') };
    return at(item, 'type') === 'message' ? { text: texts.join('') } : {};
  });
  if (typeof usage !== 'object' || usage === null) return [...parts, errorOf(response)];
  const counted = {
    input: numberAt(usage, 'input_tokens'),
    output: numberAt(usage, 'output_tokens'),
    cached: numberAt(usage, 'input_tokens_details', 'cached_tokens'),
    cost: numberAt(usage, 'cost'),
  };
  return [...parts, { usage: counted }, errorOf(response)];
}

const ENDS = ['response.completed', 'response.incomplete', 'response.failed'];

const responses: Client = {
  name: 'responses',
  lacks: {},
  marksCache: false,
  async ask(ask, { root, key, company }) {
    const { status, text, generationId } = await post(`${root}/api/v1/responses`, key, {
      model: ask.model,
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: ask.text },
            ...(ask.image ? [{ type: 'input_image', image_url: ask.image, detail: 'auto' }] : []),
          ],
        },
      ],
      stream: ask.isStreamed,
      provider: { only: [company] },
      ...(ask.system ? { instructions: ask.system } : {}),
      ...(ask.tools ? { tools: ask.tools.map((tool) => ({ type: 'function', strict: false, ...tool })) } : {}),
      ...(ask.schema ? { text: { format: { type: 'json_schema', name: 'answer', schema: ask.schema } } } : {}),
      ...(ask.isThinking ? { reasoning: { effort: 'low', summary: 'auto' } } : {}),
    });
    const calls = new Calls();
    const isStream = ask.isStreamed && status === 200;
    if (!isStream) return { status, generationId, ...join(readResponse(JSON.parse(text), calls)), calls: calls.list() };
    const events = eventsOf(text);
    // What was streamed must be what the last snapshot holds: the deltas are joined and compared.
    const streamed = events.filter((event) => at(event, 'type') === 'response.output_text.delta');
    const last = events.findLast((event) => ENDS.includes(textAt(event, 'type')));
    const got = join([...readResponse(at(last, 'response'), calls), ...events.map(errorEvent)]);
    const text2 = streamed.map((event) => textAt(event, 'delta')).join('');
    return { status, generationId, ...got, text: got.text === '' ? text2 : got.text, calls: calls.list() };
  },
};

const errorEvent = (event: unknown): Part =>
  at(event, 'type') === 'error' ? { error: textAt(event, 'message') || textAt(event, 'error', 'message') } : {};

function readGemini(chunk: unknown, calls: Calls): Part {
  const parts = listAt(chunk, 'candidates', 0, 'content', 'parts');
  for (const part of parts) {
    const call = at(part, 'functionCall');
    if (call)
      calls.add(Symbol('call'), { name: textAt(call, 'name'), argumentsText: JSON.stringify(at(call, 'args')) });
  }
  const isThought = (part: unknown): boolean => at(part, 'thought') === true;
  const usage = at(chunk, 'usageMetadata');
  const counted =
    at(usage, 'cost') === undefined
      ? {}
      : {
          usage: {
            input: numberAt(usage, 'promptTokenCount'),
            output: numberAt(usage, 'candidatesTokenCount') + numberAt(usage, 'thoughtsTokenCount'),
            cached: numberAt(usage, 'cachedContentTokenCount'),
            cost: numberAt(usage, 'cost'),
          },
        };
  const textOf = (list: readonly unknown[]): string => list.map((part) => textAt(part, 'text')).join('');
  return {
    text: textOf(parts.filter((part) => !isThought(part))),
    reasoning: textOf(parts.filter(isThought)),
    ...counted,
    ...errorOf(chunk),
  };
}

const gemini: Client = {
  name: 'generateContent',
  lacks: {},
  marksCache: false,
  async ask(ask, { root, key, company }) {
    const { type, data } = splitDataUrl(ask.image ?? '');
    const method = ask.isStreamed ? 'streamGenerateContent?alt=sse' : 'generateContent';
    const { status, text, generationId } = await post(`${root}/api/v1beta/models/${ask.model}:${method}`, key, {
      contents: [
        {
          role: 'user',
          parts: [{ text: ask.text }, ...(ask.image ? [{ inlineData: { mimeType: type, data } }] : [])],
        },
      ],
      provider: { only: [company] },
      ...(ask.system ? { systemInstruction: { parts: [{ text: ask.system }] } } : {}),
      ...(ask.tools
        ? {
            tools: [
              {
                functionDeclarations: ask.tools.map(({ name, parameters }) => ({
                  name,
                  parametersJsonSchema: parameters,
                })),
              },
            ],
          }
        : {}),
      generationConfig: {
        ...(ask.schema ? { responseMimeType: 'application/json', responseJsonSchema: ask.schema } : {}),
        ...(ask.isThinking ? { thinkingConfig: { includeThoughts: true, thinkingBudget: 1_024 } } : {}),
      },
    });
    const calls = new Calls();
    const chunks = ask.isStreamed && status === 200 ? eventsOf(text) : [JSON.parse(text)];
    return { status, generationId, ...join(chunks.map((chunk) => readGemini(chunk, calls))), calls: calls.list() };
  },
};

/** Every dialect that clients speak to us. */
export const clients: readonly Client[] = [chat, completions, responses, messages, gemini];
