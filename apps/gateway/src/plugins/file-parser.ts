import { createHash } from 'node:crypto';
import { AppError, type ErrorCode, isAppError } from '@bourse/errors';
import type { FileAnnotation, JsonObject, PipelineStep, Prompt } from '@bourse/generation';
import { type BodyFile, type ConversationForm, parseDataUrl, type ServedFormat } from '@bourse/wire';
import type { Deps } from '../deps.ts';
import { plan } from '../generate/plan.ts';
import type { PdfRefusal } from './pdf/pdf-reader.ts';
import type { PdfEngine } from './wanted.ts';

/** More than these in one request are an archive, not a conversation. */
const FILES_MAX = 16;

const REFUSALS: Readonly<Record<PdfRefusal, readonly [ErrorCode, string]>> = {
  malformed: ['unprocessable', 'is no PDF that can be read'],
  encrypted: ['unprocessable', 'is encrypted; send it without its password'],
  too_many_pages: ['unprocessable', 'has too many pages; send those that matter'],
  too_much_text: ['unprocessable', 'has too much text; send the pages that matter'],
  no_text: [
    'unprocessable',
    'holds pictures of text and no text; ask a model that reads PDFs, or send the pages as images',
  ],
  too_slow: ['unprocessable', 'took too long to be read; send fewer of its pages'],
  too_complex: ['unprocessable', 'took too much memory to be read; send fewer of its pages'],
  busy: ['service_unavailable', 'could not be read: too many files are waiting; retry'],
  stopped: ['service_unavailable', 'could not be read: this server is shutting down; retry'],
};

/** What was read so far goes back, so that a retry without the bad file need not read the good ones again. */
function refusal(file: BodyFile, reason: PdfRefusal, read: readonly FileAnnotation[]): AppError {
  const [code, words] = REFUSALS[reason];
  const retry = code === 'service_unavailable' ? { retryAfterSeconds: 1 } : {};
  return new AppError(code, `${file.name} ${words}.`, {
    ...retry,
    metadata: {
      reason: `pdf_${reason}`,
      file: file.name,
      file_annotations: read.map((each) => ({ type: 'file', file: each })),
    },
  });
}

/** True for what may be a PDF: by its own word, or by an address. */
function mayBePdf({ data }: BodyFile): boolean {
  if (/^https?:/i.test(data)) return true;
  return parseDataUrl(data)?.mimeType === 'application/pdf';
}

const PDF_MARK = '%PDF-';

/** The bytes of a file; null for one at an address that turns out to be no PDF. */
async function bytesOf({ data }: BodyFile, deps: Deps, cut: AbortSignal): Promise<Uint8Array | null> {
  const sent = parseDataUrl(data);
  if (sent !== null) return Buffer.from(sent.base64, 'base64');
  const { bytes } = await deps.media.fetch(data, 'file', cut);
  return Buffer.from(bytes).subarray(0, 1024).includes(PDF_MARK) ? bytes : null;
}

/** The text that an annotation was made of; null for one that has none. */
function textIn({ content }: FileAnnotation): string | null {
  const texts = content.flatMap(({ type, text }) => (type === 'text' && typeof text === 'string' ? [text] : []));
  return texts.length === 0 ? null : texts.join('\n');
}

/** A file in words, as the model is told it. */
function told(name: string, pages: readonly string[]): string {
  return `<file name=${JSON.stringify(name)}>\n${pages.join('\n\n')}\n</file>`;
}

/** What reading files came to. */
export interface ParsedFiles {
  readonly body: JsonObject;
  readonly step: PipelineStep;
  readonly files: readonly FileAnnotation[];
}

async function readAll(
  pdfs: readonly BodyFile[],
  known: ReadonlyMap<string, FileAnnotation>,
  { deps, cut }: { readonly deps: Deps; readonly cut: AbortSignal },
) {
  const texts = new Map<JsonObject, string>();
  const files = new Map<string, FileAnnotation>();
  let pages = 0;
  let reused = 0;
  for (const file of pdfs) {
    const bytes = await bytesOf(file, deps, cut);
    if (bytes === null) continue;
    const hash = createHash('sha256').update(bytes).digest('hex');
    const earlier = files.get(hash) ?? known.get(hash);
    const replayed = earlier === undefined ? null : textIn(earlier);
    if (earlier !== undefined && replayed !== null) {
      if (!files.has(hash)) reused += 1;
      texts.set(file.part, replayed);
      files.set(hash, earlier);
      continue;
    }
    const read = await deps.pdf.read(bytes);
    if (read.kind === 'failed') throw refusal(file, read.reason, [...files.values()]);
    const text = told(file.name, read.pages);
    pages += read.pages.length;
    texts.set(file.part, text);
    files.set(hash, { hash, name: file.name, content: [{ type: 'text', text }] });
  }
  return { texts, files: [...files.values()], pages, reused };
}

/** True when an endpoint may be asked with the prompt as it is. */
function isServable(prompt: Prompt, deps: Deps): boolean {
  try {
    plan(prompt, deps);
    return true;
  } catch (error) {
    if (isAppError(error)) return false;
    throw error;
  }
}

/** Without a wish files are read where only then somebody can answer: providers that read PDFs see more than their text. */
function isNeeded(
  prompt: Prompt,
  pdfs: readonly BodyFile[],
  { wire, deps }: { wire: ServedFormat; deps: Deps },
): boolean {
  if (isServable(prompt, deps) || wire.conversation === undefined) return false;
  const without = new Map(pdfs.map(({ part }) => [part, '.'] as const));
  return isServable(wire.decodePrompt(wire.conversation.withFileTexts(prompt.source.body, without)), deps);
}

/**
 * PDFs of a request as text, each read once, or not at all where the client sends back what an earlier turn has read. Null when there is
 * nothing to read. Throws 422 for a file that cannot be read, with those that could; 503 when too many wait; what a download fails with.
 */
export async function parseFiles(
  prompt: Prompt,
  {
    form,
    engine,
    wire,
    deps,
    cut,
  }: {
    readonly form: ConversationForm;
    readonly engine: PdfEngine | null;
    readonly wire: ServedFormat;
    readonly deps: Deps;
    readonly cut: AbortSignal;
  },
): Promise<ParsedFiles | null> {
  if (engine === 'native') return null;
  const { body } = prompt.source;
  const pdfs = form.files(body).filter(mayBePdf);
  if (pdfs.length === 0 || (engine === null && !isNeeded(prompt, pdfs, { wire, deps }))) return null;
  if (pdfs.length > FILES_MAX) {
    throw new AppError('invalid_request', `At most ${FILES_MAX} files are read for one request.`, {
      metadata: { files_max: FILES_MAX },
    });
  }
  const known = new Map(form.annotations(body).map((annotation) => [annotation.hash, annotation] as const));
  const { texts, files, pages, reused } = await readAll(pdfs, known, { deps, cut });
  if (texts.size === 0) return null;
  const step: PipelineStep = {
    type: 'plugin',
    name: 'file-parser',
    summary: `Read ${files.length - reused} of ${files.length} files; the others were sent back as text.`,
    data: { engine: 'pdf-text', files: files.length, files_reused: reused, pages },
  };
  return { body: form.withoutAnnotations(form.withFileTexts(body, texts)), step, files };
}
