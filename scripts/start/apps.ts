import { join } from 'node:path';
import { rootDir } from '../run/root-dir.ts';
import type { AppSpec } from './app-process.ts';
import { dashboardCommand } from './dashboard-build.ts';
import { addressesOf, isProduction, type Variables } from './environment.ts';
import type { Ports } from './ports.ts';

export type AppName = 'sandbox' | 'gateway' | 'worker' | 'dashboard';

/** The ports that an app listens on. */
export const portsOfApp: Readonly<Record<AppName, readonly (keyof Ports)[]>> = {
  sandbox: ['sandbox', 'sandboxSmtp'],
  gateway: ['gateway'],
  worker: ['worker'],
  dashboard: ['dashboard'],
};

/** A gateway's garbage is young: with room for it, most is never copied (measured: 8 % less CPU per request than V8's 16 MiB). */
export const gatewayNodeArgs = ['--max-semi-space-size=64'];

/** How each app is started. The sandbox keeps state in memory and the dashboard is never lost for long: neither restarts. */
export function specOf(name: AppName, variables: Variables, ports: Ports): AppSpec {
  const at = addressesOf(ports);
  const fromSource = { args: [join(rootDir, 'apps', name, 'src/main.ts')], cwd: rootDir, variables };
  switch (name) {
    case 'sandbox':
      return { name, ...fromSource, healthUrl: `${at.sandbox}/healthz`, canRestart: false };
    case 'gateway':
      return {
        name,
        ...fromSource,
        args: [...gatewayNodeArgs, ...fromSource.args],
        healthUrl: `${at.gateway}/readyz`,
        canRestart: true,
      };
    case 'worker':
      return { name, ...fromSource, healthUrl: `${at.worker}/healthz`, canRestart: true };
    case 'dashboard': {
      // A production build only runs as production; whether the market is a demo is said by BOURSE_DEMO.
      const own = { ...variables, NODE_ENV: 'production' };
      return {
        name,
        ...dashboardCommand(ports.dashboard),
        variables: own,
        healthUrl: `${at.dashboard}/api/healthz`,
        canRestart: false,
      };
    }
  }
}

/** What runs in this environment: in production the outside world is not simulated. */
export function listApps(variables: Variables): readonly AppName[] {
  return isProduction(variables) ? ['gateway', 'worker', 'dashboard'] : ['sandbox', 'gateway', 'worker', 'dashboard'];
}
