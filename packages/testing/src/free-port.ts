import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port of the loopback that was free a moment ago, for a process that must be told its port. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  server.close();
  await once(server, 'close');
  return address.port;
}
