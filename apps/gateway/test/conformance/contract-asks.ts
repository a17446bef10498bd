import type { Answer } from './contract.ts';

/** One request whose answers are compared with the document. */
export interface ContractAsk {
  readonly name: string;
  readonly method: Answer['method'];
  /** As the document has it, without our prefix. */
  readonly path: string;
  /** Of `path`, where that has parameters or is asked with a query. */
  readonly url?: string;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly status: number;
  /** The next call of the provider goes wrong like this. */
  readonly fault?: string;
  /** With which key; the market's own unless it is said. */
  readonly key?: 'unknown' | 'poor' | 'management';
}

const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const NAMES = ['get_weather', 'get_time'];
const TOOLS = 'Use get_weather and get_time for Oslo.';

/** What is asked for in each dialect that has a conversation: how it is said, and what it says of it. */
interface Dialect {
  readonly path: string;
  readonly say: (text: string) => Readonly<Record<string, unknown>>;
  readonly tools: Readonly<Record<string, unknown>>;
  readonly thinking: Readonly<Record<string, unknown>>;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly capped: Readonly<Record<string, unknown>>;
}

const dialects: readonly Dialect[] = [
  {
    path: '/chat/completions',
    say: (content) => ({ messages: [{ role: 'user', content }] }),
    tools: { tools: NAMES.map((name) => ({ type: 'function', function: { name, parameters: city } })) },
    thinking: { reasoning: { effort: 'low' } },
    schema: { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: city } } },
    capped: { max_tokens: 16 },
  },
  {
    path: '/messages',
    say: (content) => ({ max_tokens: 4_000, messages: [{ role: 'user', content }] }),
    tools: { tools: NAMES.map((name) => ({ name, input_schema: city })) },
    thinking: { thinking: { type: 'enabled', budget_tokens: 1_024 } },
    schema: { output_config: { format: { type: 'json_schema', schema: city } } },
    capped: { max_tokens: 16 },
  },
  {
    path: '/responses',
    say: (input) => ({ input }),
    tools: { tools: NAMES.map((name) => ({ type: 'function', strict: false, name, parameters: city })) },
    thinking: { reasoning: { effort: 'low', summary: 'auto' }, include: ['reasoning.encrypted_content'] },
    schema: { text: { format: { type: 'json_schema', name: 'answer', schema: city } } },
    capped: { max_output_tokens: 16 },
  },
];

/** A company, and its models that answer at once and that think first. */
export interface AskedCompany {
  readonly company: string;
  readonly instant: string;
  readonly reason: string;
  /** A model that is also served where nobody has credits. */
  readonly poor: string;
}

function answersOf({ path, say, tools, thinking, schema, capped }: Dialect, asked: AskedCompany): ContractAsk[] {
  const { company, instant, reason } = asked;
  const bodies = {
    text: { model: instant, ...say('Tell me about the sea.') },
    'a cut text': { model: instant, ...say('Tell me about the sea.'), ...capped },
    tools: { model: instant, ...say(TOOLS), ...tools },
    reasoning: { model: reason, ...say('Why is the sea salty?'), ...thinking },
    'reasoning and tools': { model: reason, ...say(TOOLS), ...thinking, ...tools },
    'JSON schema': { model: instant, ...say('A city.'), ...schema },
  };
  const asks = Object.entries(bodies).flatMap(([what, body]) =>
    [false, true].map((stream): ContractAsk => {
      const name = `${what} from ${company}, ${stream ? 'streamed' : 'whole'}`;
      return { name, method: 'post', path, status: 200, body: { ...body, stream, provider: { only: [company] } } };
    }),
  );
  const broken: ContractAsk = {
    name: `a stream of ${company} that breaks`,
    method: 'post',
    path,
    status: 200,
    fault: 'error-under-200-6',
    body: { ...bodies.text, stream: true, provider: { only: [company] } },
  };
  return [...asks, broken];
}

/** What every route that generates refuses. */
function errorsOf(path: string, body: ContractAsk['body'], asked: AskedCompany): ContractAsk[] {
  const common = { method: 'post', path } as const;
  const known = { model: asked.instant, provider: { only: [asked.company] }, ...body };
  return [
    { ...common, name: 'a malformed body', status: 400, body: { ...known, model: 5 } },
    { ...common, name: 'an unknown key', status: 401, key: 'unknown', body: known },
    {
      ...common,
      name: 'no credits',
      status: 402,
      key: 'poor',
      body: { ...known, provider: {}, model: asked.poor },
    },
    { ...common, name: 'an unknown model', status: 400, body: { ...known, model: 'nobody/nothing' } },
    { ...common, name: 'no such provider', status: 404, body: { ...known, provider: { only: ['nobody'] } } },
    { ...common, name: 'a busy provider', status: 429, fault: '429', body: known },
    { ...common, name: 'a provider that fails', status: 502, fault: '500', body: known },
  ];
}

