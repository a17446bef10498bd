import type { ContentPart, JsonObject } from '@bourse/generation';
import { dataUrl, parseDataUrl } from '../data-url.ts';
import { wordTable } from '../word-table.ts';

/** The names that clients of other dialects have for sound, as media types (audio guide, read 2026-11). */
const AUDIO_TYPES: ReadonlyMap<string, string> = wordTable({
  wav: 'audio/wav',
  mp3: 'audio/mp3',
  aiff: 'audio/aiff',
  aac: 'audio/aac',
  ogg: 'audio/ogg',
  flac: 'audio/flac',
  m4a: 'audio/m4a',
  pcm16: 'audio/L16;rate=24000',
});

const TYPE_BY_ENDING: ReadonlyMap<string, string> = wordTable({
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  heic: 'image/heic',
  heif: 'image/heif',
  gif: 'image/gif',
  pdf: 'application/pdf',
  txt: 'text/plain',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
});

const TYPE_BY_KIND = { image: 'image/jpeg', video: 'video/mp4', file: 'application/pdf' } as const;

/** What Google reads by itself: its own files, its storage, and videos on YouTube (file input guide, read 2026-11). */
const READ_BY_GOOGLE =
  /^(?:gs:\/\/|https:\/\/generativelanguage\.googleapis\.com\/|https:\/\/(?:www\.|m\.)?youtube\.com\/|https:\/\/youtu\.be\/)/i;

/** True for a web address that somebody else must read for the model. */
export function needsBytes(url: string): boolean {
  return /^https?:\/\//i.test(url) && !READ_BY_GOOGLE.test(url);
}

function typeByEnding(url: string): string | undefined {
  const path = url.split(/[?#]/, 1)[0] ?? '';
  return TYPE_BY_ENDING.get(path.slice(path.lastIndexOf('.') + 1).toLowerCase());
}

/** Media by URL: a data URL as bytes, any other by its address. YouTube wants no type, everything else does. */
function mediaPart(url: string, kind: keyof typeof TYPE_BY_KIND): JsonObject {
  const data = parseDataUrl(url);
  if (data !== null) return { inlineData: { mimeType: data.mimeType, data: data.base64 } };
  const isVideoPage = /youtu\.?be/i.test(url) && READ_BY_GOOGLE.test(url);
  return {
    fileData: { ...(isVideoPage ? {} : { mimeType: typeByEnding(url) ?? TYPE_BY_KIND[kind] }), fileUri: url },
  };
}

/** A piece of content that is no text. */
export function encodeMedia(part: Exclude<ContentPart, { type: 'text' }>): JsonObject {
  if (part.type === 'audio') {
    const mimeType = AUDIO_TYPES.get(part.format.toLowerCase()) ?? `audio/${part.format.toLowerCase()}`;
    return { inlineData: { mimeType, data: parseDataUrl(part.base64)?.base64 ?? part.base64 } };
  }
  return mediaPart(part.type === 'file' ? part.fileData : part.url, part.type);
}

/** What other dialects call sound of this type. */
function audioFormat(mimeType: string): string {
  const named = Object.entries(AUDIO_TYPES).find(([, type]) => type === mimeType)?.[0];
  return named ?? (mimeType.startsWith('audio/mpeg') ? 'mp3' : mimeType.slice('audio/'.length).replace(/^x-/, ''));
}

/** A piece of content from its media type and its place: base64, or the address of a file. */
export function decodeMedia(mimeType: string, source: { base64: string } | { url: string }): ContentPart {
  const url = 'url' in source ? source.url : dataUrl(mimeType, source.base64);
  if (mimeType.startsWith('image/')) return { type: 'image', url };
  if (mimeType.startsWith('video/') || /youtu\.?be/i.test(url.slice(0, 40))) return { type: 'video', url };
  if (mimeType.startsWith('audio/') && 'base64' in source) {
    return { type: 'audio', base64: source.base64, format: audioFormat(mimeType) };
  }
  return { type: 'file', fileData: url };
}
