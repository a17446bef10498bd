import type { StripeEventFacts, TopupRecord } from '@bourse/db';
import { query } from '../world/postgres.ts';
import type { End } from '../world/program.ts';
import type { Check, Stage } from './check.ts';

const AMOUNT_CENTS = 2_500;
const FEE_CENTS = 138;

/** The event that Stripe would send when a purchase was paid. */
function paidEvent(topup: TopupRecord, eventId: string): StripeEventFacts {
  return {
    eventId,
    type: 'checkout.session.completed',
    isLivemode: false,
    objectId: `cs_${topup.id}`,
    payloadSha256: '0'.repeat(64),
    outcome: 'paid',
    topupId: topup.id,
    checkoutSessionId: `cs_${topup.id}`,
    paymentIntentId: `pi_${topup.id}`,
    amountTotalCents: AMOUNT_CENTS + FEE_CENTS,
    currency: 'usd',
  };
}

function deliver(stage: Stage, facts: StripeEventFacts, failpoint?: string): Promise<End> {
  const env = { CHAOS_FACTS: JSON.stringify(facts) };
  return stage.world.script('chaos/checks/webhook-script.ts', {
    env,
    ...(failpoint === undefined ? {} : { failpoint }),
  }).ended;
}

const webhook: Check = {
  name: 'webhook',
  promise:
    'C13, C14: a webhook whose process dies before or after its commit grants the payment once when it is sent again.',
  async run(stage) {
    const tenant = await stage.tenant('0');
    const { payments, ledger } = stage.world.db;
    const buy = () =>
      payments.createTopup({
        organizationId: tenant.organizationId,
        userId: null,
        amountCents: AMOUNT_CENTS,
        feeCents: FEE_CENTS,
        currency: 'usd',
      });
    const [early, late] = [await buy(), await buy()];
    const ends = [
      await deliver(stage, paidEvent(early, 'evt_early'), 'C13:1'),
      await deliver(stage, paidEvent(early, 'evt_early')),
      await deliver(stage, paidEvent(late, 'evt_late'), 'C14:1'),
      await deliver(stage, paidEvent(late, 'evt_late')),
      // Stripe says the same thing in several ways.
      await deliver(stage, paidEvent(late, 'evt_again')),
    ];
    const { posted } = await ledger.balance(tenant.organizationId);
    const owed = early.amount + late.amount;
    const wrongEnds =
      ends.map(({ code, signal }) => signal ?? code).join(' ') === 'SIGKILL 0 SIGKILL 0 0'
        ? []
        : [`webhook: ended ${JSON.stringify(ends)}`];
    return [
      ...wrongEnds,
      ...(posted === owed ? [] : [`webhook: ${posted} granted, not ${owed}`]),
      ...(await stage.judge()).differences,
    ];
  },
};

/** Columns and functions of a schema, and what was applied, as one text to compare. */
async function fingerprint(url: string): Promise<string> {
  const rows = await query<{ text: string }>(
    url,
    `SELECT string_agg(t.text, E'\\n' ORDER BY t.text) AS text FROM (
       SELECT format('%s.%s %s %s', table_name, column_name, data_type, is_nullable) AS text FROM information_schema.columns WHERE table_schema = 'public'
       UNION ALL SELECT md5(pg_get_functiondef(oid)) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
       UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
       UNION ALL SELECT format('%s %s', migration_name, checksum) FROM _prisma_migrations) t`,
  );
  return rows[0]?.text ?? '';
}

const migration: Check = {
  name: 'migration',
  promise: 'C18: a migration that is killed inside or between its files is taken up where it stood.',
  async run(stage) {
    const url = await stage.world.postgres.createEmptyDatabase();
    const env = { DATABASE_URL: url };
    const run = (failpoint?: string): Promise<End> =>
      stage.world.script('packages/db/src/cli/migrate.ts', { env, ...(failpoint === undefined ? {} : { failpoint }) })
        .ended;
    const killed = [await run('C18:1'), await run('C18b:1'), await run('C18:2'), await run('C18b:2')];
    const last = await run();
    const found = killed.every(({ signal }) => signal === 'SIGKILL')
      ? []
      : [`migration: was not killed everywhere: ${JSON.stringify(killed)}`];
    const ended = last.code === 0 ? [] : [`migration: could not be taken up: exit code ${last.code}`];
    const isEqual = last.code === 0 && (await fingerprint(url)) === (await fingerprint(stage.world.url));
    await stage.world.postgres.dropDatabase(url);
    return [...found, ...ended, ...(isEqual ? [] : ['migration: the schema is another one'])];
  },
};

/** A payment whose webhook process is killed, and a migration that is. */
export const deliveryChecks: readonly Check[] = [webhook, migration];
