/** Where to go on: `cursor` comes from the previous page. `limit` is 1..500. */
export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string;
}

/** A page and the cursor of the next one; null = the end. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextCursor: string | null;
}
