import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { rootDir } from '../run/root-dir.ts';
import { type AppProcess, type AppSpec, type Grace, startApp } from './app-process.ts';
import { type AppName, listApps, portsOfApp, specOf } from './apps.ts';
import { buildDashboard } from './dashboard-build.ts';
import { hasEmbeddedServer, migrate, openDatabase, seed } from './database.ts';
import { findDemoModel, makeDemoHistory } from './demo.ts';
import { type DevInfo, readDemoKeys, writeDevInfo } from './dev-info.ts';
import { addressesOf, isProduction, marketVariables, readVariables, type Variables } from './environment.ts';
import { takeLock } from './lock.ts';
import { assertPortsFree, type Ports } from './ports.ts';
import { generatePrismaClient } from './prisma-client.ts';
import { asStep, type Progress, silentProgress } from './progress.ts';

export type MarketOptions = {
  /** Where the database, the logs and `dev.json` live. Two markets need two. */
  readonly stateDir: string;
  readonly ports: Ports;
  /** Fill the market with a history at its first start. */
  readonly demo: boolean;
  /** Everything that runs in this environment unless told otherwise. */
  readonly apps?: readonly AppName[];
  /** The environment over `.env`; the process' own unless told otherwise. */
  readonly variables?: Variables;
  /** Silent unless told otherwise. */
  readonly progress?: Progress;
  /** Gives the start up: everything that was started is stopped again, and startMarket rejects. */
  readonly signal?: AbortSignal;
  /** Ends the patience with apps that are being stopped. */
  readonly hurry?: AbortSignal;
  /** An app fell and was not started again: the market is not whole any more. */
  readonly onLost?: (reason: string) => void;
};

/** A running market. */
export type Market = {
  readonly devInfo: DevInfo;
  /** The number of the process that runs an app now, for tests that kill it. */
  pidOf(name: AppName): number | undefined;
  /** Stops the apps, then the database, and gives the lock back. Each app may finish its work for up to 15 s. */
  stop(): Promise<void>;
};

type Context = Required<Pick<MarketOptions, 'stateDir' | 'ports' | 'progress' | 'apps' | 'variables'>> & {
  readonly options: MarketOptions;
  /** What has been started so far, in order; ended in reverse. */
  readonly running: AsyncDisposableStack;
  readonly grace: Grace;
};

/**
 * Runs the whole marketplace: database, sandbox, gateway, worker, dashboard. Resolves when every part answers. When it
 * rejects nothing is left running; a Refusal is a reason that a person can act on.
 */
export async function startMarket(options: MarketOptions): Promise<Market> {
  const variables = options.variables ?? readVariables(rootDir, process.env);
  const context: Context = {
    options,
    variables,
    stateDir: options.stateDir,
    ports: options.ports,
    progress: options.progress ?? silentProgress,
    apps: options.apps ?? listApps(variables),
    running: new AsyncDisposableStack(),
    grace: { ms: 15_000, hurry: options.hurry ?? new AbortController().signal },
  };
  try {
    return await bringUp(context);
  } catch (error) {
    await context.running.disposeAsync();
    throw error;
  }
}

async function bringUp(context: Context): Promise<Market> {
  const { stateDir, progress, options, running } = context;
  mkdirSync(stateDir, { recursive: true });
  running.defer(await takeLock(stateDir));
  await checkPorts(context);
  await asStep(progress, 'Prisma client', async () => {
    const isNew = await generatePrismaClient(options.signal);
    return { value: undefined, remark: isNew ? '' : 'unchanged' };
  });
  const { shared, access } = await prepareDatabase(context);
  if (context.apps.includes('dashboard')) {
    await asStep(progress, 'Dashboard build', async () => {
      const { isCached } = await buildDashboard(options.signal);
      return { value: undefined, remark: isCached ? 'unchanged' : '' };
    });
  }
  const apps = await startApps(context, shared);
  const devInfo = await describeMarket(context, shared, access);
  writeDevInfo(stateDir, devInfo);
  if (options.demo && !isProduction(context.variables)) {
    await asStep(progress, 'Demo history', async () => {
      const isNew = await makeDemoHistory(stateDir, { ...shared, ...demoVariables(devInfo) }, options.signal);
      return { value: undefined, remark: isNew ? '' : 'made at an earlier start' };
    });
  }
  options.signal?.throwIfAborted();
  return {
    devInfo,
    pidOf: (name) => apps.find((app) => app.name === name)?.pid(),
    stop: () => running.disposeAsync(),
  };
}

