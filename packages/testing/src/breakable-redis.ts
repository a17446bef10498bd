import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { redisBinary } from './redis-binary.ts';

/** A real Redis of a test's own, in memory only, that may be stopped in any manner. */
export interface BreakableRedis {
  readonly url: string;
  /** Stops it where it is: connections stay open, and nobody answers. */
  pause(): void;
  resume(): void;
  /** SIGKILL; resolves when it is gone, with all that it knew. */
  kill(): Promise<void>;
  /** Starts an empty one at the same address after `kill`. */
  start(): Promise<void>;
  remove(): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;
const POLL_MS = 10;

function isAnswering(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
  socket.once('data', (data) => resolve(data.toString().startsWith('+PONG')));
  socket.once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}

/** Starts a Redis on a free port of the loopback. */
export async function startRedis(): Promise<BreakableRedis> {
  const [binary, port] = await Promise.all([redisBinary(), freePort()]);
  const launch = async () => {
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const env = binary.libraries === '' ? process.env : { ...process.env, LD_LIBRARY_PATH: binary.libraries };
    const child = spawn(binary.path, args, { env, stdio: 'ignore' });
    const exited = once(child, 'exit');
    const deadline = performance.now() + START_TIMEOUT_MS;
    while (!(await isAnswering(port))) {
      if (child.exitCode !== null || performance.now() > deadline) throw new Error('redis-server does not start');
      await delay(POLL_MS);
    }
    return { child, exited };
  };
  let server = await launch();
  const kill = async (): Promise<void> => {
    server.child.kill('SIGKILL');
    await server.exited;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    pause: () => void server.child.kill('SIGSTOP'),
    resume: () => void server.child.kill('SIGCONT'),
    kill,
    async start() {
      server = await launch();
    },
    remove: kill,
  };
}
