import { at } from './json-at.ts';

type Loose = Readonly<Record<string, unknown>>;

/** A call as the client saw it. */
export interface SeenCall {
  readonly id: string;
  readonly name: string;
}

/** A turn of the model: what the client puts into its history, unread, and what it reads in it. */
export interface Turn {
  readonly replay: readonly unknown[];
  readonly calls: readonly SeenCall[];
  readonly text: string;
}

/** What all turns of a conversation share. */
export interface Conversation {
  readonly model: string;
  readonly company: string;
  readonly isStreamed: boolean;
}

/** How a client of a dialect keeps a conversation: raw, as the documentation of the dialect tells it to. */
export interface Speaker {
  readonly name: string;
  /** What somebody says, as entries of the history. */
  said(text: string): readonly unknown[];
  /** The result of a call, and what the user says after it, as entries of the history. */
  answered(call: SeenCall, result: string, said: string | null): readonly unknown[];
  request(history: readonly unknown[], about: Conversation): { readonly path: string; readonly body: Loose };
  readBody(body: unknown): Turn;
  readEvents(events: readonly unknown[]): Turn;
}

const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const names = ['get_weather', 'get_time'];

const textAt = (value: unknown, ...path: readonly (string | number)[]): string => {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
};
const listAt = (value: unknown, ...path: readonly (string | number)[]): readonly unknown[] => {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
};
const objectOf = (value: unknown): Loose => (typeof value === 'object' && value !== null ? { ...value } : {});

/** Texts are joined, and of everything else the last holds: how pieces of one thing become it. */
function joined(whole: Loose, piece: Loose, texts: readonly string[]): Loose {
  const longer = texts.filter((key) => key in piece).map((key) => [key, textAt(whole, key) + textAt(piece, key)]);
  return { ...whole, ...piece, ...Object.fromEntries(longer) };
}

function chatTurn(message: unknown): Turn {
  const calls = listAt(message, 'tool_calls').map((call) => ({
    id: textAt(call, 'id'),
    name: textAt(call, 'function', 'name'),
  }));
  return { replay: [message], calls, text: textAt(message, 'content') };
}

/** Neighbouring pieces of one kind and place are one piece of reasoning. */
function mergeDetails(pieces: readonly unknown[]): Loose[] {
  const details: Loose[] = [];
  for (const piece of pieces.map(objectOf)) {
    const last = details.at(-1);
    const isSame = last?.['type'] === piece['type'] && last?.['index'] === piece['index'];
    if (last !== undefined && isSame) details.splice(-1, 1, joined(last, piece, ['text', 'summary', 'data']));
    else details.push(piece);
  }
  return details;
}

function chatStream(events: readonly unknown[], merge: (pieces: readonly unknown[]) => readonly unknown[]): Turn {
  const deltas = events.map((event) => at(event, 'choices', 0, 'delta'));
  const calls = new Map<unknown, Loose>();
  for (const piece of deltas.flatMap((delta) => listAt(delta, 'tool_calls')).map(objectOf)) {
    const open = calls.get(piece['index']) ?? {};
    const called = joined(objectOf(open['function']), objectOf(piece['function']), ['arguments']);
    calls.set(piece['index'], { ...open, ...piece, function: called });
  }
  const content = deltas.map((delta) => textAt(delta, 'content')).join('');
  const details = merge(deltas.flatMap((delta) => listAt(delta, 'reasoning_details')));
  const called = calls.size === 0 ? {} : { tool_calls: [...calls.values()] };
  return chatTurn({ role: 'assistant', content, ...called, reasoning_details: details });
}

const chat: Speaker = {
  name: 'chat/completions',
  said: (text) => [{ role: 'user', content: text }],
  answered: ({ id }, result, said) => [
    { role: 'tool', tool_call_id: id, content: result },
    ...(said === null ? [] : [{ role: 'user', content: said }]),
  ],
  request: (messages, { model, company, isStreamed }) => ({
    path: '/api/v1/chat/completions',
    body: {
      model,
      messages,
      stream: isStreamed,
      provider: { only: [company] },
      tools: names.map((name) => ({ type: 'function', function: { name, parameters: city } })),
      reasoning: { effort: 'low' },
    },
  }),
  readBody: (body) => chatTurn(at(body, 'choices', 0, 'message')),
  readEvents: (events) => chatStream(events, mergeDetails),
};

/** Some clients do not put pieces of reasoning together, and send all of them back in their order. */
const chatInPieces: Speaker = {
  ...chat,
  name: 'chat/completions, reasoning in pieces',
  readEvents: (events) => chatStream(events, (pieces) => pieces),
};

