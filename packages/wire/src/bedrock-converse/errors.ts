import { isJsonObject, type JsonObject } from '@bourse/generation';
import { parseJson } from '../parse-json.ts';
import { decodeError as decodeAnyError, type ProviderFailure } from '../provider-failure.ts';

type Kind = ProviderFailure['kind'];

/**
 * The exceptions of Converse and ConverseStream (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html) and
 * those of every AWS API (CommonErrors.html), read 2026-11. In a stream their names begin with a small letter.
 */
const EXCEPTIONS: ReadonlyMap<string, { readonly kind: Kind; readonly status: number }> = new Map(
  Object.entries({
    accessdenied: { kind: 'forbidden', status: 403 },
    expiredtoken: { kind: 'unauthenticated', status: 403 },
    incompletesignature: { kind: 'unauthenticated', status: 403 },
    internalserver: { kind: 'server_error', status: 500 },
    internalfailure: { kind: 'server_error', status: 500 },
    invalidclienttokenid: { kind: 'unauthenticated', status: 403 },
    invalidsignature: { kind: 'unauthenticated', status: 403 },
    missingauthenticationtoken: { kind: 'unauthenticated', status: 403 },
    modelerror: { kind: 'server_error', status: 424 },
    modelnotready: { kind: 'overloaded', status: 429 },
    modelstreamerror: { kind: 'server_error', status: 424 },
    modeltimeout: { kind: 'timeout', status: 408 },
    notauthorized: { kind: 'forbidden', status: 403 },
    optinrequired: { kind: 'forbidden', status: 403 },
    resourcenotfound: { kind: 'not_found', status: 404 },
    servicequotaexceeded: { kind: 'rate_limited', status: 400 },
    serviceunavailable: { kind: 'overloaded', status: 503 },
    throttling: { kind: 'rate_limited', status: 429 },
    toomanyrequests: { kind: 'rate_limited', status: 429 },
    unrecognizedclient: { kind: 'unauthenticated', status: 403 },
    validation: { kind: 'invalid_request', status: 400 },
  } as const),
);

const CONTEXT_TOO_LONG =
  /too long|context (?:length|limit|window)|too many (?:input )?tokens|exceeds? the (?:model'?s )?(?:maximum|context)|maximum (?:number of )?(?:input )?tokens/i;

/** A model that our account cannot call by this name is no fault of the request. */
const MODEL_IS_WRONG =
  /model identifier is invalid|on-demand throughput|inference profile|model ID .* (?:isn't|is not) supported/i;

/** Names of accounts, roles and resources; nobody outside may read them. */
const RESOURCE_NAMES = /arn:aws[A-Za-z-]*:[^\s"',]*|\b\d{12}\b/g;

function textAt(object: JsonObject, ...keys: readonly string[]): string | null {
  for (const key of keys) {
    const value = object[key];
    if (typeof value === 'string' && value !== '') return value;
  }
  return null;
}

/** `com.amazon.coral.service#ThrottlingException:http://...` is a ThrottlingException. */
function bareName(name: string): string {
  return (name.split('#').at(-1) ?? '').split(':')[0] ?? '';
}

function knownException(name: string) {
  const word = name.replace(/Exception$/, '').toLowerCase();
  return EXCEPTIONS.get(word) ?? EXCEPTIONS.get(word.replace(/error$/, ''));
}

function kindOf(known: Kind, message: string): Kind {
  if (known !== 'invalid_request') return known;
  if (MODEL_IS_WRONG.test(message)) return 'not_found';
  return CONTEXT_TOO_LONG.test(message) ? 'context_length_exceeded' : known;
}

/** Classifies Converse's "no": the exception's name is in a header or in the body. Never throws. */
export function decodeError(
  status: number,
  body: string,
  headers: Readonly<Record<string, string | undefined>>,
): ProviderFailure {
  const parsed = parseJson(body);
  const facts = isJsonObject(parsed) ? parsed : {};
  const name = bareName(headers['x-amzn-errortype'] ?? textAt(facts, '__type', 'code', 'type') ?? '');
  const message = textAt(facts, 'message', 'Message');
  const known = knownException(name);
  const clean = (text: string) => text.replace(RESOURCE_NAMES, '[redacted]');
  const told =
    message === null && known === undefined ? clean(body) : JSON.stringify({ message: clean(message ?? name) });
  const general = decodeAnyError(status < 400 && known !== undefined ? known.status : status, told, headers);
  const kind = known?.kind ?? general.kind;
  return { ...general, kind: kindOf(kind, general.message), code: name === '' ? general.code : name.slice(0, 100) };
}

/** A failure that came as a frame of a stream, with its name in `__type`. */
export function failureInFrame(data: string): ProviderFailure {
  const failure = decodeError(200, data, {});
  return failure.kind === 'invalid_response' ? { ...failure, kind: 'server_error' } : failure;
}
