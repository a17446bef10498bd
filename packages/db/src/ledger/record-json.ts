import type { GenerationRecord, Receipt } from '../contract.ts';

const TEXT_MAX = 512;

/** PostgreSQL's jsonb takes no NUL and no half of a surrogate pair, and clients send both: one such header must not cost a charge. */
function storable(text: string): string {
  const short = text.length > TEXT_MAX ? text.slice(0, TEXT_MAX) : text;
  return (short.includes('\0') ? short.replaceAll('\0', '') : short).toWellFormed();
}

/** The members with their texts storable; objects within stay as they are. */
function storableMembers(members: object): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(members))
    clean[name] = typeof value === 'string' ? storable(value) : value;
  return clean;
}

/** Prices as decimal strings: JSON has no integers of 64 bits. */
function receiptJson(receipt: Receipt): object {
  const lines = receipt.lines.map(({ meter, quantity, price }) => ({ meter, quantity, price: price.toString() }));
  return { ...receipt, lines };
}

/** The record's members as JSON may carry them: texts storable, prices as decimal strings, nulls left out (absent reads as null). */
export function recordMembers(record: GenerationRecord): Record<string, unknown> {
  const { receipt, attempts, flags, ...rest } = record;
  const members: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(rest))
    if (value !== null) members[name] = typeof value === 'string' ? storable(value) : value;
  members['flags'] = flags.map(storable);
  if (receipt !== null) members['receipt'] = receiptJson(receipt);
  members['attempts'] = attempts.map(storableMembers);
  return members;
}

/**
 * The record as `bourse_record_generations` reads it: texts storable and at most 512 characters, prices as decimal strings. Member by
 * member, because a replacer function is called for each value and costs several times as much; this is on every request's way.
 */
export function recordToJson(record: GenerationRecord): string {
  return JSON.stringify(recordMembers(record));
}
