import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { planAnswer } from './world/answer-plan.ts';

// The provider of a chaos run, in a process of its own: it outlives every gateway and remembers every generation that it began.
// POST .../chat/completions as OpenAI; GET /served tells all; POST /gate closes or opens the gate that answers of gated requests wait at.

/** What this provider did for one call. */
interface Served {
  readonly upstreamId: string;
  readonly nonce: string;
  isWhole: boolean;
}

const served: Served[] = [];
const GAP_MS = Number(process.env['CHAOS_GAP_MS'] ?? '4');
let gate = Promise.withResolvers<void>();

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function answerStream(response: ServerResponse, call: Served): Promise<void> {
  const { texts, usage } = planAnswer(call.nonce);
  const chunk = (fields: object): string =>
    `data: ${JSON.stringify({ id: call.upstreamId, object: 'chat.completion.chunk', created: 1, model: 'up', ...fields })}\n\n`;
  const delta = (content: object, reason: string | null): string =>
    chunk({ choices: [{ index: 0, delta: content, finish_reason: reason }] });
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(delta({ role: 'assistant', content: '' }, null));
  for (const content of texts) {
    await pause(GAP_MS);
    response.write(delta({ content }, null));
  }
  await pause(GAP_MS);
  response.end([delta({}, 'stop'), chunk({ choices: [], usage }), 'data: [DONE]\n\n'].join(''));
}

async function answerWhole(response: ServerResponse, call: Served): Promise<void> {
  const { texts, usage } = planAnswer(call.nonce);
  await pause(GAP_MS * 2);
  response.writeHead(200, { 'content-type': 'application/json' }).end(
    JSON.stringify({
      id: call.upstreamId,
      object: 'chat.completion',
      created: 1,
      model: 'up',
      choices: [{ index: 0, message: { role: 'assistant', content: texts.join('') }, finish_reason: 'stop' }],
      usage,
    }),
  );
}

async function complete(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body: unknown = JSON.parse(await bodyOf(request));
  const text = JSON.stringify(body);
  const nonce = /nonce=([0-9a-z.-]+)/.exec(text)?.[1] ?? 'none';
  const call: Served = { upstreamId: `up-${process.pid}-${served.length}`, nonce, isWhole: false };
  served.push(call);
  response.on('finish', () => {
    call.isWhole = true;
  });
  if (nonce.includes('gated')) await gate.promise;
  await (text.includes('"stream":true') ? answerStream : answerWhole)(response, call);
}

const server = createServer((request, response) => {
  response.on('error', () => undefined); // a gateway that was killed
  if (request.url === '/served') {
    response.end(JSON.stringify(served));
    return;
  }
  if (request.url === '/gate/open' || request.url === '/gate/close') {
    gate.resolve();
    if (request.url === '/gate/close') gate = Promise.withResolvers<void>();
    response.end('{}');
    return;
  }
  complete(request, response).catch(() => response.destroy());
});
server.listen(Number(process.env['CHAOS_PORT']), '127.0.0.1');
