import { rmSync, writeFileSync } from 'node:fs';
import { until } from '../world/until.ts';
import type { Check } from './check.ts';

const fullDisk: Check = {
  name: 'full-disk',
  promise:
    'C17: with a full disk nothing new is admitted, what runs is charged before its end, and it heals by itself.',
  async run(stage) {
    const { world } = stage;
    const place = await world.place('a');
    const tenant = await stage.tenant('100');
    const env = { CHAOS_DISK_FULL: world.diskFullFlag };
    const doomed = await world.gateway(place, { failpoint: 'C7:1', env });
    await stage.gate('close');
    const running = [1, 2, 3].map(() => stage.ask(place, tenant, { kind: 'gated' }));
    await stage.servedStably();
    writeFileSync(world.diskFullFlag, 'allocate write');
    await stage.gate('open');
    await Promise.all(running);
    await doomed.ended;
    rmSync(world.diskFullFlag);

    const gateway = await world.gateway(place, { env });
    writeFileSync(world.diskFullFlag, 'allocate write');
    await stage.ask(place, tenant); // admitted before anybody knew; charged in the database
    const refused = await stage.ask(place, tenant);
    rmSync(world.diskFullFlag);
    const healed = await until(
      () => stage.ask(place, tenant),
      ({ kind }) => kind === 'whole',
      { what: 'a gateway that heals', ms: 5_000 },
    ).then(
      () => [],
      (error: unknown) => [`disk: ${String(error)}`],
    );
    await gateway.stop();
    const wrong =
      refused.kind === 'refused' && refused.status === 503
        ? []
        : [`disk: a request on a full disk was ${refused.kind}`];
    return [...wrong, ...healed, ...(await stage.judge()).differences];
  },
};

const parts: Check = {
  name: 'usage-parts',
  promise: 'Each token that a provider counted is paid once, also when it is named twice.',
  async run(stage) {
    const place = await stage.world.place('a');
    const tenant = await stage.tenant('100');
    const gateway = await stage.world.gateway(place);
    for (let count = 0; count < 8; count += 1) await stage.ask(place, tenant);
    await gateway.stop();
    return (await stage.judge()).differences;
  },
};

const price: Check = {
  name: 'price',
  promise: 'A charge is exact to the nanodollar, however large it is.',
  async run(stage) {
    const script = stage.world.script('chaos/checks/price-script.ts', {});
    const { code } = await script.ended;
    return code === 0 ? [] : [`price: ${script.tail()}`];
  },
};

/** What the disk and the arithmetic must not do. */
export const spoolChecks: readonly Check[] = [fullDisk, parts, price];