async function checkPorts({ apps, ports, variables, stateDir }: Context): Promise<void> {
  const startsDatabase = !variables['DATABASE_URL'] && !hasEmbeddedServer(stateDir);
  const ownDatabase = startsDatabase ? (['postgres'] as const) : [];
  await assertPortsFree(ports, [...apps.flatMap((name) => portsOfApp[name]), ...ownDatabase]);
}

async function prepareDatabase(context: Context) {
  const { stateDir, ports, progress, variables, running, options } = context;
  const database = await asStep(progress, 'PostgreSQL', async () => {
    const configuredUrl = variables['DATABASE_URL'];
    const value = await openDatabase({ configuredUrl, stateDir, port: ports.postgres });
    return { value, remark: configuredUrl ? 'from DATABASE_URL' : `embedded, port ${ports.postgres}` };
  });
  running.defer(() => database.stop());
  options.signal?.throwIfAborted();
  const shared = marketVariables({ variables, ports, stateDir, databaseUrl: database.url });
  await asStep(progress, 'Migrations', async () => ({ value: await migrate(shared, options.signal) }));
  const access = await asStep(progress, 'Catalog and demo organization', async () => ({
    value: await seed({ ...readDemoKeys(stateDir), ...shared }, options.signal),
  }));
  return { shared, access };
}

async function startApps(context: Context, shared: Variables): Promise<AppProcess[]> {
  const { apps, ports, progress, stateDir, running, options, grace } = context;
  const around = {
    logDir: join(stateDir, 'logs'),
    onWarning: (line: string) => progress.note(line),
    onLost: (reason: string) => options.onLost?.(reason),
  };
  const start = (specs: readonly AppSpec[]) => {
    const started = specs.map((spec) => startApp(spec, around));
    running.defer(async () => {
      await Promise.all(started.map((app) => app.stop(grace)));
    });
    return started;
  };
  const names = apps.join(', ');
  return asStep(progress, `Starting ${names}`, async () => {
    const specs = apps.map((name) => specOf(name, shared, ports));
    // In this order, so that the sandbox is stopped last: a gateway that drains still reads from it.
    const world = start(specs.filter(({ name }) => name === 'sandbox'));
    const own = start(specs.filter(({ name }) => name !== 'sandbox'));
    const all = [...world, ...own];
    await Promise.race([Promise.all(all.map((app) => app.ready(90_000))), abortion(options.signal)]);
    return { value: all };
  });
}

/** Rejects when the signal fires; otherwise it never ends. */
function abortion(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.throwIfAborted();
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

type Access = Pick<DevInfo, 'email' | 'apiKey' | 'managementKey' | 'organizationId'>;

async function describeMarket({ ports, apps }: Context, shared: Variables, access: Access): Promise<DevInfo> {
  const at = addressesOf(ports);
  const gatewayUrl = `${at.gateway}/api/v1`;
  return {
    gatewayUrl,
    dashboardUrl: at.dashboard,
    sandboxUrl: at.sandbox,
    workerUrl: at.worker,
    databaseUrl: shared['DATABASE_URL'] ?? '',
    apiKey: access.apiKey,
    managementKey: access.managementKey,
    email: access.email,
    organizationId: access.organizationId,
    mailboxUrl: `${at.sandbox}/mailbox`,
    model: apps.includes('gateway') && apps.includes('sandbox') ? await findDemoModel(gatewayUrl) : '',
    startedAt: new Date().toISOString(),
    pid: process.pid,
  };
}

function demoVariables({ gatewayUrl, apiKey, organizationId }: DevInfo): Variables {
  return {
    BOURSE_DEMO_GATEWAY_URL: gatewayUrl,
    BOURSE_DEMO_API_KEY: apiKey,
    BOURSE_DEMO_ORGANIZATION_ID: organizationId,
  };
}
