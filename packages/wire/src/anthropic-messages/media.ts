import type { ContentPart, JsonObject } from '@bourse/generation';
import { parseDataUrl } from '../data-url.ts';

/** The media types of pictures that Anthropic reads (https://docs.claude.com/en/docs/build-with-claude/vision, read 2026-11). */
const IMAGE_TYPES: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);

/** How the base64 of each begins: Anthropic refuses a picture whose bytes are not what its name says. */
const IMAGE_BEGINNINGS: readonly (readonly [string, string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
];

/** An address that Anthropic fetches from itself; null for any other. */
function addressSource(url: string): JsonObject | null {
  return /^https:\/\//i.test(url) ? { type: 'url', url } : null;
}

/** The source of an image block; null for a picture that Anthropic cannot read. */
export function imageSource(url: string): JsonObject | null {
  const media = parseDataUrl(url);
  if (media === null) return addressSource(url);
  const { base64: data, mimeType } = media;
  const type = IMAGE_BEGINNINGS.find(([beginning]) => data.startsWith(beginning))?.[1] ?? mimeType;
  return IMAGE_TYPES.has(type) ? { type: 'base64', media_type: type, data } : null;
}

function textOfBase64(base64: string): string | null {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0)));
  } catch {
    // Not base64 after all: a file that cannot be read.
    return null;
  }
}

/** The source of a document block; null for a file that is neither a PDF nor text, or is named by an id. */
export function documentSource(fileData: string): JsonObject | null {
  const media = parseDataUrl(fileData);
  if (media === null) return addressSource(fileData);
  if (media.mimeType === 'application/pdf') return { type: 'base64', media_type: media.mimeType, data: media.base64 };
  if (!media.mimeType.startsWith('text/')) return null;
  const text = textOfBase64(media.base64);
  return text === null ? null : { type: 'text', media_type: 'text/plain', data: text };
}

type Lacking = 'image_input' | 'audio_input' | 'video_input' | 'file_input';

/** What kind of input a part is, when Anthropic cannot read it; null when it can. */
export function unreadable(part: ContentPart): Lacking | null {
  switch (part.type) {
    case 'text':
      return null;
    case 'image':
      return imageSource(part.url) === null ? 'image_input' : null;
    case 'file':
      return documentSource(part.fileData) === null ? 'file_input' : null;
    case 'audio':
      return 'audio_input';
    case 'video':
      return 'video_input';
  }
}
