import { isJsonObject, type ReasoningDetail, type ReasoningFormat, reasoningFormats } from '@bourse/generation';
import { parseJson } from '../parse-json.ts';

/**
 * Clients of this dialect keep two opaque strings for us: the signature of a thinking block, and the data of a redacted one. What another
 * family signed or encrypted travels in them under a mark of ours, so that it goes back to that family whole, and never to Anthropic.
 */
const MARK = 'bourse1:';

/** The family whose signatures Anthropic's API verifies. */
export const CLAUDE: ReasoningFormat = 'anthropic-claude-v1';

/** Gemini's signature of a call: it must return with the call that it belongs to. */
export interface CallSignature {
  readonly callId: string;
  readonly signature: string;
}

/** True for an opaque string of ours. */
export function isForeign(opaque: string): boolean {
  return opaque.startsWith(MARK);
}

function readMark(opaque: string): Readonly<Record<string, unknown>> | null {
  const parsed = isForeign(opaque) ? parseJson(opaque.slice(MARK.length)) : null;
  return isJsonObject(parsed) ? parsed : null;
}

function textAt(object: Readonly<Record<string, unknown>>, key: string): string {
  const value = object[key];
  return typeof value === 'string' ? value : '';
}

function familyOf(marked: Readonly<Record<string, unknown>>): ReasoningFormat {
  return reasoningFormats.find((known) => known === marked['format']) ?? 'unknown';
}

function identified(id: string): { readonly id?: string } {
  return id === '' ? {} : { id };
}

interface Signed {
  readonly signature: string | undefined;
  readonly format: ReasoningFormat;
  readonly id: string | undefined;
}

/** What a client is given as the signature of a thinking block; '' for reasoning that nobody signed. */
export function signatureFor({ signature, format, id }: Signed): string {
  if (format === CLAUDE) return signature ?? '';
  if (signature === undefined) return '';
  return MARK + JSON.stringify({ signature, format, id });
}

/** What a client is given as the data of a redacted thinking block. */
export function dataFor({
  data,
  format,
  id,
}: {
  data: string;
  format: ReasoningFormat;
  id: string | undefined;
}): string {
  return format === CLAUDE ? data : MARK + JSON.stringify({ data, format, id });
}

/** The signature of a call, as the data of a redacted thinking block before it. */
export function dataForCall(signed: CallSignature): string {
  return MARK + JSON.stringify({ call: signed.callId, signature: signed.signature });
}

/** A thinking block as a client replays it. */
export function thinkingOf(thinking: string, signature: string): ReasoningDetail {
  const marked = readMark(signature);
  if (marked !== null) {
    const [theirs, id] = [textAt(marked, 'signature'), textAt(marked, 'id')];
    const signed = theirs === '' ? {} : { signature: theirs };
    return { type: 'text', text: thinking, ...signed, ...identified(id), format: familyOf(marked) };
  }
  if (signature === '') return { type: 'text', text: thinking, format: 'unknown' };
  return { type: 'text', text: thinking, signature, format: CLAUDE };
}

/** A redacted thinking block as a client replays it: encrypted reasoning, or the signature of a call. */
export function redactedOf(data: string): ReasoningDetail | CallSignature {
  const marked = readMark(data);
  if (marked === null) return { type: 'encrypted', data, format: CLAUDE };
  const callId = textAt(marked, 'call');
  if (callId !== '') return { callId, signature: textAt(marked, 'signature') };
  return {
    type: 'encrypted',
    data: textAt(marked, 'data'),
    ...identified(textAt(marked, 'id')),
    format: familyOf(marked),
  };
}
