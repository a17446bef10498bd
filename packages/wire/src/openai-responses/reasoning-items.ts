import {
  isJsonObject,
  type JsonObject,
  type ReasoningDetail,
  type ReasoningFormat,
  reasoningFormats,
} from '@bourse/generation';
import { parseJson } from '../parse-json.ts';

/**
 * Reasoning of every family in the one item that this dialect has for it. OpenAI's own encrypted content stands as it came. What another
 * family needs back (a signature, a blob, whose it is) travels in `encrypted_content` as well, sealed with a mark: clients keep that field
 * untouched, while many lose fields that they do not know.
 */

/** What `encrypted_content` of this dialect's own family is called. */
export const OWN_FORMAT: ReasoningFormat = 'openai-responses-v1';

const SEAL = 'bourse.1.';

interface Sealed {
  readonly format: ReasoningFormat;
  readonly signature: string | null;
  readonly data: string | null;
}

function formatNamed(name: unknown): ReasoningFormat | null {
  return reasoningFormats.find((known) => known === name) ?? null;
}

/** The content of a field without its mark; null when it is not one of ours. */
function unseal(text: string): Sealed | null {
  if (!text.startsWith(SEAL)) return null;
  const content = parseJson(text.slice(SEAL.length));
  if (!isJsonObject(content)) return null;
  const { format, signature, data } = content;
  return {
    format: formatNamed(format) ?? 'unknown',
    signature: typeof signature === 'string' ? signature : null,
    data: typeof data === 'string' ? data : null,
  };
}

/** What must go into `encrypted_content` for a detail to come back whole; null when its visible text is all there is. */
export function sealDetail(detail: ReasoningDetail): string | null {
  const { format } = detail;
  if (detail.type === 'encrypted') {
    return format === OWN_FORMAT ? detail.data : SEAL + JSON.stringify({ format, data: detail.data });
  }
  const signature = detail.type === 'text' ? detail.signature : undefined;
  if (signature !== undefined) return SEAL + JSON.stringify({ format, signature });
  return null;
}

function textsOf(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) =>
    isJsonObject(entry) && typeof entry['text'] === 'string' ? [entry['text']] : [],
  );
}

/** A reasoning item as a client replays it, or as a provider writes it: `family` is whose an unmarked blob is. */
export function detailsOfItem(item: JsonObject, family: ReasoningFormat = OWN_FORMAT): ReasoningDetail[] {
  const { id, encrypted_content: encrypted, signature: given } = item;
  const blob = typeof encrypted === 'string' && encrypted !== '' ? encrypted : null;
  const sealed = blob === null ? null : unseal(blob);
  const hasOwnBlob = blob !== null && sealed === null;
  const format = sealed?.format ?? formatNamed(item['format']) ?? (hasOwnBlob ? family : 'unknown');
  const named = typeof id === 'string' && id !== '' ? { id } : {};
  const signature = sealed?.signature ?? (typeof given === 'string' && given !== '' ? given : null);
  const summaries = textsOf(item['summary']).map(
    (text): ReasoningDetail => ({ type: 'summary', text, ...named, format }),
  );
  const texts = textsOf(item['content']);
  // A signature without any text is one all the same: newer models keep what they thought to themselves.
  if (texts.length === 0 && signature !== null) texts.push('');
  const signed = texts.map((text, index): ReasoningDetail => {
    const isLast = index === texts.length - 1;
    return { type: 'text', text, ...(isLast && signature !== null ? { signature } : {}), ...named, format };
  });
  const data = sealed === null ? blob : sealed.data;
  const whole: ReasoningDetail[] = data === null ? [] : [{ type: 'encrypted', data, ...named, format }];
  return [...summaries, ...signed, ...whole];
}

/**
 * True for a reasoning item that providers of a family may see again: its blob is theirs, as far as anybody can tell. An item without a
 * blob is only a name of something that nobody stored.
 */
export function isReadableBy(item: JsonObject, family: ReasoningFormat): boolean {
  const { encrypted_content: encrypted } = item;
  if (typeof encrypted !== 'string' || encrypted === '') return false;
  const sealed = unseal(encrypted);
  if (sealed !== null) return sealed.format === family && sealed.data !== null;
  return (formatNamed(item['format']) ?? family) === family;
}

/** The item as its family knows it: our mark and OpenRouter's fields are gone. */
export function ownItem(item: JsonObject): JsonObject {
  const { encrypted_content: encrypted, format: _format, signature: _signature, status: _status, ...rest } = item;
  const sealed = typeof encrypted === 'string' ? unseal(encrypted) : null;
  return { ...rest, encrypted_content: sealed?.data ?? encrypted ?? null };
}
