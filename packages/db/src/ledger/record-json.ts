import { AppError } from '@bourse/errors';
import { isJsonObject, type JsonObject, type JsonValue } from '@bourse/generation';
import { nanodollars, picodollarsPerUnit } from '@bourse/money';
import type { GenerationRecord, SettleRequest } from '../contract.ts';

const TEXT_MAX = 512;
const DIGITS = /^\d{1,19}$/;

/** PostgreSQL's jsonb takes no NUL and no half of a surrogate pair, and clients send both: one such header must not cost a charge. */
function storable(text: string): string {
  const short = text.length > TEXT_MAX ? text.slice(0, TEXT_MAX) : text;
  return (short.includes('\0') ? short.replaceAll('\0', '') : short).toWellFormed();
}

function replacer(_name: string, value: unknown): unknown {
  if (typeof value === 'string') return storable(value);
  return typeof value === 'bigint' ? value.toString() : value;
}

/** The record as `bourse_record_generations` reads it: texts storable and at most 512 characters, amounts as decimal strings. */
export function recordToJson(record: GenerationRecord): string {
  return JSON.stringify(record, replacer);
}

/** One line of JSON that `settleRequestFromJson` reads back: for a spool on disk. */
export function settleRequestToJson(request: SettleRequest): string {
  return JSON.stringify(request, replacer);
}

function malformed(what: string): AppError {
  return new AppError('internal', 'Something failed on our side.', { detail: `not a settle request: ${what}` });
}

function amount(value: JsonValue | undefined, what: string) {
  if (typeof value !== 'string' || !DIGITS.test(value)) throw malformed(what);
  return nanodollars(BigInt(value));
}

/** Prices are the only amounts inside a record. */
function receiptFromJson(value: JsonValue | undefined): JsonObject | null {
  if (value === null) return null;
  const lines = isJsonObject(value) ? value['lines'] : undefined;
  if (!isJsonObject(value) || !Array.isArray(lines)) throw malformed('receipt');
  const revived = lines.map((line: unknown) => {
    if (!isJsonObject(line) || typeof line['price'] !== 'string' || !DIGITS.test(line['price']))
      throw malformed('price');
    return { ...line, price: picodollarsPerUnit(BigInt(line['price'])) };
  });
  return Object.assign({}, value, { lines: revived });
}

/** Throws AppError('internal') on anything that `settleRequestToJson` did not write. */
export function settleRequestFromJson(text: string): SettleRequest {
  const value: unknown = JSON.parse(text);
  if (!isJsonObject(value) || typeof value['providerSlug'] !== 'string' || !isJsonObject(value['record'])) {
    throw malformed('shape');
  }
  const { id, organizationId, apiKeyId, createdAt, receipt } = value['record'];
  if (typeof id !== 'string' || typeof organizationId !== 'string' || typeof apiKeyId !== 'string')
    throw malformed('ids');
  if (typeof createdAt !== 'string' || Number.isNaN(Date.parse(createdAt))) throw malformed('createdAt');
  const revived = { ...value['record'], createdAt: new Date(createdAt), receipt: receiptFromJson(receipt) };
  // The line was written by settleRequestToJson and guarded by the spool's checksum; the ledger checks the columns once more.
  const record = revived as unknown as GenerationRecord; // validated seam
  return {
    charge: amount(value['charge'], 'charge'),
    cost: amount(value['cost'], 'cost'),
    providerSlug: value['providerSlug'],
    record,
  };
}
