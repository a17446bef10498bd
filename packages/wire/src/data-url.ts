/** A data URL taken apart. `base64` is as it came, less its white space. */
export interface DataUrl {
  /** Lower case, without parameters: "image/png". */
  readonly mimeType: string;
  readonly base64: string;
}

const HEAD_LENGTH_MAX = 500;

/**
 * Reads `data:<type>[;parameters];base64,<data>`, with any parameters and white space (RFC 2397). Null for other URLs and for data that is
 * not base64: nobody sends media percent-encoded.
 */
export function parseDataUrl(url: string): DataUrl | null {
  if (!/^\s*data:/i.test(url)) return null;
  const comma = url.indexOf(',');
  if (comma === -1 || comma > HEAD_LENGTH_MAX) return null;
  const [type = '', ...parameters] = url
    .slice(url.indexOf(':') + 1, comma)
    .split(';')
    .map((word) => word.trim().toLowerCase());
  if (parameters.at(-1) !== 'base64') return null;
  const data = url.slice(comma + 1);
  return { mimeType: type === '' ? 'text/plain' : type, base64: /\s/.test(data) ? data.replace(/\s+/g, '') : data };
}

/** A data URL from its parts. */
export function dataUrl(mimeType: string, base64: string): string {
  return `data:${mimeType};base64,${base64}`;
}
