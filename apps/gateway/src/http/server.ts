import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { GatewayApp } from '../app-env.ts';

const HEADERS_TIMEOUT_MS = 10_000;
const BODY_TIMEOUT_MS = 30_000;
/** Must exceed the idle timeout of load balancers in front, or they write to a socket that we are closing. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
const HEADER_BYTES_MAX = 16 * 1024;
const HEADERS_MAX = 100;

const PARSER_STATUS: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time.'],
};

/** Node answers malformed HTTP without a body; clients of a JSON API get JSON. */
function answerMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] = PARSER_STATUS[error.code ?? ''] ?? [400, 'The request is not valid HTTP.'];
  const body = JSON.stringify({ error: { code: status, message, type: 'invalid_request', metadata: {} } });
  socket.end(
    `HTTP/1.1 ${status} Error\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

/** Answers one exchange whatever happens; its promise says only that the answer was sent. */
export type InferenceHandler = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;

/**
 * A Node server for the app with bounds on headers and time. Not listening yet. `inference` has the handlers of POSTs by exact path: they
 * read and write the exchange themselves, so the router would only stand in the way; any other spelling of their paths goes through it.
 */
export function createGatewayServer(app: GatewayApp, inference: ReadonlyMap<string, InferenceHandler>): Server {
  // The platform's own Request and Response stay in place: other libraries of the process know theirs by them.
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: BODY_TIMEOUT_MS,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      maxHeaderSize: HEADER_BYTES_MAX,
    },
    (request, response) => {
      const handler = request.method === 'POST' ? inference.get(request.url ?? '') : undefined;
      // It answers its own failures; its promise says only that the answer was sent.
      if (handler === undefined) void listener(request, response);
      else handler(request, response).catch(() => response.destroy());
    },
  );
  server.maxHeadersCount = HEADERS_MAX;
  server.on('clientError', answerMalformed);
  return server;
}