function messagesTurn(content: readonly unknown[]): Turn {
  const calls = content
    .filter((block) => at(block, 'type') === 'tool_use')
    .map((block) => ({ id: textAt(block, 'id'), name: textAt(block, 'name') }));
  const text = content.map((block) => textAt(block, 'text')).join('');
  return { replay: [{ role: 'assistant', content }], calls, text };
}

function finishBlock({ partial_json: json, ...block }: Loose): Loose {
  return block['type'] === 'tool_use' ? { ...block, input: JSON.parse(String(json)) } : block;
}

const messages: Speaker = {
  name: 'messages',
  said: (text) => [{ role: 'user', content: text }],
  answered: ({ id }, result, said) => {
    const results = [{ type: 'tool_result', tool_use_id: id, content: result }];
    return [{ role: 'user', content: said === null ? results : [...results, { type: 'text', text: said }] }];
  },
  request: (history, { model, company, isStreamed }) => ({
    path: '/api/v1/messages',
    body: {
      model,
      max_tokens: 4_000,
      messages: history,
      stream: isStreamed,
      provider: { only: [company] },
      tools: names.map((name) => ({ name, input_schema: city })),
      thinking: { type: 'enabled', budget_tokens: 1_024 },
    },
  }),
  readBody: (body) => messagesTurn(listAt(body, 'content')),
  readEvents: (events) => {
    const blocks = new Map<unknown, Loose>();
    for (const event of events) {
      const [index, type] = [at(event, 'index'), at(event, 'type')];
      if (type === 'content_block_start') blocks.set(index, objectOf(at(event, 'content_block')));
      if (type !== 'content_block_delta') continue;
      const { type: _kind, ...piece } = objectOf(at(event, 'delta'));
      blocks.set(index, joined(blocks.get(index) ?? {}, piece, ['text', 'thinking', 'partial_json']));
    }
    return messagesTurn([...blocks.values()].map(finishBlock));
  },
};

function responsesTurn(items: readonly unknown[]): Turn {
  const calls = items
    .filter((item) => at(item, 'type') === 'function_call')
    .map((item) => ({ id: textAt(item, 'call_id'), name: textAt(item, 'name') }));
  const said = items.filter((item) => at(item, 'type') === 'message').flatMap((item) => listAt(item, 'content'));
  return { replay: items, calls, text: said.map((part) => textAt(part, 'text')).join('') };
}

const responses: Speaker = {
  name: 'responses',
  said: (text) => [{ role: 'user', content: text }],
  answered: ({ id }, result, said) => [
    { type: 'function_call_output', call_id: id, output: result },
    ...(said === null ? [] : [{ role: 'user', content: said }]),
  ],
  request: (input, { model, company, isStreamed }) => ({
    path: '/api/v1/responses',
    body: {
      model,
      input,
      stream: isStreamed,
      store: false,
      include: ['reasoning.encrypted_content'],
      provider: { only: [company] },
      tools: names.map((name) => ({ type: 'function', strict: false, name, parameters: city })),
      reasoning: { effort: 'low', summary: 'auto' },
    },
  }),
  readBody: (body) => responsesTurn(listAt(body, 'output')),
  readEvents: (events) =>
    responsesTurn(
      events.filter((event) => at(event, 'type') === 'response.output_item.done').map((event) => at(event, 'item')),
    ),
};

function geminiTurn(parts: readonly unknown[]): Turn {
  const calls = parts
    .map((part) => at(part, 'functionCall'))
    .filter((call) => call !== undefined)
    .map((call) => ({ id: textAt(call, 'id'), name: textAt(call, 'name') }));
  const spoken = parts.filter((part) => at(part, 'thought') !== true);
  return {
    replay: [{ role: 'model', parts }],
    calls,
    text: spoken.map((part) => textAt(part, 'text')).join(''),
  };
}

const gemini: Speaker = {
  name: 'generateContent',
  said: (text) => [{ role: 'user', parts: [{ text }] }],
  answered: ({ id, name }, result, said) => {
    const parts = [{ functionResponse: { id, name, response: { output: result } } }];
    return [{ role: 'user', parts: said === null ? parts : [...parts, { text: said }] }];
  },
  request: (contents, { model, company, isStreamed }) => ({
    path: `/api/v1beta/models/${model}:${isStreamed ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: {
      contents,
      provider: { only: [company] },
      tools: [{ functionDeclarations: names.map((name) => ({ name, parametersJsonSchema: city })) }],
      generationConfig: { thinkingConfig: { includeThoughts: true, thinkingBudget: 1_024 } },
    },
  }),
  readBody: (body) => geminiTurn(listAt(body, 'candidates', 0, 'content', 'parts')),
  readEvents: (events) => geminiTurn(events.flatMap((event) => listAt(event, 'candidates', 0, 'content', 'parts'))),
};

/** Every dialect of clients that has tools. */
export const speakers: readonly Speaker[] = [chat, chatInPieces, messages, responses, gemini];
