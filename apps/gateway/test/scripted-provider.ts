import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What a scripted provider does with one call. `body` is the parsed request. */
export type Script = (call: {
  readonly body: Record<string, unknown>;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}) => void | Promise<void>;

/** A provider over a real socket that does exactly what a test says, and counts. */
export interface ScriptedProvider {
  readonly url: string;
  script: Script;
  /** `body` is the parsed JSON, empty for a form; `raw` is what came. */
  readonly calls: {
    readonly body: Record<string, unknown>;
    readonly headers: IncomingMessage['headers'];
    readonly raw: Buffer;
  }[];
  /** Calls whose connection the gateway closed before the answer was finished. */
  aborted: number;
  readonly openSockets: () => number;
  close(): Promise<void>;
}

const encodeChunk = (fields: object): string =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'up', ...fields })}\n\n`;

/** Frames of a stream in OpenAI's dialect. */
export const frames = {
  role: encodeChunk({ choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] }),
  text: (content: string) => encodeChunk({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }),
  finish: encodeChunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
  usage: (input: number, output: number) =>
    encodeChunk({
      choices: [],
      usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
    }),
  done: 'data: [DONE]\n\n',
};

/** Starts an event stream. */
export function beginStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
}

/** A whole answer of "hello" with 10 input and 5 output tokens, streamed or not as asked. */
export const hello: Script = ({ body, response }) => {
  if (body['stream'] === true) {
    beginStream(response);
    response.end(
      [frames.role, frames.text('hel'), frames.text('lo'), frames.finish, frames.usage(10, 5), frames.done].join(''),
    );
    return;
  }
  const answer = {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'up',
    choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
    unknown_field: { kept: 1.0 },
  };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
};

/** Answers with a status and an OpenAI-shaped error. */
export function refuse(status: number, headers: Record<string, string> = {}): Script {
  return ({ response }) => {
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify({ error: { message: `upstream says ${status}`, type: 'error', param: null, code: null } }));
  };
}

/** A provider that listens on a free port and says hello until told otherwise. */
export async function startScriptedProvider(): Promise<ScriptedProvider> {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const isForm = request.headers['content-type']?.startsWith('multipart/') === true;
      const body = isForm ? {} : JSON.parse(raw.toString('utf8'));
      provider.calls.push({ body, headers: request.headers, raw });
      response.on('close', () => {
        if (!response.writableFinished) provider.aborted += 1;
      });
      void provider.script({ body, request, response });
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  const provider: ScriptedProvider = {
    url: `http://127.0.0.1:${port}`,
    script: hello,
    calls: [],
    aborted: 0,
    openSockets: () => sockets.size,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return provider;
}
