import { type Completion, completionBody, completionFrames } from './completion.ts';
import type { ErrorBody } from './errors.ts';
import type { CutFault, InsteadFault } from './faults.ts';
import type { Script, Step } from './play.ts';

const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, must-revalidate',
  connection: 'keep-alive',
};
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

const OVERLOADED: ErrorBody = {
  error: {
    message: 'The server had an error while processing your request. Sorry about that!',
    type: 'server_error',
    param: null,
    code: null,
  },
};

const frame = (json: string, tokens = 0): Step => ({ kind: 'write', text: `data: ${json}\n\n`, tokens });
const whole = (status: number, headers: Readonly<Record<string, string>>, text: string): Script => ({
  status,
  headers: { ...headers, 'content-length': String(Buffer.byteLength(text)) },
  steps: [{ kind: 'write', text, tokens: 0 }],
  tokensBefore: 0,
});

/** A JSON answer in one piece, such as an error. */
export function jsonScript(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Script {
  return whole(status, { ...JSON_HEADERS, ...headers }, JSON.stringify(body));
}

/** How a stream goes wrong, and what of the rest still follows. */
function* brokenTail({ name }: CutFault, rest: Iterable<Step>): Generator<Step> {
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
      yield frame(JSON.stringify(OVERLOADED));
      break;
    case 'bad-json':
      yield frame('{"id":"chatcmpl-broken","object":"chat.completion.chunk","choices":[{"index":0,"del');
      yield* rest;
      break;
  }
}

function* streamSteps(completion: Completion, includeUsage: boolean): Generator<Step> {
  for (const { json, tokens } of completionFrames(completion, includeUsage)) yield frame(json, tokens);
  yield frame('[DONE]');
}

function* brokenStream(fault: CutFault, steps: Generator<Step>): Generator<Step> {
  for (let written = 0; written < fault.parameter; written += 1) {
    const step = steps.next();
    if (step.done) return;
    yield step.value;
  }
  yield* brokenTail(fault, steps);
}

/** A streamed answer, with a fault that strikes in the middle of it when there is one. */
export function streamScript(completion: Completion, includeUsage: boolean, fault: CutFault | undefined): Script {
  const good = streamSteps(completion, includeUsage);
  const steps = fault === undefined ? good : brokenStream(fault, good);
  return { status: 200, headers: STREAM_HEADERS, steps, tokensBefore: 0 };
}

/** A whole answer; a fault of the middle strikes after half of the body. */
export function bodyScript(completion: Completion, fault: CutFault | undefined): Script {
  const text = completionBody(completion);
  const tokensBefore = completion.choices.reduce((most, choice) => Math.max(most, choice.completionTokens), 0);
  const half: Step = { kind: 'write', text: text.slice(0, text.length / 2), tokens: 0 };
  const good = { ...whole(200, JSON_HEADERS, text), tokensBefore };
  if (fault === undefined) return good;
  switch (fault.name) {
    case 'error-under-200':
      return jsonScript(200, OVERLOADED);
    // The whole length is announced, so the client knows that something is missing.
    case 'hang-mid-stream':
      return { ...good, steps: [half, { kind: 'hang' }] };
    case 'reset-mid-stream':
      return { ...good, steps: [half, { kind: 'reset' }] };
    // No length is announced: the answer looks complete, and only its JSON is not.
    case 'truncated':
    case 'bad-json':
      return { ...good, headers: JSON_HEADERS, steps: [half] };
  }
}

const refusal = (message: string, type: string, code: string | null): ErrorBody => ({
  error: { message, type, param: null, code },
});

/** The exchange that a fault plays instead of any answer. */
export function faultScript({ name, parameter }: InsteadFault, model: string): Script {
  switch (name) {
    case '400':
      return jsonScript(400, refusal('The request was refused by the sandbox.', 'invalid_request_error', null));
    case '401':
      return jsonScript(401, refusal('Incorrect API key provided.', 'invalid_request_error', 'invalid_api_key'));
    case '403':
      return jsonScript(403, refusal(`Your key may not use ${model}.`, 'invalid_request_error', 'model_not_allowed'));
    case '404':
      return jsonScript(
        404,
        refusal(`The model \`${model}\` does not exist.`, 'invalid_request_error', 'model_not_found'),
      );
    case '429': {
      const body = refusal(`Rate limit reached for ${model}. Try again later.`, 'requests', 'rate_limit_exceeded');
      return jsonScript(429, body, { 'retry-after': String(parameter), 'retry-after-ms': String(parameter * 1_000) });
    }
    case '500':
      return jsonScript(500, OVERLOADED);
    case '502':
      return jsonScript(502, refusal('Bad gateway.', 'server_error', null));
    case '503':
    case '529':
      return jsonScript(
        Number(name),
        refusal('The engine is currently overloaded, please try again later.', 'server_error', null),
      );
    case 'html':
      return whole(parameter, { 'content-type': 'text/html' }, HTML_PAGE);
    case 'hang':
      return { status: null, headers: {}, steps: [{ kind: 'hang' }], tokensBefore: 0 };
    case 'reset':
      return { status: null, headers: {}, steps: [{ kind: 'reset' }], tokensBefore: 0 };
  }
}
