import { AppError } from '@bourse/errors';
import type { ContentPart, JsonObject, Prompt } from '@bourse/generation';
import { parseDataUrl } from '../data-url.ts';

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ImageBlock.html, _VideoBlock and _DocumentBlock, read 2026-11. */
const IMAGE_FORMATS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'image/png': 'png',
    'image/jpeg': 'jpeg',
    'image/jpg': 'jpeg',
    'image/gif': 'gif',
    'image/webp': 'webp',
  }),
);

const VIDEO_FORMATS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'video/mp4': 'mp4',
    'video/quicktime': 'mov',
    'video/webm': 'webm',
    'video/x-matroska': 'mkv',
    'video/x-flv': 'flv',
    'video/mpeg': 'mpeg',
    'video/x-ms-wmv': 'wmv',
    'video/3gpp': 'three_gp',
  }),
);

const DOCUMENT_FORMATS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'application/pdf': 'pdf',
    'text/csv': 'csv',
    'application/msword': 'doc',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
    'application/vnd.ms-excel': 'xls',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
    'text/html': 'html',
    'text/plain': 'txt',
    'text/markdown': 'md',
  }),
);

/** The first letters of the base64 of each kind of picture: the models refuse bytes that are not what they are called. */
const SIGNS: readonly (readonly [string, string])[] = [
  ['iVBORw0KGgo', 'png'],
  ['/9j/', 'jpeg'],
  ['R0lGOD', 'gif'],
  ['UklGR', 'webp'],
];

const ENDINGS: ReadonlySet<string> = new Set(DOCUMENT_FORMATS.values());

interface Bytes {
  readonly format: string;
  readonly base64: string;
}

function imageBytes(url: string): Bytes | null {
  const data = parseDataUrl(url);
  if (data === null) return null;
  const format = SIGNS.find(([sign]) => data.base64.startsWith(sign))?.[1] ?? IMAGE_FORMATS.get(data.mimeType);
  return format === undefined ? null : { format, base64: data.base64 };
}

function videoBytes(url: string): Bytes | null {
  const data = parseDataUrl(url);
  const format = data === null ? undefined : VIDEO_FORMATS.get(data.mimeType);
  return data === null || format === undefined ? null : { format, base64: data.base64 };
}

function documentBytes({ fileData, filename }: Extract<ContentPart, { type: 'file' }>): Bytes | null {
  const data = parseDataUrl(fileData);
  if (data === null) return null;
  const ending = filename?.split('.').at(-1)?.toLowerCase() ?? '';
  const format = DOCUMENT_FORMATS.get(data.mimeType) ?? (ENDINGS.has(ending) ? ending : undefined);
  return format === undefined ? null : { format, base64: data.base64 };
}

/** Converse has no room for addresses: whoever calls it reads them first. What is in an S3 bucket is never asked for, the bucket being ours. */
export function needsBytes(url: string): boolean {
  return /^https?:\/\//i.test(url);
}

type Media = Extract<ContentPart, { type: 'image' | 'video' | 'file' }>;

function bytesOf(part: Media): Bytes | null {
  if (part.type === 'image') return imageBytes(part.url);
  return part.type === 'video' ? videoBytes(part.url) : documentBytes(part);
}

/** The first piece of a prompt that Converse has no block for; null when it can carry them all once addresses are read. */
export function mediaLacking(prompt: Prompt): 'image_input' | 'audio_input' | 'video_input' | 'file_input' | null {
  for (const { role, content } of prompt.messages) {
    // Pictures that a model made are not sent back.
    if (role === 'assistant') continue;
    for (const part of content) {
      if (part.type === 'text') continue;
      if (part.type === 'audio') return 'audio_input';
      const url = part.type === 'file' ? part.fileData : part.url;
      if (!needsBytes(url) && bytesOf(part) === null) return `${part.type}_input`;
    }
  }
  return null;
}

/**
 * Gives documents names that Converse takes: letters, digits, single spaces, hyphens and brackets, each name once in a request
 * (API_runtime_DocumentBlock, read 2026-11). The model reads the name, so the client's is kept where it can be.
 */
export function createDocumentNames(): (filename: string | undefined) => string {
  const taken = new Set<string>();
  return (filename = '') => {
    const stem = filename.replace(/\.[A-Za-z0-9]{1,5}$/, '');
    const clean = stem
      .replace(/[^A-Za-z0-9 ()[\]-]+/g, ' ')
      .replace(/ +/g, ' ')
      .trim()
      .slice(0, 100)
      .trim();
    const wanted = clean === '' ? 'Document' : clean;
    let name = wanted;
    for (let count = 2; taken.has(name); count += 1) name = `${wanted} (${count})`;
    taken.add(name);
    return name;
  };
}

/**
 * The block of a picture, a film or a document. Throws AppError('invalid_request') for what was read from an address and turned out to be of
 * a kind that Converse has no block for; `mediaLacking` speaks for all others.
 */
export function encodeMedia(part: Media, nameOf: (filename: string | undefined) => string): JsonObject {
  const bytes = bytesOf(part);
  if (bytes === null) {
    throw new AppError('invalid_request', `The provider cannot read this type of ${part.type}.`);
  }
  const block = { format: bytes.format, source: { bytes: bytes.base64 } };
  if (part.type === 'file') return { document: { ...block, name: nameOf(part.filename) } };
  return part.type === 'image' ? { image: block } : { video: block };
}
