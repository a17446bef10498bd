import type { JsonObject } from '@bourse/generation';
import type { GenerationRecord, Receipt } from '../contract.ts';

/** A member that is added to the record must be written: the compiler asks for it here. */
type Written = { readonly [Name in keyof GenerationRecord]: unknown };

const TEXT_MAX = 512;

/** Cut to what is kept of a text, which is all of nearly every one. */
function shortened(text: string): string {
  return text.length > TEXT_MAX ? text.slice(0, TEXT_MAX) : text;
}

/** PostgreSQL's jsonb takes no NUL and no half of a surrogate pair, and clients send both: one such header must not cost a charge. */
function storable(text: string): string {
  const short = shortened(text);
  return (short.includes('\0') ? short.replaceAll('\0', '') : short).toWellFormed();
}

/** The members with their texts changed; objects within stay as they are. */
function changedMembers(members: JsonObject, change: (text: string) => string): JsonObject {
  const changed: Record<string, JsonObject[string]> = {};
  for (const [name, value] of Object.entries(members))
    changed[name] = typeof value === 'string' ? change(value) : value;
  return changed;
}

/** The same, but what nothing changes in, as nearly always, is not copied: an object that a loop put together is slow to write. */
function withTexts(members: JsonObject, change: (text: string) => string): JsonObject {
  for (const name in members) {
    const value = members[name];
    if (typeof value === 'string' && change(value) !== value) return changedMembers(members, change);
  }
  return members;
}

/** Prices as decimal strings: JSON has no integers of 64 bits. */
function receiptJson({ lines, priceSheetId, markupBps, rounding }: Receipt): object {
  return {
    lines: lines.map(({ meter, quantity, price }) => ({ meter, quantity, price: price.toString() })),
    priceSheetId,
    markupBps,
    rounding,
  };
}

/** All members, with texts as `change` makes them; undefined leaves a member out, and the database reads what is absent as null. */
function membersOf(record: GenerationRecord, change: (text: string) => string): Written {
  const { receipt } = record;
  const orAbsent = (text: string | null): string | undefined => (text === null ? undefined : change(text));
  return {
    id: record.id,
    organizationId: record.organizationId,
    apiKeyId: record.apiKeyId,
    appId: record.appId ?? undefined,
    requestId: change(record.requestId),
    modelRequested: change(record.modelRequested),
    modelSlug: change(record.modelSlug),
    providerSlug: orAbsent(record.providerSlug),
    endpointId: orAbsent(record.endpointId),
    upstreamId: orAbsent(record.upstreamId),
    isStreamed: record.isStreamed,
    isCancelled: record.isCancelled,
    end: record.end,
    finishReason: record.finishReason ?? undefined,
    nativeFinishReason: orAbsent(record.nativeFinishReason),
    usage: record.usage,
    inputTokens: record.inputTokens,
    outputTokens: record.outputTokens,
    reasoningTokens: record.reasoningTokens,
    cachedTokens: record.cachedTokens,
    basis: record.basis,
    flags: record.flags.map(change),
    receipt: receipt === null ? undefined : receiptJson(receipt),
    attempts: record.attempts.map((attempt) => withTexts(attempt, change)),
    latencyMs: record.latencyMs ?? undefined,
    generationMs: record.generationMs ?? undefined,
    httpReferer: orAbsent(record.httpReferer),
    origin: orAbsent(record.origin),
    userAgent: orAbsent(record.userAgent),
    endUser: orAbsent(record.endUser),
    sessionId: orAbsent(record.sessionId),
    isDemo: record.isDemo,
    errorCode: orAbsent(record.errorCode),
    // As JSON would write it, but JSON would have to look up and call a method for it.
    createdAt: record.createdAt.toISOString(),
  };
}

/** JSON writes a NUL and half of a surrogate pair as escapes. A text that only looks like one is looked at more closely, no more. */
function mayBeUnstorable(json: string): boolean {
  return json.includes('\\u0000') || json.includes('\\ud');
}

/**
 * The record as `bourse_record_generations` reads it: texts storable and at most 512 characters, prices as decimal strings, nulls left
 * out. Every member is named, because an object of one shape is written three times as fast as one that is put together by a loop; this
 * is on every request's way. Texts are made storable only when what was written shows that one of them is not.
 */
export function recordToJson(record: GenerationRecord): string {
  const json = JSON.stringify(membersOf(record, shortened));
  return mayBeUnstorable(json) ? JSON.stringify(membersOf(record, storable)) : json;
}
