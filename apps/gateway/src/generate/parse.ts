import { AppError } from '@bourse/errors';
import { isJsonObject, type Prompt } from '@bourse/generation';
import { BodyTooLarge } from '../http/collect.ts';
import { isForm, readForm } from './read-form.ts';
import type { InferenceRequest } from './request.ts';

/** Deeper nesting than any tool schema needs; refused before JSON.parse, which would build it all first. */
const DEPTH_MAX = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** The deepest nesting of arrays and objects in JSON bytes; strings are skipped. Says nothing of validity. */
export function jsonDepth(bytes: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === QUOTE) {
      index += 1;
      while (index < bytes.length && bytes[index] !== QUOTE) index += bytes[index] === BACKSLASH ? 2 : 1;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth -= 1;
    }
  }
  return deepest;
}

/** Reads a body whole. Its bytes are counted as they come: a Content-Length is a claim, not a fact. Throws 400, 413. */
export async function readBytes(request: Pick<InferenceRequest, 'readBody'>, bytesMax: number): Promise<Uint8Array> {
  try {
    return await request.readBody(bytesMax);
  } catch (cause) {
    if (!(cause instanceof BodyTooLarge)) throw new AppError('invalid_request', 'The body broke off.', { cause });
    throw new AppError('payload_too_large', `The body is larger than ${bytesMax} bytes.`, {
      metadata: { bytes_max: bytesMax },
    });
  }
}

function assertJsonHeaders(header: InferenceRequest['header']): void {
  const encoding = header('content-encoding');
  if (encoding !== null && encoding !== 'identity') {
    throw new AppError(
      'unsupported_media_type',
      `Content-Encoding ${JSON.stringify(encoding.slice(0, 40))} is not accepted; send plain JSON.`,
    );
  }
  const type = header('content-type');
  // curl's -d says "form" of whatever it sends, so only what cannot be JSON by its own word is refused.
  if (type !== null && /^(multipart|image|audio|video)\//i.test(type)) {
    throw new AppError('unsupported_media_type', 'Content-Type must be application/json.');
  }
}

/** Refuses what is not UTF-8. One for all: each decode is whole, so it carries nothing over, and making one costs more than using it. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

function parseJson(bytes: Uint8Array): unknown {
  if (jsonDepth(bytes) > DEPTH_MAX) {
    throw new AppError('invalid_request', `The JSON is nested deeper than ${DEPTH_MAX} levels.`, {
      metadata: { depth_max: DEPTH_MAX },
    });
  }
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch (cause) {
    // The parser's own message quotes the body, so it stays with the cause.
    throw new AppError('invalid_request', 'The body is not valid JSON in UTF-8.', { cause, metadata: { path: '' } });
  }
}

/** Whatever JSON a request's body holds, at most `bytesMax` of it. Throws 400, 413, 415. */
export async function readJson(
  request: Pick<InferenceRequest, 'header' | 'readBody'>,
  bytesMax: number,
): Promise<unknown> {
  assertJsonHeaders(request.header);
  return parseJson(await readBytes(request, bytesMax));
}

/** Beside its file a form has fields and the boundaries between them. */
const FORM_FIELDS_BYTES_MAX = 1024 * 1024;

/** The form that a request says it is, where its dialect takes one. */
function formOf({ wire: { form }, header }: Pick<InferenceRequest, 'wire' | 'header'>) {
  const contentType = header('content-type');
  return form !== undefined && contentType !== null && isForm(contentType) ? { ...form, contentType } : null;
}

/** How large the body of a request may be: a form as large as the file that its dialect takes, all else as the operator allows. */
export function bodyBytesMaxOf(
  request: Pick<InferenceRequest, 'wire' | 'header'>,
  { bodyBytesMax }: { readonly bodyBytesMax: number },
): number {
  const form = formOf(request);
  return form === null ? bodyBytesMax : form.fileBytesMax + FORM_FIELDS_BYTES_MAX;
}

/** The prompt in a request's body. Throws 400 with the path of the wrong field, 413, 415. */
export async function parse(
  request: Pick<InferenceRequest, 'wire' | 'header' | 'readBody' | 'fields'>,
  limits: { readonly bodyBytesMax: number },
): Promise<Prompt> {
  const bytesMax = bodyBytesMaxOf(request, limits);
  const form = formOf(request);
  if (form !== null) {
    const sent = await readForm(await readBytes(request, bytesMax), form.contentType, form.fileBytesMax);
    return form.decode(sent.fields, sent.upload);
  }
  const json = await readJson(request, bytesMax);
  const { fields, wire } = request;
  return wire.decodePrompt(fields !== undefined && isJsonObject(json) ? { ...json, ...fields } : json);
}
