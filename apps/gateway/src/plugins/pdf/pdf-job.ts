/** What a worker is asked: bytes that may be a PDF, and how much of it is read at most. */
export interface PdfJob {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly pagesMax: number;
  readonly charactersMax: number;
}

/** Why there is no text. */
export type PdfFailure = 'malformed' | 'encrypted' | 'too_many_pages' | 'too_much_text' | 'no_text';

/** What came of it. */
export type PdfResult =
  | { readonly kind: 'text'; readonly pages: readonly string[] }
  | { readonly kind: 'failed'; readonly reason: PdfFailure };

/** A result on its way back. */
export interface PdfReply {
  readonly id: number;
  readonly result: PdfResult;
}
