import { isJsonObject, type JsonObject, type JsonValue } from '@bourse/generation';
import { parseJson } from './parse-json.ts';
import { wordTable } from './word-table.ts';

/** A provider's "no", classified. `status` is the HTTP status (0 = no answer at all). */
export interface ProviderFailure {
  readonly kind:
    | 'invalid_request'
    | 'context_length_exceeded'
    | 'unauthenticated'
    | 'payment_required'
    | 'forbidden'
    | 'not_found'
    | 'rate_limited'
    | 'overloaded'
    | 'server_error'
    | 'timeout'
    | 'connection_failed'
    | 'invalid_response';
  readonly status: number;
  /** The provider's own sentence, cut to 500 characters; shown to the customer only for 4xx caused by the request. */
  readonly message: string;
  /** The provider's own code, when it gave one. */
  readonly code: string | null;
  readonly retryAfterSeconds: number | null;
}

type FailureKind = ProviderFailure['kind'];

const MESSAGE_LENGTH_MAX = 500;
const RETRY_AFTER_SECONDS_MAX = 86_400;

const KIND_BY_STATUS: Readonly<Record<number, FailureKind>> = {
  0: 'connection_failed',
  401: 'unauthenticated',
  402: 'payment_required',
  403: 'forbidden',
  404: 'not_found',
  408: 'timeout',
  409: 'server_error', // Providers answer 409 for a lock that another call holds: a retry may help.
  429: 'rate_limited',
  498: 'overloaded', // Groq: flex capacity exceeded (its error guide, 2026).
  503: 'overloaded',
  504: 'timeout',
  522: 'connection_failed',
  523: 'connection_failed',
  524: 'timeout',
  529: 'overloaded', // Anthropic's word for it; gateways pass it on.
};

/** Codes and types that say more than the status that they come with. */
const CODES = {
  context_length_exceeded: 'context_length_exceeded',
  insufficient_quota: 'payment_required',
  billing_hard_limit_reached: 'payment_required',
  insufficient_balance: 'payment_required',
  rate_limit_exceeded: 'rate_limited',
  rate_limit_error: 'rate_limited',
  overloaded: 'overloaded',
  overloaded_error: 'overloaded',
  provider_overloaded: 'overloaded',
  server_overloaded: 'overloaded',
} as const satisfies Record<string, FailureKind>;
const KIND_BY_CODE = wordTable<FailureKind>(CODES);

/** Codes that count only when there is no status to go by: a failure under 200 or in a stream. */
const KIND_BY_CODE_WITHOUT_STATUS = wordTable<FailureKind>({
  ...CODES,
  invalid_request_error: 'invalid_request',
  invalid_request: 'invalid_request',
  authentication_error: 'unauthenticated',
  invalid_api_key: 'unauthenticated',
  permission_error: 'forbidden',
  not_found_error: 'not_found',
  model_not_found: 'not_found',
  timeout: 'timeout',
  timeout_error: 'timeout',
});

