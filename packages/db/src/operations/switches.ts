import type { Pool } from 'pg';
import {
  type MarketSwitch,
  type SwitchName,
  type SwitchPosition,
  type SwitchStore,
  switchNames,
} from '../contract/operations.ts';
import { withDatabaseErrors } from '../database-error.ts';

interface SwitchRow {
  readonly name: string;
  readonly argument: string;
  readonly is_on: boolean;
  readonly reason: string;
  readonly actor: string;
  readonly changed_at: Date;
}

/** A name that this version does not know was written by a newer one, and is not for us. */
function known<Row extends Pick<SwitchRow, 'name'>>(rows: readonly Row[]): readonly (Row & { name: SwitchName })[] {
  const isKnown = (row: Row): row is Row & { name: SwitchName } => switchNames.some((name) => name === row.name);
  return rows.filter(isKnown);
}

function switchOf(row: SwitchRow & { readonly name: SwitchName }): MarketSwitch {
  const { name, argument, reason, actor } = row;
  return { name, argument, reason, actor, isOn: row.is_on, changedAt: row.changed_at };
}

/** Turning something off is always possible, so that a switch can outlive what it is about. */
const TURN = `
  INSERT INTO market_switch AS s (name, argument, is_on, reason, actor)
    SELECT $1::text, $2::text, $3::boolean, $4::text, $5::text
     WHERE CASE $1 WHEN 'freeze_organization' THEN EXISTS (SELECT 1 FROM ledger_account WHERE organization_id = $2)
                   WHEN 'stop_provider' THEN EXISTS (SELECT 1 FROM provider WHERE slug = $2)
                   WHEN 'stop_endpoint' THEN EXISTS (SELECT 1 FROM endpoint WHERE id = $2)
                   ELSE $2 = '' END
        OR NOT $3 AND EXISTS (SELECT 1 FROM market_switch WHERE name = $1 AND argument = $2)
    ON CONFLICT (name, argument) DO UPDATE
      SET is_on = excluded.is_on, reason = excluded.reason, actor = excluded.actor, changed_at = clock_timestamp()`;

/** Kill switches: see `SwitchStore`. */
export function createSwitchStore(pool: Pool): SwitchStore {
  return withDatabaseErrors<SwitchStore>({
    async listOn() {
      const { rows } = await pool.query<SwitchPosition>('SELECT name, argument FROM market_switch WHERE is_on');
      return known(rows);
    },
    async list() {
      const { rows } = await pool.query<SwitchRow>('SELECT * FROM market_switch ORDER BY changed_at DESC');
      return known(rows).map(switchOf);
    },
    async turn({ name, argument, isOn, reason, actor }) {
      const { rowCount } = await pool.query(TURN, [name, argument, isOn, reason, actor]);
      return rowCount === 0 ? 'unknown_argument' : 'turned';
    },
  });
}
