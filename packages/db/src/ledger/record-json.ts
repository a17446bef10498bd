import type { GenerationRecord, Receipt } from '../contract.ts';

/** A member that is added to the record must be written: the compiler asks for it here. */
type Written = { readonly [Name in keyof GenerationRecord]: unknown };

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
function receiptJson({ lines, priceSheetId, markupBps, rounding }: Receipt): object {
  return {
    lines: lines.map(({ meter, quantity, price }) => ({ meter, quantity, price: price.toString() })),
    priceSheetId,
    markupBps,
    rounding,
  };
}

/** Undefined leaves a member out of JSON; the database reads what is absent as null. */
function storableOrAbsent(text: string | null): string | undefined {
  return text === null ? undefined : storable(text);
}

/**
 * The record as `bourse_record_generations` reads it: texts storable and at most 512 characters, prices as decimal strings, nulls left
 * out. Every member is named, because an object of one shape is written three times as fast as one that is put together by a loop; this
 * is on every request's way.
 */
export function recordToJson(record: GenerationRecord): string {
  const { receipt } = record;
  return JSON.stringify({
    id: record.id,
    organizationId: record.organizationId,
    apiKeyId: record.apiKeyId,
    appId: record.appId ?? undefined,
    requestId: storable(record.requestId),
    modelRequested: storable(record.modelRequested),
    modelSlug: storable(record.modelSlug),
    providerSlug: storableOrAbsent(record.providerSlug),
    endpointId: storableOrAbsent(record.endpointId),
    upstreamId: storableOrAbsent(record.upstreamId),
    isStreamed: record.isStreamed,
    isCancelled: record.isCancelled,
    end: record.end,
    finishReason: record.finishReason ?? undefined,
    nativeFinishReason: storableOrAbsent(record.nativeFinishReason),
    usage: record.usage,
    inputTokens: record.inputTokens,
    outputTokens: record.outputTokens,
    reasoningTokens: record.reasoningTokens,
    cachedTokens: record.cachedTokens,
    basis: record.basis,
    flags: record.flags.map(storable),
    receipt: receipt === null ? undefined : receiptJson(receipt),
    attempts: record.attempts.map(storableMembers),
    latencyMs: record.latencyMs ?? undefined,
    generationMs: record.generationMs ?? undefined,
    httpReferer: storableOrAbsent(record.httpReferer),
    origin: storableOrAbsent(record.origin),
    userAgent: storableOrAbsent(record.userAgent),
    endUser: storableOrAbsent(record.endUser),
    sessionId: storableOrAbsent(record.sessionId),
    isDemo: record.isDemo,
    errorCode: storableOrAbsent(record.errorCode),
    createdAt: record.createdAt,
  } satisfies Written);
}
