import { join } from 'node:path';
import { readStateFile, writeStateFile } from './state-file.ts';

/** What a person or a program needs to use a running market; also the contents of `.bourse/dev.json`. */
export type DevInfo = {
  /** Base URL for OpenAI-compatible clients, e.g. `http://localhost:4000/api/v1`. */
  readonly gatewayUrl: string;
  readonly dashboardUrl: string;
  readonly sandboxUrl: string;
  readonly workerUrl: string;
  readonly databaseUrl: string;
  readonly apiKey: string;
  readonly managementKey: string;
  readonly email: string;
  readonly organizationId: string;
  /** Where the sign-in mails of the sandbox can be read. */
  readonly mailboxUrl: string;
  /** A model that answers without any provider key, and costs something. */
  readonly model: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly pid: number;
};

function pathIn(stateDir: string): string {
  return join(stateDir, 'dev.json');
}

/** Writes `dev.json`, readable for this user only: it holds keys with credits. */
export function writeDevInfo(stateDir: string, info: DevInfo): void {
  writeStateFile(pathIn(stateDir), info);
}

/** The keys of an earlier start, so that they stay the same; a first start has none. */
export function readDemoKeys(stateDir: string): Readonly<Record<string, string>> {
  const { apiKey, managementKey } = readStateFile(pathIn(stateDir));
  return {
    ...(typeof apiKey === 'string' ? { BOURSE_DEMO_API_KEY: apiKey } : {}),
    ...(typeof managementKey === 'string' ? { BOURSE_DEMO_MANAGEMENT_KEY: managementKey } : {}),
  };
}
