import { createServer, type Server } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { createControlRoutes } from './control.ts';
import { createFaultRules } from './providers/faults.ts';
import { createPromptCache } from './providers/prompt-cache.ts';
import { createProviderStats } from './providers/provider-stats.ts';
import { createProviderRoutes } from './providers/routes.ts';

/** How a sandbox behaves. Everything has the default that a test wants: no delay, no file, a port of its own. */
export type SandboxOptions = {
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** Pace of models without `instant` in their name. Default: no delay. */
  readonly firstByteMs?: number;
  readonly tokensPerSecond?: number;
  /** Milliseconds since the epoch. Default: the system's clock. */
  readonly now?: () => number;
  /** Numbers in [0, 1), for fault rates. Default: Math.random. */
  readonly random?: () => number;
};

/** Where a started sandbox is. */
export type SandboxAddress = { readonly url: string; readonly port: number };

/** The outside world, simulated. The provider routes need a real socket: use `listen`, not `app.request`. */
export type Sandbox = {
  readonly app: Hono<{ Bindings: HttpBindings }>;
  /** Starts to serve; port 0 (the default) lets the system choose one. Rejects when the port is taken. */
  readonly listen: (port?: number) => Promise<SandboxAddress>;
  /** Stops at once: open streams are cut. Resolves when every socket is closed. */
  readonly close: () => Promise<void>;
};

function listenOn(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** Builds a sandbox. Nothing listens, and no file is read, before `listen`. */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const host = options.host ?? '127.0.0.1';
  const faultRules = createFaultRules(options.random ?? Math.random);
  const stats = createProviderStats();
  const pace = {
    firstByteMs: options.firstByteMs ?? 0,
    tokensPerSecond: options.tokensPerSecond ?? Number.POSITIVE_INFINITY,
  };

  const app = new Hono<{ Bindings: HttpBindings }>();
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.route('/_sandbox', createControlRoutes(faultRules, stats));
  app.route(
    '/providers',
    createProviderRoutes({ pace, promptCache: createPromptCache(), faultRules, stats, now: options.now ?? Date.now }),
  );

  // The adapter's default replaces the global Request and Response, which a test's own process must not suffer.
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
  return {
    app,
    listen: async (port = 0) => {
      const actual = await listenOn(server, port, host);
      return { url: `http://${host}:${actual}`, port: actual };
    },
    close: () => closeServer(server),
  };
}
