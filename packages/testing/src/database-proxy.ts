import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a database that can be damaged: what a network does to connections, done on purpose. */
export interface DatabaseProxy {
  /** The same database by way of the proxy. */
  readonly url: string;
  /** Cuts the connections that listen for notices; new ones work. */
  cutNotices(): void;
  /** Lets nothing more through on the connections that listen for notices, and tells nobody; new ones work. */
  silenceNotices(): void;
  close(): Promise<void>;
}

interface Link {
  readonly client: Socket;
  readonly server: Socket;
  isListening: boolean;
}

function connectThrough(client: Socket, target: URL): Link {
  const server = connect(Number(target.port), target.hostname);
  const link: Link = { client, server, isListening: false };
  client.on('data', (chunk) => {
    if (chunk.includes('LISTEN ')) link.isListening = true;
  });
  client.pipe(server).pipe(client);
  for (const [socket, other] of [
    [client, server],
    [server, client],
  ] as const) {
    socket.on('error', () => undefined);
    socket.once('close', () => other.destroy());
  }
  return link;
}

/** A TCP proxy on a free port in front of the database of a `postgres://` URL with host and port. */
export async function startDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl);
  const links = new Set<Link>();
  const server = createServer((client) => {
    const link = connectThrough(client, target);
    links.add(link);
    client.once('close', () => links.delete(link));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(address.port);
  const listening = (): Link[] => [...links].filter(({ isListening }) => isListening);
  return {
    url: url.href,
    cutNotices() {
      for (const { client } of listening()) client.destroy();
    },
    silenceNotices() {
      for (const link of listening()) {
        link.client.unpipe(link.server);
        link.server.unpipe(link.client);
        link.isListening = false;
      }
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const { client, server: upstream } of links) {
        client.destroy();
        upstream.destroy();
      }
      await closed;
    },
  };
}
