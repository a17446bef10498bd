import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';

/** Serves one route over a real socket, as Next would, and keeps what it answered. */
export interface WebhookServer {
  readonly url: string;
  readonly statuses: readonly number[];
  stop(): Promise<void>;
}

/** Listens on a port of its own. */
export async function serveWebhook(route: (request: Request) => Promise<Response>): Promise<WebhookServer> {
  const statuses: number[] = [];
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const answer = await route(await requestOf(incoming));
      statuses.push(answer.status);
      outgoing.writeHead(answer.status).end(await answer.text());
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/api/stripe/webhook`,
    statuses,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function requestOf(incoming: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]);
  return new Request('http://127.0.0.1/api/stripe/webhook', { method: 'POST', headers, body: Buffer.concat(chunks) });
}
