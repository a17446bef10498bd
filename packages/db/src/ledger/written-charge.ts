import { AppError } from '@bourse/errors';
import { nanodollars } from '@bourse/money';
import type { AttemptLoss, Charge, WrittenCharge } from '../contract.ts';
import { recordToJson } from './record-json.ts';

function lossJson({ providerSlug, cost }: AttemptLoss): object {
  return { provider: providerSlug, cost: cost.toString() };
}

/**
 * A charge as one line of JSON: the record's members with `charge`, `cost` (decimal strings), `provider`, `lease`, `day` and, where there
 * are any, `losses` beside.
 * The spool keeps this line and the books take it as it is, so it is written once.
 */
export function writeCharge({ record, charge, cost, providerSlug, losses = [], lease }: Charge): WrittenCharge {
  const head = JSON.stringify({
    charge: charge.toString(),
    cost: cost.toString(),
    provider: providerSlug,
    lease: lease?.id,
    day: lease?.day,
    losses: losses.length === 0 ? undefined : losses.map(lossJson),
  });
  const text = `${head.slice(0, -1)},${recordToJson(record).slice(1)}`;
  return {
    generationId: record.id,
    organizationId: record.organizationId,
    apiKeyId: record.apiKeyId,
    charge,
    cost,
    providerSlug,
    leaseId: lease?.id ?? null,
    hasLosses: losses.length > 0,
    text,
  };
}

function textOf(members: Readonly<Record<string, unknown>>, name: string, pattern: RegExp): string {
  const value = members[name];
  if (typeof value === 'string' && pattern.test(value)) return value;
  throw new AppError('internal', 'Something failed on our side.', { detail: `a written charge without ${name}` });
}

const NAME = /^.{1,512}$/s;
const AMOUNT = /^\d{1,19}$/;

/** The inverse of `writeCharge`, for what a spool kept. Throws AppError('internal') on anything that is not such a line. */
export function readCharge(text: string): WrittenCharge {
  const members: unknown = JSON.parse(text);
  if (typeof members !== 'object' || members === null)
    throw new AppError('internal', 'Something failed on our side.', { detail: 'a written charge is no object' });
  const record = { ...members };
  return {
    generationId: textOf(record, 'id', NAME),
    organizationId: textOf(record, 'organizationId', NAME),
    apiKeyId: textOf(record, 'apiKeyId', NAME),
    charge: nanodollars(BigInt(textOf(record, 'charge', AMOUNT))),
    cost: nanodollars(BigInt(textOf(record, 'cost', AMOUNT))),
    providerSlug: textOf(record, 'provider', NAME),
    leaseId: 'lease' in record ? textOf(record, 'lease', NAME) : null,
    hasLosses: 'losses' in record,
    text,
  };
}
