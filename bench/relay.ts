import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent } from 'undici';

// The baseline: what a relay on Node costs that does the least a gateway can do. It knows the key by its hash, passes the request
// on, passes the answer back, and has read the usage by the end. No accounts, no money, no limits.

const upstream = process.env['BENCH_UPSTREAM'] ?? '';
const known = new Set([process.env['BENCH_KEY_HASH']]);
const agent = new Agent({ connections: 1_024, pipelining: 1 });
const TAIL_BYTES = 2_048;
let tokens = 0;

function countUsage(text: string): void {
  const at = text.lastIndexOf('"usage":{');
  const end = text.indexOf('}', at);
  if (at === -1 || end === -1) return;
  const usage: unknown = JSON.parse(text.slice(at + '"usage":'.length, end + 1));
  if (typeof usage === 'object' && usage !== null) tokens += Number(Reflect.get(usage, 'total_tokens'));
}

function isKnown(request: IncomingMessage): boolean {
  const key = (request.headers.authorization ?? '').slice('Bearer '.length);
  return known.has(createHash('sha256').update(key).digest('hex'));
}

function relay(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  let tail: Buffer = Buffer.alloc(0);
  let isGone = false;
  let abort: (() => void) | undefined;
  response.on('close', () => {
    isGone = true;
    if (!response.writableFinished) abort?.();
  });
  agent.dispatch(
    {
      origin: upstream,
      path: request.url ?? '/',
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer sk-upstream' },
      body,
    },
    {
      onRequestStart: (controller) => {
        abort = () => controller.abort(new Error('the reader left'));
        if (isGone) abort();
      },
      onResponseStart: (_controller, status, headers) => {
        const length = headers['content-length'];
        response.writeHead(status, {
          'content-type': String(headers['content-type']),
          ...(length === undefined ? {} : { 'content-length': String(length) }),
        });
      },
      onResponseData: (controller, chunk) => {
        tail = chunk.byteLength >= TAIL_BYTES ? chunk : Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES);
        if (!response.write(chunk)) {
          controller.pause();
          response.once('drain', () => controller.resume());
        }
      },
      onResponseEnd: () => {
        countUsage(tail.toString('latin1'));
        response.end();
      },
      onResponseError: () => void response.destroy(),
    },
  );
}

const server = createServer((request, response) => {
  response.on('error', () => undefined); // a reader that left
  if (!isKnown(request)) {
    response.writeHead(401).end();
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => relay(request, response, Buffer.concat(chunks)));
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') process.send?.({ port: address?.port });
});
process.on('message', (message) => {
  if (message === 'tokens') process.send?.({ tokens });
});
