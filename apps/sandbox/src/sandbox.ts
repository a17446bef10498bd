import { createServer, type Server } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { createControlRoutes } from './control.ts';
import { homePage } from './home-page.ts';
import { createMailbox } from './mailbox/mailbox.ts';
import { createMailboxRoutes } from './mailbox/routes.ts';
import { createSmtpServer } from './mailbox/smtp.ts';
import { pageHeaders } from './page/layout.ts';
import { createFaultRules } from './providers/faults.ts';
import { createPromptCache } from './providers/prompt-cache.ts';
import { createProviderStats } from './providers/provider-stats.ts';
import { createProviderRoutes } from './providers/routes.ts';
import { createSearchRoutes } from './search/routes.ts';
import { createStripe } from './stripe/index.ts';

/** How a sandbox behaves. Everything has the default that a test wants: no delay, no file, ports of its own. */
export type SandboxOptions = {
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** Where browsers reach the sandbox, without a slash at the end. Default: the host that each request names. */
  readonly publicUrl?: string;
  /** Pace of models without `instant` in their name. Default: no delay. */
  readonly firstByteMs?: number;
  readonly tokensPerSecond?: number;
  /** Port for mail, 0 for any free one, null for no mail server. Default 0. */
  readonly smtpPort?: number | null;
  /** Default true. False leaves the simulated payments out altogether. */
  readonly hasStripe?: boolean;
  readonly stripeWebhookUrl?: string;
  readonly stripeWebhookSecret?: string;
  /** Wait before a webhook is sent again, doubling up to 30 s. Default 500. */
  readonly stripeRetryFirstMs?: number;
  /** Directory for what a restart must not forget. Default: everything is forgotten. */
  readonly stateDir?: string;
  /** Milliseconds since the epoch. Default: the system's clock. */
  readonly now?: () => number;
  /** Numbers in [0, 1), for fault rates. Default: Math.random. */
  readonly random?: () => number;
};

/** Where a started sandbox is. `smtpPort` is null without a mail server. */
export type SandboxAddress = { readonly url: string; readonly port: number; readonly smtpPort: number | null };

/** The outside world, simulated. The provider routes need a real socket: use `listen`, not `app.request`. */
export type Sandbox = {
  readonly app: Hono<{ Bindings: HttpBindings }>;
  /** Starts to serve; port 0 (the default) lets the system choose one. Rejects when a port is taken. Once only. */
  readonly listen: (port?: number) => Promise<SandboxAddress>;
  /** Stops at once: open streams are cut. Resolves when every socket is closed and the state is saved. */
  readonly close: () => Promise<void>;
};

/** The defaults of `.env.example`, so that a sandbox and a dashboard without settings find one another. */
const WEBHOOK_URL = 'http://localhost:3000/api/stripe/webhook';
const WEBHOOK_SECRET = 'whsec_sandbox_0123456789abcdef';

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

/** The levers, gauges and routes of the simulated providers. */
function createProviders(options: SandboxOptions, now: () => number) {
  const faultRules = createFaultRules(options.random ?? Math.random);
  const stats = createProviderStats();
  const pace = {
    firstByteMs: options.firstByteMs ?? 0,
    tokensPerSecond: options.tokensPerSecond ?? Number.POSITIVE_INFINITY,
  };
  return {
    control: createControlRoutes(faultRules, stats),
    routes: createProviderRoutes({ pace, promptCache: createPromptCache(), faultRules, stats, now }),
  };
}

function createStripeOf(options: SandboxOptions, now: () => number) {
  return createStripe({
    webhook: {
      url: options.stripeWebhookUrl ?? WEBHOOK_URL,
      secret: options.stripeWebhookSecret ?? WEBHOOK_SECRET,
      retryFirstMs: options.stripeRetryFirstMs ?? 500,
    },
    directory: options.stateDir,
    baseUrl: (request) => options.publicUrl ?? new URL(request.url).origin,
    now,
  });
}

/** Builds a sandbox. Nothing listens, and no file is read, before `listen`. */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const { host = '127.0.0.1', smtpPort = 0, hasStripe = true, now = Date.now } = options;
  const providers = createProviders(options, now);
  const stripe = hasStripe ? createStripeOf(options, now) : null;
  const mailbox = createMailbox(now);
  const smtp = smtpPort === null ? null : createSmtpServer(mailbox);
  let smtpPortInUse: number | null = null;

  const app = new Hono<{ Bindings: HttpBindings }>();
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/', async (c) => {
    const url = options.publicUrl ?? new URL(c.req.url).origin;
    return c.body(`${await homePage({ url, smtpPort: smtpPortInUse, hasStripe })}`, 200, pageHeaders());
  });
  app.route('/_sandbox', providers.control);
  app.route('/providers', providers.routes);
  app.route('/exa', createSearchRoutes());
  if (stripe !== null) app.route('/', stripe.routes);
  app.route('/', createMailboxRoutes(mailbox));

  // The adapter's default replaces the global Request and Response, which a test's own process must not suffer.
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));

  const close = async () => {
    await Promise.all([closeServer(server), stripe?.close(), smtp?.close()]);
  };
  const listen = async (port = 0): Promise<SandboxAddress> => {
    try {
      const portInUse = await listenOn(server, port, host);
      if (smtp !== null && smtpPort !== null) smtpPortInUse = await smtp.listen(smtpPort, host);
      await stripe?.start();
      return { url: `http://${host}:${portInUse}`, port: portInUse, smtpPort: smtpPortInUse };
    } catch (error) {
      await close();
      throw error;
    }
  };
  return { app, listen, close };
}
