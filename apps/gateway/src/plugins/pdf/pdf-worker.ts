import { parentPort } from 'node:worker_threads';
import { getDocumentProxy } from 'unpdf';
import type { PdfJob, PdfReply, PdfResult } from './pdf-job.ts';

/**
 * A thread that reads PDFs, one after the other. Nothing of it can hold up the gateway: who started it bounds its memory, and ends it when it
 * takes too long.
 */

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

async function pageText(pdf: Pdf, number: number): Promise<string> {
  const page = await pdf.getPage(number);
  const { items } = await page.getTextContent();
  let text = '';
  for (const item of items) if ('str' in item) text += item.str + (item.hasEOL ? '\n' : '');
  page.cleanup();
  return text.trim();
}

async function textOf(pdf: Pdf, { pagesMax, charactersMax }: PdfJob): Promise<PdfResult> {
  if (pdf.numPages > pagesMax) return { kind: 'failed', reason: 'too_many_pages' };
  const pages: string[] = [];
  let characters = 0;
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const text = await pageText(pdf, number);
    characters += text.length;
    if (characters > charactersMax) return { kind: 'failed', reason: 'too_much_text' };
    pages.push(text);
  }
  return characters === 0 ? { kind: 'failed', reason: 'no_text' } : { kind: 'text', pages };
}

async function read(job: PdfJob): Promise<PdfResult> {
  try {
    // Nothing is drawn: its fonts need not be made.
    const pdf = await getDocumentProxy(job.bytes, { disableFontFace: true, verbosity: 0 });
    try {
      return await textOf(pdf, job);
    } finally {
      await pdf.loadingTask.destroy();
    }
  } catch (error) {
    const isEncrypted = error instanceof Error && error.name === 'PasswordException';
    return { kind: 'failed', reason: isEncrypted ? 'encrypted' : 'malformed' };
  }
}

parentPort?.on('message', (job: PdfJob) => {
  void read(job).then((result) => parentPort?.postMessage({ id: job.id, result } satisfies PdfReply));
});
