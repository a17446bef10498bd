import { readdirSync, readFileSync } from 'node:fs';
import { Client } from 'pg';
import { pause, until } from '../world/until.ts';
import type { Check } from './check.ts';

/** Requests are reserved one by one in the database. */
const DIRECT = { GATEWAY_LEASE_MAX_USD: '0' };

const terminal: Check = {
  name: 'terminal-after-spool',
  promise: 'No last chunk leaves before its charge is on the disk.',
  async run(stage) {
    const place = await stage.world.place('a');
    const tenant = await stage.tenant('100');
    for (const nth of [1, 2]) await stage.dieAt(`C4:${nth}`, place, { tenant });
    await stage.dieAt('C7:1', place, { tenant });
    return (await stage.judgeAfterRestart(place)).differences;
  },
};

const torn: Check = {
  name: 'torn-record',
  promise: 'A record that is not whole is no charge, and harms no other.',
  async run(stage) {
    const place = await stage.world.place('a');
    const tenant = await stage.tenant('100');
    await stage.dieAt('C5:2', place, { tenant });
    await stage.dieAt('C5b:2', place, { tenant });
    return (await stage.judgeAfterRestart(place)).differences;
  },
};

const replay: Check = {
  name: 'replay-once',
  promise: 'A charge that was settled and whose answer was lost is not charged again, however often it is replayed.',
  async run(stage) {
    const place = await stage.world.place('a');
    const tenant = await stage.tenant('100');
    for (const env of [{}, DIRECT]) {
      await stage.dieAt('C9:1', place, { tenant, env });
      await stage.dieAt('C10b:1', place, { tenant });
    }
    return (await stage.judgeAfterRestart(place)).differences;
  },
};

const unfinished: Check = {
  name: 'expiry',
  promise: 'What was not delivered is not charged when its hold expires; what was delivered is charged once, late.',
  async run(stage) {
    const [a, b] = [await stage.world.place('a'), await stage.world.place('b')];
    const tenant = await stage.tenant('100');
    await stage.dieAt('C3:1', a, { tenant, env: DIRECT });
    await stage.dieAt('C7:1', b, { tenant, env: DIRECT });
    const worker = await stage.world.worker();
    await pause(4_800); // holds live four seconds here
    const verdict = await stage.judgeAfterRestart(a, b);
    await worker.stop();
    return verdict.late === 1
      ? verdict.differences
      : [...verdict.differences, `late: ${verdict.late} charges came late, not 1`];
  },
};

const acknowledged: Check = {
  name: 'spool-outlives-settle',
  promise: 'A spool file goes only when every charge in it is committed.',
  async run(stage) {
    const place = await stage.world.place('a');
    const tenant = await stage.tenant('1000');
    const gateway = await stage.world.gateway(place);
    await stage.ask(place, tenant, { kind: 'few' }); // takes the lease
    const blocker = new Client({ connectionString: stage.world.url });
    await blocker.connect();
    await blocker.query('BEGIN; SELECT 1 FROM ledger_account WHERE organization_id IS NOT NULL FOR UPDATE');
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(Array.from({ length: 8 }, () => stage.ask(place, tenant, { kind: 'few' })));
    }
    await gateway.kill();
    await blocker.query('ROLLBACK');
    await blocker.end();
    const enough =
      stage.deliveries.length > 100 ? [] : [`setup: only ${stage.deliveries.length} answers were delivered`];
    return [...enough, ...(await stage.judgeAfterRestart(place)).differences];
  },
};

const replayKilled: Check = {
  name: 'replay-killed',
  promise: 'A replay that is killed again and again comes to the same end.',
  async run(stage) {
    const place = await stage.world.place('a');
    const tenant = await stage.tenant('100');
    await stage.dieAt('C7:3', place, { tenant });
    for (const point of ['C10d:1', 'C10:1', 'C10b:1', 'C10c:1', 'C10:1']) await stage.dieAt(point, place, { tenant });
    return (await stage.judgeAfterRestart(place)).differences;
  },
};

const adopters: Check = {
  name: 'adopters-apart',
  promise: 'Two gateways that start at the same time do not take the same dead neighbour from one another.',
  async run(stage) {
    const [first, second] = [await stage.world.place('a', 'shared'), await stage.world.place('b', 'shared')];
    const tenant = await stage.tenant('100');
    await stage.dieAt('C7:2', first, { tenant });
    const starting = stage.world.gateway(first, { failpoint: 'C10d:1:stop' });
    const sleeper = stage.world.programs.at(-1);
    await until(
      () => readdirSync(first.spoolRoot),
      (names) => names.some((name) => name.includes('.adopted-by-')),
      { what: 'a spool that is taken', ms: 20_000 },
    );
    const neighbour = await stage.world.gateway(second);
    await neighbour.stop();
    sleeper?.signal('SIGCONT');
    const gateway = await starting;
    // Its supervisor started it again, so that only its own words tell of a start that failed for a file that was gone.
    const words = readFileSync(gateway.logFile, 'utf8');
    const end = words.includes('ENOENT')
      ? [`start: a gateway whose neighbour started with it could not: ${words.trim()}`]
      : [];
    await gateway.stop();
    return [...end, ...(await stage.judge()).differences];
  },
};

/** What a process that is killed at a named point must leave behind. */
export const crashChecks: readonly Check[] = [terminal, torn, replay, unfinished, acknowledged, replayKilled, adopters];
