/** What a customer may have fetched for a model. */
export type MediaKind = 'image' | 'video' | 'file';

interface Signature {
  readonly type: string;
  readonly kind: MediaKind;
  readonly at: number;
  /** Latin-1. */
  readonly bytes: string;
  /** More bytes elsewhere, for containers that several types share. */
  readonly also?: { readonly at: number; readonly bytes: string };
}

const SIGNATURES: readonly Signature[] = [
  { type: 'image/png', kind: 'image', at: 0, bytes: '\x89PNG\r\n\x1a\n' },
  { type: 'image/jpeg', kind: 'image', at: 0, bytes: '\xff\xd8\xff' },
  { type: 'image/gif', kind: 'image', at: 0, bytes: 'GIF8' },
  { type: 'image/webp', kind: 'image', at: 0, bytes: 'RIFF', also: { at: 8, bytes: 'WEBP' } },
  { type: 'image/heic', kind: 'image', at: 4, bytes: 'ftyphei' },
  { type: 'image/heif', kind: 'image', at: 4, bytes: 'ftypmif1' },
  { type: 'application/pdf', kind: 'file', at: 0, bytes: '%PDF-' },
  { type: 'video/webm', kind: 'video', at: 0, bytes: '\x1a\x45\xdf\xa3' },
  { type: 'video/quicktime', kind: 'video', at: 4, bytes: 'ftypqt' },
  { type: 'video/mp4', kind: 'video', at: 4, bytes: 'ftyp' },
  { type: 'video/mpeg', kind: 'video', at: 0, bytes: '\x00\x00\x01\xba' },
];

function standsAt(bytes: Buffer, at: number, text: string): boolean {
  return bytes.subarray(at, at + text.length).toString('latin1') === text;
}

/** What bytes are by their own beginning; null for what no model is given. */
export function sniff(bytes: Buffer): { readonly type: string; readonly kind: MediaKind } | null {
  const found = SIGNATURES.find(
    ({ at, bytes: first, also }) =>
      standsAt(bytes, at, first) && (also === undefined || standsAt(bytes, also.at, also.bytes)),
  );
  return found ?? null;
}

/** Servers say this of anything. */
const SAYS_NOTHING: ReadonlySet<string> = new Set(['', 'application/octet-stream', 'binary/octet-stream']);

/** True when the declared type is not a lie: the same kind of thing as the bytes are. Pictures under another picture's name are common. */
export function isHonest(declared: string, found: { readonly type: string; readonly kind: MediaKind }): boolean {
  if (SAYS_NOTHING.has(declared) || declared === found.type) return true;
  return found.kind !== 'file' && declared.startsWith(`${found.kind}/`) && declared !== 'image/svg+xml';
}
