import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type ReasoningDetail,
  reasoningFormats,
} from '@bourse/generation';
import { decodeBase64, encodeBase64 } from '../base64.ts';
import { parseJson } from '../parse-json.ts';
import type { GeminiPart } from './schema.ts';

/**
 * Clients of this dialect keep one opaque string for us, `thoughtSignature`. What another family signed or encrypted travels in it under a
 * mark of ours, so that it goes back to that family whole, and never to Google. It is base64 all through: the field is bytes to Google's
 * SDKs, and some of them decode it and write it anew in the other alphabet (https://ai.google.dev/api/caching#Part, read 2026-11).
 */
const MARK = 'bourse.1.';

/** How every base64 text begins whose bytes begin with the mark: nine bytes are twelve characters, in both alphabets the same. */
const MARK_BASE64 = 'Ym91cnNlLjEu';

/** Google's own. */
const OWN = 'google-gemini-v1';

/** What is sealed: a signature of the text before it, or a thought that only its maker can read. */
interface Seal {
  readonly signature: string | null;
  readonly data: string | null;
  readonly id: string | null;
  readonly format: ReasoningDetail['format'];
}

/** A signature or a blob of another family as a `thoughtSignature`; undefined when there is none. */
export function sealOf(detail: ReasoningDetail): string | undefined {
  const { type, id, format } = detail;
  if (format === OWN || type === 'summary') return undefined;
  const opaque = type === 'encrypted' ? { data: detail.data } : { signature: detail.signature };
  if (type === 'text' && detail.signature === undefined) return undefined;
  return encodeBase64(new TextEncoder().encode(MARK + JSON.stringify({ ...opaque, id, format })));
}

/** True for a `thoughtSignature` of ours, which Google cannot read. */
export function isSealed(signature: JsonValue | undefined): signature is string {
  return typeof signature === 'string' && signature.startsWith(MARK_BASE64);
}

function unseal(signature: string | null | undefined): Seal | null {
  const bytes = isSealed(signature ?? undefined) ? decodeBase64(signature ?? '') : null;
  const content = bytes === null ? null : parseJson(new TextDecoder().decode(bytes).slice(MARK.length));
  if (!isJsonObject(content)) return null;
  const textAt = (key: string): string | null => {
    const value = content[key];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const format = reasoningFormats.find((known) => known === content['format']) ?? 'unknown';
  return { signature: textAt('signature'), data: textAt('data'), id: textAt('id'), format };
}

function sealedDetails(text: string, { signature, data, id, format }: Seal): ReasoningDetail[] {
  const common = { ...(id === null ? {} : { id }), format };
  if (data === null) return [{ type: 'text', text, ...(signature === null ? {} : { signature }), ...common }];
  const summary: ReasoningDetail[] = text === '' ? [] : [{ type: 'summary', text, ...common }];
  return [...summary, { type: 'encrypted', data, ...common }];
}

/** The thoughts of a turn as a client replays it. A streamed one comes back in pieces, and its signature or its blob is at its end. */
export function decodeThoughts(parts: readonly Pick<GeminiPart, 'text' | 'thoughtSignature'>[]): ReasoningDetail[] {
  const details: ReasoningDetail[] = [];
  let open = '';
  for (const { text, thoughtSignature: signature } of parts) {
    open += text ?? '';
    if (!signature) continue;
    const seal = unseal(signature);
    details.push(
      ...(seal === null
        ? [{ type: 'text' as const, text: open, signature, format: OWN } as const]
        : sealedDetails(open, seal)),
    );
    open = '';
  }
  if (open !== '') details.push({ type: 'text', text: open, format: OWN });
  return details;
}

/**
 * The turns of a client's own body for Google. Of a turn that another family thought, the thoughts stay behind; `unsigned` is what a first
 * call of such a turn is given for a signature, where the model wants one.
 */
export function withoutForeignThoughts(contents: readonly JsonValue[], unsigned: string | null): readonly JsonValue[] {
  return contents.flatMap((content): readonly JsonValue[] => {
    const { parts } = isJsonObject(content) ? content : {};
    const listed = Array.isArray(parts) ? parts.filter(isJsonObject) : [];
    if (!listed.some(({ thoughtSignature }) => isSealed(thoughtSignature))) return [content];
    const kept = listed.filter(({ thought }) => thought !== true);
    const firstCall = kept.findIndex(({ functionCall }) => functionCall !== undefined);
    const signed = kept.map((part, index): JsonObject => {
      return index === firstCall && unsigned !== null ? { thoughtSignature: unsigned, ...part } : part;
    });
    return kept.length === 0 ? [] : [{ ...(isJsonObject(content) ? content : {}), parts: signed }];
  });
}
