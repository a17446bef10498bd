import type { ChatRequest } from './chat-request.ts';
import type { Completion } from './completion.ts';
import type { Dialect } from './dialect.ts';
import { ProviderError } from './errors.ts';
import type { CutFault, InsteadFault } from './faults.ts';
import type { Script, Step } from './play.ts';

const JSON_HEADERS = { 'content-type': 'application/json' };

const HTML_PAGE = `<!DOCTYPE html>
<html>
<head><title>502 Bad Gateway</title></head>
<body>
<center><h1>502 Bad Gateway</h1></center>
<hr><center>sandbox</center>
</body>
</html>
`;

const OVERLOADED = new ProviderError(500, {
  message: 'The server had an error while processing your request. Sorry about that!',
  type: 'server_error',
});

const whole = (status: number, headers: Readonly<Record<string, string>>, body: string | Uint8Array): Script => ({
  status,
  headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
  steps: [{ kind: 'write', bytes: body, tokens: 0 }],
  tokensBefore: 0,
});

/** A refusal in the words of an API. */
export function errorScript(error: ProviderError, { errorBody, errorHeaders }: Dialect): Script {
  const headers = { ...JSON_HEADERS, ...error.headers, ...errorHeaders?.(error) };
  return whole(error.status, headers, JSON.stringify(errorBody(error)));
}

/** How a stream goes wrong, and what of the rest still follows. */
function* brokenTail({ name }: CutFault, rest: Iterable<Step>, dialect: Dialect): Generator<Step> {
  switch (name) {
    case 'hang-mid-stream':
      yield { kind: 'hang' };
      break;
    case 'reset-mid-stream':
      yield { kind: 'reset' };
      break;
    case 'truncated':
      break;
    case 'error-under-200':
      yield dialect.errorStep(OVERLOADED);
      break;
    case 'bad-json':
      yield dialect.brokenStep;
      yield* rest;
      break;
  }
}

function* brokenStream(fault: CutFault, steps: Generator<Step>, dialect: Dialect): Generator<Step> {
  for (let written = 0; written < fault.parameter; written += 1) {
    const step = steps.next();
    if (step.done) return;
    yield step.value;
  }
  yield* brokenTail(fault, steps, dialect);
}

/** An answer before it is written. */
export type Composed = { readonly completion: Completion; readonly request: ChatRequest; readonly dialect: Dialect };

/** A streamed answer, with a fault that strikes in the middle of it when there is one. */
export function streamScript({ completion, request, dialect }: Composed, fault: CutFault | undefined): Script {
  const good = dialect.steps(completion, request);
  const steps = fault === undefined ? good : brokenStream(fault, good, dialect);
  return { status: 200, headers: dialect.streamHeaders, steps, tokensBefore: 0 };
}

/** What is to be answered in one piece. */
export type WholeAnswer = {
  readonly contentType: string;
  readonly body: string | Uint8Array;
  /** Tokens to wait for before the first byte. */
  readonly tokensBefore: number;
};

/** A whole answer of any kind; a fault of the middle strikes after half of the body. */
export function wholeScript(answer: WholeAnswer, fault: CutFault | undefined, dialect: Dialect): Script {
  const { contentType, body, tokensBefore } = answer;
  const headers = { 'content-type': contentType };
  const half: Step = { kind: 'write', bytes: body.slice(0, body.length / 2), tokens: 0 };
  const good = { ...whole(200, headers, body), tokensBefore };
  if (fault === undefined) return good;
  switch (fault.name) {
    case 'error-under-200':
      return whole(200, JSON_HEADERS, JSON.stringify(dialect.errorBody(OVERLOADED)));
    // The whole length is announced, so the client knows that something is missing.
    case 'hang-mid-stream':
      return { ...good, steps: [half, { kind: 'hang' }] };
    case 'reset-mid-stream':
      return { ...good, steps: [half, { kind: 'reset' }] };
    // No length is announced: the answer looks complete, and only its JSON is not.
    case 'truncated':
    case 'bad-json':
      return { ...good, headers, steps: [half] };
  }
}

/** A whole answer of a conversation, like `wholeScript`. */
export function bodyScript({ completion, request, dialect }: Composed, fault: CutFault | undefined): Script {
  const body = dialect.body(completion, request);
  const tokensBefore = completion.choices.reduce((most, choice) => Math.max(most, choice.completionTokens), 0);
  return wholeScript({ contentType: 'application/json', body, tokensBefore }, fault, dialect);
}

/** The refusal that a fault stands for; null for those that are no refusals. */
function refusalOf({ name, parameter }: InsteadFault, model: string): ProviderError | null {
  switch (name) {
    case '400':
      return new ProviderError(400, { message: 'The request was refused by the sandbox.' });
    case '401':
      return new ProviderError(401, { message: 'Incorrect API key provided.', code: 'invalid_api_key' });
    case '403':
      return new ProviderError(403, { message: `Your key may not use ${model}.`, code: 'model_not_allowed' });
    case '404':
      return new ProviderError(404, { message: `The model \`${model}\` does not exist.`, code: 'model_not_found' });
    case '429': {
      const message = `Rate limit reached for ${model}. Try again later.`;
      const headers = { 'retry-after': String(parameter), 'retry-after-ms': String(parameter * 1_000) };
      return new ProviderError(429, { message, type: 'requests', code: 'rate_limit_exceeded' }, headers);
    }
    case '500':
      return OVERLOADED;
    case '502':
      return new ProviderError(502, { message: 'Bad gateway.', type: 'server_error' });
    case '503':
    case '529': {
      const message = 'The engine is currently overloaded, please try again later.';
      return new ProviderError(Number(name), { message, type: 'server_error' });
    }
    case 'html':
    case 'hang':
    case 'reset':
      return null;
  }
}

/** The exchange that a fault plays instead of any answer. */
export function faultScript(fault: InsteadFault, model: string, dialect: Dialect): Script {
  const refusal = refusalOf(fault, model);
  if (refusal !== null) return errorScript(refusal, dialect);
  if (fault.name === 'html') return whole(fault.parameter, { 'content-type': 'text/html' }, HTML_PAGE);
  const kind = fault.name === 'hang' ? 'hang' : 'reset';
  return { status: null, headers: {}, steps: [{ kind }], tokensBefore: 0 };
}