/** What is asked on the routes that generate. */
export function generatingAsks(companies: readonly AskedCompany[]): ContractAsk[] {
  const [first] = companies;
  if (first === undefined) return [];
  return dialects.flatMap((dialect) => [
    ...companies.flatMap((company) => answersOf(dialect, company)),
    ...errorsOf(dialect.path, dialect.say('Hi'), first),
  ]);
}

/** What is asked of the embeddings. */
export function embeddingAsks(model: string): ContractAsk[] {
  const common = { method: 'post', path: '/embeddings' } as const;
  const asked = { company: 'sandbox-north', instant: model, reason: model, poor: model };
  return [
    { ...common, name: 'one text', status: 200, body: { model, input: 'The sea.' } },
    {
      ...common,
      name: 'two texts in base64',
      status: 200,
      body: { model, input: ['a', 'b'], encoding_format: 'base64' },
    },
    ...errorsOf('/embeddings', { input: 'Hi' }, asked),
  ];
}

/** What is asked of the catalog. */
export function catalogAsks(model: string): ContractAsk[] {
  const endpoints = '/models/{author}/{slug}/endpoints';
  return [
    { name: 'the models', method: 'get', path: '/models', status: 200 },
    {
      name: 'models of an unknown kind',
      method: 'get',
      path: '/models',
      url: '/models?output_modalities=x',
      status: 400,
    },
    {
      name: 'a page of every kind',
      method: 'get',
      path: '/models',
      url: '/models?output_modalities=all&limit=1000',
      status: 200,
    },
    { name: 'in an unknown order', method: 'get', path: '/models', url: '/models?sort=x', status: 400 },
    { name: 'how many', method: 'get', path: '/models/count', status: 200 },
    {
      name: 'how many of an unknown kind',
      method: 'get',
      path: '/models/count',
      url: '/models/count?zdr=x',
      status: 400,
    },
    { name: 'those of the key', method: 'get', path: '/models/user', status: 200 },
    { name: 'those of an unknown key', method: 'get', path: '/models/user', status: 401, key: 'unknown' },
    { name: 'one', method: 'get', path: '/model/{author}/{slug}', url: `/model/${model}:nitro`, status: 200 },
    {
      name: 'one that is not there',
      method: 'get',
      path: '/model/{author}/{slug}',
      url: '/model/nobody/nothing',
      status: 404,
    },
    { name: 'endpoints that keep nothing', method: 'get', path: '/endpoints/zdr', status: 200 },
    { name: 'embedding models', method: 'get', path: '/embeddings/models', status: 200 },
    { name: 'the providers', method: 'get', path: '/providers', status: 200 },
    {
      name: 'the endpoints of a model',
      method: 'get',
      path: endpoints,
      url: `/models/${model}/endpoints`,
      status: 200,
    },
    {
      name: 'of an unknown model',
      method: 'get',
      path: endpoints,
      url: '/models/nobody/nothing/endpoints',
      status: 404,
    },
  ];
}

/** What is asked about an account. `hash` is a key's. */
export function accountAsks(hash: string): ContractAsk[] {
  const key = 'management';
  const one = { path: '/keys/{hash}', url: `/keys/${hash}`, key } as const;
  return [
    { name: 'the key itself', method: 'get', path: '/key', status: 200 },
    { name: 'an unknown key', method: 'get', path: '/key', status: 401, key: 'unknown' },
    { name: 'the credits', method: 'get', path: '/credits', status: 200, key },
    { name: 'of an unknown key', method: 'get', path: '/credits', status: 401, key: 'unknown' },
    { name: 'an unknown generation', method: 'get', path: '/generation', url: '/generation?id=gen-1', status: 404 },
    { name: 'all keys', method: 'get', path: '/keys', status: 200, key },
    { name: 'all keys, of an unknown key', method: 'get', path: '/keys', status: 401, key: 'unknown' },
    {
      name: 'a new key',
      method: 'post',
      path: '/keys',
      status: 201,
      key,
      body: { name: 'new', limit: 5, limit_reset: 'daily' },
    },
    { name: 'a new key without a name', method: 'post', path: '/keys', status: 400, key, body: {} },
    { ...one, name: 'one key', method: 'get', status: 200 },
    { ...one, name: 'one key that nobody has', url: `/keys/${'0'.repeat(64)}`, method: 'get', status: 404 },
    { ...one, name: 'a changed key', method: 'patch', status: 200, body: { limit: null, disabled: true } },
    { ...one, name: 'a deleted key', method: 'delete', status: 200 },
  ];
}
