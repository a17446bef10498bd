import { z } from 'zod';

/** Where a kept answer came from; none of it is anything that was said. */
export interface KeptSource {
  readonly generationId: string;
  readonly modelSlug: string;
  readonly providerSlug: string;
  /** For people. */
  readonly providerName: string;
  readonly endpointId: string;
  readonly finishReason: 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'error' | null;
  readonly nativeFinishReason: string | null;
}

/** What is known of a kept answer without opening it. The seal covers it, so that nobody can change it either. */
export interface StoredFacts {
  readonly source: KeptSource;
  /** Milliseconds since 1970, by the clock of the gateway that kept it. */
  readonly storedAtMs: number;
  /** Milliseconds. */
  readonly ttlMs: number;
}

/** An answer as it lies in memory or in Redis: encrypted, with what is known of it. */
export interface StoredAnswer {
  readonly facts: StoredFacts;
  readonly sealed: Uint8Array;
}

const factsSchema: z.ZodType<StoredFacts> = z.object({
  source: z.object({
    generationId: z.string(),
    modelSlug: z.string(),
    providerSlug: z.string(),
    providerName: z.string(),
    endpointId: z.string(),
    finishReason: z.enum(['stop', 'length', 'tool_calls', 'content_filter', 'error']).nullable(),
    nativeFinishReason: z.string().nullable(),
  }),
  storedAtMs: z.number(),
  ttlMs: z.number().positive(),
});

/** The facts as one text, the same for the same facts. */
export function writeFacts({ source, storedAtMs, ttlMs }: StoredFacts): string {
  const { generationId, modelSlug, providerSlug, providerName, endpointId, finishReason, nativeFinishReason } = source;
  const ordered = { generationId, modelSlug, providerSlug, providerName, endpointId, finishReason, nativeFinishReason };
  return JSON.stringify({ source: ordered, storedAtMs, ttlMs });
}

/** A stored answer as text: a line of facts, and base64. */
export function writeStored({ facts, sealed }: StoredAnswer): string {
  return `${writeFacts(facts)}\n${Buffer.from(sealed).toString('base64')}`;
}

/** A stored answer out of its text. Throws when it is none. */
export function readStored(text: string): StoredAnswer {
  const lineEnd = text.indexOf('\n');
  const facts = factsSchema.parse(JSON.parse(text.slice(0, lineEnd)));
  return { facts, sealed: Buffer.from(text.slice(lineEnd + 1), 'base64') };
}
