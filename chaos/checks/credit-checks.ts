import type { Tenant } from '../world/tenants.ts';
import { pause, until } from '../world/until.ts';
import { FENCE_GRACE_MS, type GatewayPlace, LEASE_TTL_MS } from '../world/world.ts';
import type { Check, Stage } from './check.ts';

const DIRECT = { GATEWAY_LEASE_MAX_USD: '0' };

/** Many requests at once that all wait at the provider: what is held for them is looked at, then they end. */
async function storm(
  stage: Stage,
  at: { places: readonly GatewayPlace[]; tenant: Tenant; count: number },
): Promise<string[]> {
  await stage.gate('close');
  const asks = Array.from({ length: at.count }, (_, index) => {
    const place = at.places[index % at.places.length];
    if (place === undefined) throw new Error('a storm needs a gateway');
    return stage.ask(place, at.tenant, { kind: 'gated' });
  });
  await stage.servedStably();
  const overdrawn = await stage.overdrawn();
  await stage.gate('open');
  const seen = await Promise.all(asks);
  const whole = seen.filter(({ kind }) => kind === 'whole').length;
  const refused = seen.filter((each) => each.kind === 'refused' && each.status === 402).length;
  const odd =
    whole > 0 && refused > 0 && whole + refused === at.count
      ? []
      : [`storm: ${whole} answers, ${refused} refusals of ${at.count}`];
  return [...overdrawn, ...odd];
}

function stormCheck(
  name: string,
  promise: string,
  how: { env: Record<string, string>; usd: string; limit: string | null; gateways: number; count: number },
): Check {
  return {
    name,
    promise,
    async run(stage) {
      const places = await Promise.all(
        Array.from({ length: how.gateways }, (_, index) => stage.world.place(`g${index}`)),
      );
      const tenant = await stage.tenant(how.usd, [how.limit]);
      const gateways = await Promise.all(places.map((place) => stage.world.gateway(place, { env: how.env })));
      const found = await storm(stage, { places, tenant, count: how.count });
      await stage.stop(...gateways);
      return [...found, ...(await stage.judge()).differences];
    },
  };
}

const asleep: Check = {
  name: 'asleep-past-lease',
  promise: 'A gateway that slept past the end of its lease admits nothing on it.',
  async run(stage) {
    const place = await stage.world.place('a');
    const tenant = await stage.tenant('0.1');
    const gateway = await stage.world.gateway(place);
    const worker = await stage.world.worker();
    await stage.ask(place, tenant, { kind: 'few' });
    await stage.booked(1);
    gateway.signal('SIGSTOP');
    await pause(LEASE_TTL_MS + FENCE_GRACE_MS + 700);
    const open = await stage.world.sql("SELECT id FROM lease WHERE state = 'open'");
    await spendAll(stage, tenant);
    // They are in its socket when it wakes up.
    const asks = Array.from({ length: 6 }, () => stage.ask(place, tenant, { kind: 'few' }));
    await pause(200);
    gateway.signal('SIGCONT');
    const seen = await Promise.all(asks);
    await stage.stop(gateway, worker);
    await stage.world.sql('UPDATE ledger_account SET floor_nanodollars = 0');
    const admitted = seen.filter(({ kind }) => kind === 'whole').length;
    return [
      ...(open.length === 0 ? [] : ['setup: the lease was not fenced']),
      ...(admitted === 0 ? [] : [`admitted: ${admitted} requests on credit that was taken away`]),
      ...(await stage.judge()).differences,
    ];
  },
};

/** Leaves nothing available to an account, as if others had spent it: whatever of it is still to spend lies below the floor. */
async function spendAll(stage: Stage, { organizationId }: Tenant): Promise<void> {
  await stage.world.sql(
    'UPDATE ledger_account SET floor_nanodollars = posted_nanodollars - held_nanodollars WHERE organization_id = $1',
    [organizationId],
  );
}