const CONTEXT_TOO_LONG =
  /maximum context length|context (length|window)|context_length|prompt is too long|input is too long|too many (input )?tokens|exceeds? the (model'?s )?(maximum )?(context|number of (input )?tokens)/i;

/** Account names and secrets that providers put into their sentences; nobody outside may read them. */
const SECRETS =
  /\b(?:sk|pk|gsk|xai|key|csk|fw|tgp|hf|r8|nvapi)[-_][A-Za-z0-9_*.-]{6,}|\b(?:org|proj|acct|user)[-_][A-Za-z0-9]{6,}|Bearer\s+\S+|https?:\/\/(?:10|127|192\.168|172\.(?:1[6-9]|2\d|3[01])|localhost)[^\s"']*/g;

function clean(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed.
  const printable = text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g, ' ').trim();
  return printable
    .slice(0, 4 * MESSAGE_LENGTH_MAX)
    .replace(SECRETS, '[redacted]')
    .slice(0, MESSAGE_LENGTH_MAX);
}

function isHtml(body: string): boolean {
  return /^\s*<(?:!doctype|html|head|body|h1|center)/i.test(body.slice(0, 500));
}

function parseObject(text: string): JsonObject | null {
  const parsed = parseJson(text);
  if (isJsonObject(parsed)) return parsed;
  return Array.isArray(parsed) && isJsonObject(parsed[0]) ? parsed[0] : null;
}

/** How deep a sentence may hide: real servers nest twice, and a hostile one must not exhaust our stack. */
const SENTENCE_DEPTH_MAX = 4;

/** A sentence, wherever it is: FastAPI answers `detail` as text or as a list of `{msg}`, Mistral puts that into `message`. */
function sentenceOf(value: JsonValue | undefined, depth = 0): string | null {
  if (typeof value === 'string') return value;
  if (depth >= SENTENCE_DEPTH_MAX) return null;
  if (Array.isArray(value)) {
    const sentences = value.map((entry: JsonValue) =>
      isJsonObject(entry) ? sentenceOf(entry['msg'], depth + 1) : null,
    );
    return sentences.filter((sentence) => sentence !== null).join(' ') || null;
  }
  if (!isJsonObject(value)) return null;
  return sentenceOf(value['message'], depth + 1) ?? sentenceOf(value['detail'], depth + 1);
}

function wordOf(value: JsonValue | undefined): string | null {
  return typeof value === 'string' && value !== ''
    ? value.slice(0, 100)
    : typeof value === 'number'
      ? `${value}`
      : null;
}

/** What OpenAI-like servers say in an error body, wherever they put it. */
interface ErrorFacts {
  readonly message: string | null;
  readonly words: readonly string[];
  /** An HTTP status given inside of the body. */
  readonly status: number | null;
}

function errorFacts(body: JsonObject): ErrorFacts {
  const inner = isJsonObject(body['error']) ? body['error'] : body;
  const message =
    sentenceOf(inner['message']) ??
    sentenceOf(body['error']) ??
    sentenceOf(body['detail']) ??
    sentenceOf(body['message']);
  const words = [wordOf(inner['code']), wordOf(inner['type']), wordOf(inner['status'])].filter((word) => word !== null);
  const status = [inner['code'], inner['status'], body['status']]
    .map((value) => (typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value))
    .find((value) => typeof value === 'number' && value >= 400 && value <= 599);
  return { message, words, status: typeof status === 'number' ? status : null };
}

function kindOf(status: number, facts: ErrorFacts): FailureKind {
  const table = status >= 400 ? KIND_BY_CODE : KIND_BY_CODE_WITHOUT_STATUS;
  const isServerError = status >= 500;
  const byCode = facts.words.map((word) => table.get(word)).find((kind) => kind !== undefined);
  if (byCode && !isServerError) return byCode;
  const byStatus = KIND_BY_STATUS[status];
  if (byStatus) return byStatus;
  if (isServerError) return 'server_error';
  if (status < 400) return facts.message === null ? 'invalid_response' : 'server_error';
  return CONTEXT_TOO_LONG.test(facts.message ?? '') ? 'context_length_exceeded' : 'invalid_request';
}

/** Seconds until a retry. A date is read against the answer's own `date` header: this floor has no clock. */
function retryAfterSeconds(headers: Readonly<Record<string, string | undefined>>): number | null {
  const milliseconds = headers['retry-after-ms'];
  const after = headers['retry-after'];
  let seconds = Number.NaN;
  if (milliseconds !== undefined && /^\d{1,12}(\.\d+)?$/.test(milliseconds)) seconds = Number(milliseconds) / 1000;
  else if (after !== undefined && /^\d{1,9}(\.\d+)?$/.test(after.trim())) seconds = Number(after);
  else if (after !== undefined) seconds = (Date.parse(after) - Date.parse(headers['date'] ?? '')) / 1000;
  return Number.isFinite(seconds) ? Math.min(Math.max(Math.ceil(seconds), 0), RETRY_AFTER_SECONDS_MAX) : null;
}

/** A failure from an error body that was found inside of a 200 answer or a stream. `status` is what the body says, or 200. */
export function failureInBody(body: JsonObject): ProviderFailure {
  const facts = errorFacts(body);
  const status = facts.status ?? 200;
  const kind = kindOf(status, facts);
  return {
    kind: kind === 'invalid_response' ? 'server_error' : kind,
    status,
    message: clean(facts.message ?? 'The provider reported an error without a message.'),
    code: facts.words[0] ?? null,
    retryAfterSeconds: null,
  };
}

/** A failure for bytes that are not what they should be. */
export function invalidResponse(message: string): ProviderFailure {
  return { kind: 'invalid_response', status: 200, message, code: null, retryAfterSeconds: null };
}

/** Classifies a provider's "no": JSON of OpenAI's form or its relatives, an HTML page, or nothing at all. Never throws. */
export function decodeError(
  status: number,
  body: string,
  headers: Readonly<Record<string, string | undefined>>,
): ProviderFailure {
  const parsed = parseObject(body);
  const facts: ErrorFacts = parsed ? errorFacts(parsed) : { message: null, words: [], status: null };
  const plain = body.trim() === '' ? 'an empty body' : isHtml(body) ? 'an HTML page' : null;
  const sentence = plain ? `The provider answered ${status} with ${plain}.` : body;
  const effective = status < 400 && facts.status !== null ? facts.status : status;
  return {
    kind: kindOf(effective, facts),
    status: effective,
    message: clean(facts.message ?? sentence),
    code: facts.words[0] ?? null,
    retryAfterSeconds: retryAfterSeconds(headers),
  };
}
