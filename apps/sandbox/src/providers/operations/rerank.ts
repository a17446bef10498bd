import { z } from 'zod';
import { hashHex } from '../random.ts';
import { countTokens } from '../tokens.ts';
import type { Operation } from './operation.ts';
import { readJson } from './read-json.ts';

const schema = z.object({
  model: z.string().min(1),
  query: z.string().min(1),
  documents: z.array(z.string()).min(1),
  top_n: z.int().min(1).optional(),
});

const DOCUMENTS_PER_UNIT = 100;
const TOKENS_PER_PIECE = 500;

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
}

/** The share of the query's words that a document has, with a little less for every word besides. */
function scoreOf(query: ReadonlySet<string>, document: ReadonlySet<string>): number {
  const shared = [...query].filter((word) => document.has(word)).length;
  return Number((shared / Math.max(query.size, 1) / (1 + document.size / 10_000)).toFixed(8));
}

/** Cohere's search units: long documents count as several. */
function unitsOf(query: string, documents: readonly string[]): number {
  const room = TOKENS_PER_PIECE - Math.min(countTokens(query), TOKENS_PER_PIECE / 2);
  const pieces = documents.reduce((sum, each) => sum + Math.max(1, Math.ceil(countTokens(each) / room)), 0);
  return Math.ceil(pieces / DOCUMENTS_PER_UNIT);
}

/** `POST /v1/rerank` in the form of Cohere's second version. */
export const rerank: Operation = {
  path: '/v1/rerank',
  async read(request) {
    const { model, query, documents, top_n: topN = documents.length } = await readJson(request, schema);
    return {
      model,
      answer() {
        const asked = wordsOf(query);
        const results = documents
          .map((document, index) => ({ index, relevance_score: scoreOf(asked, wordsOf(document)) }))
          .sort((left, right) => right.relevance_score - left.relevance_score || left.index - right.index)
          .slice(0, topN);
        const billed = { search_units: unitsOf(query, documents) };
        const meta = { api_version: { version: '2' }, billed_units: billed };
        const id = hashHex(`${model}\n${query}`);
        return { contentType: 'application/json', body: { id, results, meta }, empty: { id, meta }, tokens: 0 };
      },
    };
  },
};
