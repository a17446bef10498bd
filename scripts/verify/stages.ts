import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { listChecks } from '../check/all-checks.ts';
import { runChecks } from '../check/check.ts';
import { runJourneys } from '../e2e/run-journeys.ts';
import { rootDir } from '../run/root-dir.ts';
import { runCommand } from '../run/run-command.ts';
import { tool } from '../run/tool.ts';
import { describeError } from '../start/refusal.ts';
import { type Count, countPlaywright, countStage, countVitest } from './counts.ts';

/** One part of the verification. It prints as it goes and answers with what it counted; it does not throw. */
export type Stage = { readonly name: string; readonly run: (signal: AbortSignal) => Promise<Count> };

const reportsDir = join(rootDir, '.bourse/reports');

/** Quick to slow, so that the usual mistakes show first. */
export const stages: readonly Stage[] = [
  { name: 'check', run: (signal) => runChecks(listChecks(), signal) },
  { name: 'unit', run: (signal) => runVitest('unit', signal) },
  { name: 'integration', run: (signal) => runVitest('integration', signal) },
  { name: 'e2e', run: runE2e },
  { name: 'chaos', run: runChaos },
  { name: 'upstream', run: runUpstream },
  { name: 'bench', run: runBench },
];

function freshReport(name: string): string {
  mkdirSync(reportsDir, { recursive: true });
  const path = join(reportsDir, `${name}.json`);
  rmSync(path, { force: true });
  return path;
}

async function runVitest(project: string, signal: AbortSignal): Promise<Count> {
  const reportPath = freshReport(project);
  const { command, args } = tool('vitest');
  const { code } = await runCommand({
    command,
    args: [
      ...args,
      'run',
      '--project',
      project,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportPath}`,
    ],
    echo: true,
    signal,
    timeoutMs: 900_000,
  });
  const count = existsSync(reportPath) ? countVitest(reportPath) : { passed: 0, failed: 1 };
  return countStage(count, code === 0);
}

async function runE2e(signal: AbortSignal): Promise<Count> {
  const reportPath = freshReport('e2e');
  try {
    const code = await runJourneys({ reportPath, signal });
    return countStage(existsSync(reportPath) ? countPlaywright(reportPath) : { passed: 0, failed: 1 }, code === 0);
  } catch (error) {
    console.error(describeError(error));
    return { passed: 0, failed: 1 };
  }
}

async function runBench(signal: AbortSignal): Promise<Count> {
  const { code } = await runCommand({
    command: process.execPath,
    args: ['bench/run.ts', '--quick'],
    echo: true,
    signal,
    timeoutMs: 300_000,
  });
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** A short run of `pnpm chaos`: every failpoint of the crash matrix at least once, and PostgreSQL killed under load. */
async function runChaos(signal: AbortSignal): Promise<Count> {
  const { code } = await runCommand({
    command: process.execPath,
    args: ['chaos/run.ts', '--kills', '100', '--pg-kill'],
    echo: true,
    signal,
    timeoutMs: 600_000,
  });
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** A short run of `pnpm chaos:upstream`: providers that fail under load. */
async function runUpstream(signal: AbortSignal): Promise<Count> {
  const { code } = await runCommand({
    command: process.execPath,
    args: ['chaos/upstream/run.ts', '--short'],
    echo: true,
    signal,
    timeoutMs: 300_000,
  });
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}