const stale: Check = {
  name: 'stale-gateway',
  promise: 'What a gateway asks of a lease that was taken away changes nothing.',
  async run(stage) {
    const [a, b] = [await stage.world.place('a'), await stage.world.place('b')];
    const tenant = await stage.tenant('100');
    const [first, second] = [await stage.world.gateway(a), await stage.world.gateway(b)];
    await stage.ask(a, tenant);
    await stage.ask(b, tenant);
    const [lease] = await until(
      () =>
        stage.world.sql<{ id: string; gateway_id: string; rest: string }>(
          'SELECT id, gateway_id, amount_nanodollars - used_nanodollars AS rest FROM lease WHERE used_nanodollars > 0 ORDER BY created_at LIMIT 1',
        ),
      (rows) => rows.length === 1,
      { what: 'a charge on a lease', ms: 5_000 },
    );
    if (lease === undefined) throw new Error('there is no lease');
    await first.kill();
    await stage.world.sql('SELECT bourse_bury_gateway($1)', [lease.gateway_id]);
    // As a process would that does not know that it was given up.
    const found: string[] = [];
    for (const call of [
      `bourse_return_lease('${lease.id}', '${lease.gateway_id}', ${lease.rest}, false)`,
      `bourse_return_lease('${lease.id}', '${lease.gateway_id}', 0, true)`,
      'bourse_fence_leases(-100000000, 100)',
      `bourse_bury_gateway('${lease.gateway_id}')`,
    ]) {
      // The guard behind the guard may stop it: the first one should have.
      await stage.world.sql(`SELECT ${call}`).catch((error: unknown) => found.push(`stale: ${call}: ${String(error)}`));
    }
    const renewed = await stage.world.sql<{ ids: string[] }>(
      'SELECT bourse_renew_leases(ARRAY[$1], $2, 60000) AS ids',
      [lease.id, lease.gateway_id],
    );
    if ((renewed[0]?.ids.length ?? 0) > 0) found.push('stale: a lease that was taken away was renewed');
    await stage.stop(second);
    return [...found, ...(await stage.judgeAfterRestart(a)).differences];
  },
};

/**
 * Stops the database's clock for whoever connects from now on; answers how to set it. The function stands in `public`: a schema of its own
 * before that would be where a gateway that starts puts its tables.
 */
async function stopClock(stage: Stage): Promise<(at: string) => Promise<unknown>> {
  await stage.world.sql(`
    CREATE TABLE stopped_clock (at timestamptz NOT NULL);
    INSERT INTO stopped_clock VALUES (now());
    CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT at FROM stopped_clock';
    DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database()); END $$`);
  return (at) => stage.world.sql('UPDATE stopped_clock SET at = $1', [at]);
}

const midnight: Check = {
  name: 'window-of-reserve',
  promise: 'A charge counts in the day of its reserve, also when it ends after midnight.',
  async run(stage) {
    const tenant = await stage.tenant('100', ['10', null]);
    const setClock = await stopClock(stage);
    await setClock('2026-11-22T23:59:58Z');
    const places = [await stage.world.place('leased'), await stage.world.place('direct')];
    const gateways = [];
    for (const [index, place] of places.entries())
      gateways.push(await stage.world.gateway(place, { env: index === 0 ? {} : DIRECT }));
    await stage.gate('close');
    const asks = places.flatMap((place) => tenant.keys.map((key) => stage.ask(place, tenant, { kind: 'gated', key })));
    await stage.servedStably();
    await setClock('2026-11-23T00:00:03Z');
    await stage.gate('open');
    const seen = await Promise.all(asks);
    await stage.stop(...gateways);
    const refused = seen
      .filter(({ kind }) => kind !== 'whole')
      .map((each) => `setup: an answer was ${JSON.stringify(each)}`);
    const later = await stage.world.sql<{ text: string }>(
      "SELECT format('window: key %s used %s on %s', api_key_id, used_nanodollars, window_start) AS text FROM key_window WHERE window_start > '2026-11-22' AND used_nanodollars > 0",
    );
    return [...refused, ...later.map(({ text }) => text), ...(await stage.judge()).differences];
  },
};

/** What credit that is held, leased and limited must never allow. */
export const creditChecks: readonly Check[] = [
  stormCheck('no-oversell', 'Requests that are reserved in the database never hold more than there is.', {
    env: DIRECT,
    usd: '0.0015',
    limit: null,
    gateways: 1,
    count: 40,
  }),
  stormCheck('no-oversell-leased', 'Gateways together never lease more than there is.', {
    env: {},
    usd: '0.01',
    limit: null,
    gateways: 2,
    count: 160,
  }),
  stormCheck('key-limit', 'A key never holds more than its limit, reserved in the database.', {
    env: DIRECT,
    usd: '100',
    limit: '0.0015',
    gateways: 1,
    count: 40,
  }),
  stormCheck('key-limit-leased', 'A key never holds more than its limit, on leases.', {
    env: {},
    usd: '100',
    limit: '0.008',
    gateways: 2,
    count: 160,
  }),
  asleep,
  stale,
  midnight,
];
