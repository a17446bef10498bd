import { createServer } from 'node:net';
import { Refusal } from './refusal.ts';

/** Where each part of the market listens. */
export type Ports = {
  readonly gateway: number;
  readonly dashboard: number;
  readonly sandbox: number;
  readonly sandboxSmtp: number;
  readonly worker: number;
  readonly postgres: number;
};

type PortSpec = {
  readonly of: keyof Ports;
  readonly variable: string;
  readonly fallback: number;
  readonly what: string;
};

const specs: readonly PortSpec[] = [
  { of: 'gateway', variable: 'GATEWAY_PORT', fallback: 4000, what: 'the gateway' },
  { of: 'dashboard', variable: 'DASHBOARD_PORT', fallback: 3000, what: 'the dashboard' },
  { of: 'sandbox', variable: 'SANDBOX_PORT', fallback: 4010, what: 'the sandbox market' },
  { of: 'sandboxSmtp', variable: 'SANDBOX_SMTP_PORT', fallback: 4025, what: "the sandbox's mail server" },
  { of: 'worker', variable: 'WORKER_PORT', fallback: 4020, what: "the worker's health page" },
  { of: 'postgres', variable: 'BOURSE_PG_PORT', fallback: 5439, what: 'the embedded PostgreSQL' },
];

/** Reads the ports from the environment. Refuses what is not a port, and two parts on one port. */
export function readPorts(variables: Readonly<Record<string, string | undefined>>): Ports {
  const ports = { gateway: 0, dashboard: 0, sandbox: 0, sandboxSmtp: 0, worker: 0, postgres: 0 };
  const taken = new Map<number, string>();
  for (const { of, variable, fallback } of specs) {
    const text = variables[variable] || String(fallback);
    const port = Number(text);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      throw new Refusal(`${variable} is "${text}", which is not a port: give a number from 1 to 65535.`);
    }
    const other = taken.get(port);
    if (other) throw new Refusal(`${variable} and ${other} are both ${port}: give them different ports.`);
    taken.set(port, variable);
    ports[of] = port;
  }
  return ports;
}

/** Refuses when another program listens on a port that is needed; names every such port and how to change it. */
export async function assertPortsFree(ports: Ports, needed: readonly (keyof Ports)[]): Promise<void> {
  const wanted = specs.filter(({ of }) => needed.includes(of));
  const isFree = await Promise.all(wanted.map(({ of }) => isPortFree(ports[of])));
  const busy = wanted.filter((_spec, at) => !isFree[at]);
  if (!busy.length) return;
  const sentences = busy.map(
    ({ of, variable, what }) =>
      `Port ${ports[of]}, where ${what} would listen, is used by another program: stop it, or set ${variable} to a free port.`,
  );
  throw new Refusal(sentences.join('\n'));
}

/** Ports that are free at this moment on this machine, all different. */
export async function findFreePorts(): Promise<Ports> {
  const servers = await Promise.all(specs.map(() => listen(0)));
  const found = servers.map((server) => {
    const address = server?.address();
    if (!address || typeof address === 'string') throw new Error('The system gave no free port.');
    return address.port;
  });
  await Promise.all(servers.map(closeServer));
  const variables = Object.fromEntries(specs.map(({ variable }, at) => [variable, String(found[at])]));
  return readPorts(variables);
}

type Server = ReturnType<typeof createServer>;

/** Tries both loopback families: `localhost` may be either, and a program may hold only one of them. */
async function isPortFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '::1', '0.0.0.0']) {
    const server = await listen(port, host);
    if (!server) return false;
    await closeServer(server);
  }
  return true;
}

/** Null when the address is in use; a machine without IPv6 has no `::1`, which is as good as free. */
function listen(port: number, host?: string): Promise<Server | null> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EADDRINUSE' || error.code === 'EACCES' ? null : server),
    );
    server.listen({ port, ...(host ? { host } : {}), exclusive: true }, () => resolve(server));
  });
}

function closeServer(server: Server | null): Promise<void> {
  return new Promise((resolve) => (server?.listening ? server.close(() => resolve()) : resolve()));
}
