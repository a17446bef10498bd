import { createServer, type ServerResponse } from 'node:http';
import { BODY, EVENTS } from './answers.ts';

// The instant upstream: a provider that costs as little as one can, in the OpenAI dialect, on any path.

const paceMs = Number(process.env['BENCH_PACE_MS'] ?? '10');
const IDLE_EVENTS = 2;
const everything = Buffer.concat(EVENTS);

function playPaced(response: ServerResponse): void {
  let at = 0;
  const timer = setInterval(() => {
    response.write(EVENTS[at]);
    at += 1;
    if (at === EVENTS.length) {
      clearInterval(timer);
      response.end();
    }
  }, paceMs);
  response.on('close', () => clearInterval(timer));
}

/** Streams that said their first words and wait to be told to go on. */
const waiting = new Set<ServerResponse>();

function playIdle(response: ServerResponse): void {
  response.write(Buffer.concat(EVENTS.slice(0, IDLE_EVENTS)));
  waiting.add(response);
  response.on('close', () => waiting.delete(response));
}

process.on('message', (message) => {
  if (message !== 'finish') return;
  const finished = waiting.size;
  for (const response of waiting) response.end(Buffer.concat(EVENTS.slice(IDLE_EVENTS)));
  process.send?.({ finished });
});

function answer(body: string, response: ServerResponse): void {
  if (!body.includes('"stream":true')) {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': BODY.byteLength });
    response.end(BODY);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  if (body.includes('play paced')) playPaced(response);
  else if (body.includes('play idle')) playIdle(response);
  else response.end(everything);
}

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => {
    body += chunk;
  });
  request.on('end', () => answer(body, response));
  response.on('error', () => undefined); // a reader that left
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') process.send?.({ port: address?.port });
});
