import { readdirSync, readFileSync } from 'node:fs';

/** Hundredths of a second: `sysconf(_SC_CLK_TCK)` is 100 on every Linux that runs Node. */
const MICROS_PER_TICK = 10_000;

interface ProcessTimes {
  readonly parent: number;
  readonly own: number;
  readonly ofEndedChildren: number;
}

function readTimes(pid: string): ProcessTimes | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; the fields after it are numbered from 3.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const at = (field: number) => Number(fields[field - 3] ?? 0);
    return { parent: at(4), own: at(14) + at(15), ofEndedChildren: at(16) + at(17) };
  } catch {
    return null; // ended meanwhile
  }
}

/**
 * CPU of a PostgreSQL server in microseconds: the postmaster, its living children, and those that ended. Null where there is
 * no /proc to read it from.
 */
export function readPostgresCpu(dataDir: string): number | null {
  const postmaster = readFileSync(`${dataDir}/postmaster.pid`, 'utf8').split('\n')[0]?.trim() ?? '';
  const own = readTimes(postmaster);
  if (own === null) return null;
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(readTimes)
    .filter((times) => times?.parent === Number(postmaster));
  const ticks = children.reduce((sum, times) => sum + (times?.own ?? 0), own.own + own.ofEndedChildren);
  return ticks * MICROS_PER_TICK;
}
