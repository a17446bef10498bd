import { errorTable } from '@bourse/errors';

/** Headers that belong to one connection, or that `fetch` sets for its own. */
const notForwarded = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What describes the bytes of the inner hop: `fetch` has undone its encoding, so length and encoding no longer hold. */
const notReturned = new Set(['connection', 'content-encoding', 'content-length', 'keep-alive', 'transfer-encoding']);

/**
 * Passes a request on to the gateway and its answer back, both as streams. When the visitor hangs up, the gateway's request is
 * aborted, so that a generation nobody reads is not paid for longer than needed. An unreachable gateway is a 503 in the API's
 * own error shape. The caller's cookies stay here: the API knows keys only.
 */
export async function forwardToGateway(
  request: Request,
  deps: { gatewayUrl: string; fetch: typeof fetch },
): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD' && request.body !== null;
  try {
    const answer = await deps.fetch(deps.gatewayUrl + pathname + search, {
      method: request.method,
      headers: requestHeaders(request),
      redirect: 'manual',
      signal: request.signal,
      ...(hasBody ? { body: request.body, duplex: 'half' } : {}),
    });
    return new Response(answer.body, { status: answer.status, headers: answerHeaders(answer) });
  } catch {
    // Nothing is lost by not looking: an aborted request has no reader, and every other cause is one fact for the caller.
    return unreachable();
  }
}

function requestHeaders(request: Request): Headers {
  const headers = new Headers();
  for (const [name, value] of request.headers) {
    if (!notForwarded.has(name) && name !== 'cookie') headers.set(name, value);
  }
  // Compressed events would be held back until a block is full; the inner hop is short and goes uncompressed.
  headers.set('accept-encoding', 'identity');
  return headers;
}

function answerHeaders(answer: Response): Headers {
  const headers = new Headers();
  for (const [name, value] of answer.headers) {
    if (!notReturned.has(name)) headers.append(name, value);
  }
  const isEventStream = headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  if (isEventStream) {
    // `no-transform` keeps Next and proxies in front from compressing, which would hold events back.
    headers.set('cache-control', 'no-cache, no-transform');
    headers.set('x-accel-buffering', 'no');
  }
  return headers;
}

function unreachable(): Response {
  const { status, type } = errorTable.service_unavailable;
  const message = 'The gateway cannot be reached. Try again in a moment.';
  const error = { code: status, message, type, param: null, metadata: { error_type: type } };
  return Response.json({ error }, { status, headers: { 'cache-control': 'no-store', 'retry-after': '5' } });
}
