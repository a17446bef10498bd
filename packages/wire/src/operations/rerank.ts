import { isJsonObject, type JsonObject, type JsonValue, type Prompt } from '@bourse/generation';
import { z } from 'zod';
import { parseRequest, refuse, requireObject } from '../request/decode-market.ts';
import { integer, marketFields, optional, text } from '../request/market-schema.ts';
import { jsonBytes } from '../request/weigh.ts';
import { utf8Length } from '../utf8-length.ts';
import type { AnswerContext } from '../wire-format.ts';
import { answerBody, countMembers, countOf, headEdits, idOf, objectAt, objectsOf, usageOf } from './answer-body.ts';
import { encodeOperation, operationFormat, operationPrompt } from './operation-format.ts';

const document = z.union([text, z.looseObject({ text: optional(text), image: optional(text) })]);
const schema = z.looseObject({
  ...marketFields,
  query: text.min(1),
  documents: z.array(document).min(1).max(10_000),
  top_n: optional(integer(1, 10_000)),
  max_tokens_per_doc: optional(integer(1, 1_000_000)),
});

/** Marks that a model puts around a query and a document. */
const BYTES_PER_PAIR = 16;

/**
 * Cohere's search unit is a query with up to 100 documents. A document that is longer than 500 tokens together with the query is cut into
 * pieces that count as one each, and what is beyond `max_tokens_per_doc` is cut off (https://cohere.com/pricing and
 * https://docs.cohere.com/docs/reranking-best-practices, read 2026-11).
 */
const DOCUMENTS_PER_UNIT = 100;
const TOKENS_PER_PIECE = 500;
const QUERY_TOKENS_MAX = 250;
const DOCUMENT_TOKENS_MAX = 4_096;

/** The most search units that a request can be: a token is at least a byte. */
function unitsAtMost(query: string, documents: readonly string[], tokensPerDocument: number): number {
  const room = TOKENS_PER_PIECE - Math.min(utf8Length(query), QUERY_TOKENS_MAX);
  const pieces = documents.map((each) => Math.ceil(Math.min(utf8Length(each), tokensPerDocument) / room));
  const total = pieces.reduce((sum, count) => sum + Math.max(count, 1), 0);
  return Math.ceil(total / DOCUMENTS_PER_UNIT);
}

function textsOf(documents: z.output<typeof schema>['documents']): readonly string[] {
  return documents.map((each, index) => {
    if (typeof each === 'string') return each;
    if (typeof each.text === 'string' && !each.image) return each.text;
    throw refuse(
      `documents[${index}]`,
      `documents[${index}] must be a text, or an object with a text: images are not ranked.`,
    );
  });
}

function decodePrompt(value: unknown): Prompt {
  const body = requireObject(value);
  const request = parseRequest(schema, body);
  const { query, max_tokens_per_doc: tokensPerDocument } = request;
  const documents = textsOf(request.documents);
  const { query: _query, documents: _documents, model: _model, ...others } = body;
  const perPair = utf8Length(query) + BYTES_PER_PAIR;
  const bytes = documents.reduce((sum, each) => sum + perPair + utf8Length(each), 0);
  return operationPrompt(request, {
    operation: 'rerank',
    wire: 'cohere-rerank',
    modality: 'rerank',
    body,
    inputBytes: bytes + jsonBytes(others, ''),
    units: { search_unit: unitsAtMost(query, documents, tokensPerDocument ?? DOCUMENT_TOKENS_MAX) },
    ownCount: { units: { search_unit: Math.ceil(documents.length / DOCUMENTS_PER_UNIT) }, method: 'documents' },
  });
}

function documentsOf({ source: { body } }: Prompt): readonly JsonValue[] {
  const { documents } = body;
  return Array.isArray(documents) ? documents : [];
}

/** Cohere's second version takes texts alone. */
function encodePrompt(prompt: Prompt, target: Parameters<typeof encodeOperation>[1]): JsonObject {
  const documents = documentsOf(prompt).map((each) => (isJsonObject(each) ? (each['text'] ?? '') : each));
  // Ours say what was ranked; nobody needs to send it back to us.
  const { return_documents: _echo, ...body } = encodeOperation(prompt, target);
  return { ...body, documents };
}

function wrong({ results }: JsonObject, { prompt }: AnswerContext): string | null {
  const count = documentsOf(prompt).length;
  const isRanked = ({ index, relevance_score: score }: JsonObject) =>
    typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < count && typeof score === 'number';
  return objectsOf(results)?.every(isRanked) === true ? null : 'The provider sent an answer without ranks.';
}

/** OpenRouter's clients expect the document beside its rank, whether or not the provider repeats it. */
function withDocuments({ results }: JsonObject, { prompt }: AnswerContext): Readonly<Record<string, string>> {
  const documents = documentsOf(prompt);
  const ranked = (objectsOf(results) ?? []).map((result) => {
    const original = documents[Number(result['index'])];
    return { ...result, document: typeof original === 'string' ? { text: original } : (original ?? null) };
  });
  return { results: JSON.stringify(ranked) };
}

/**
 * Rerank as Cohere has it (https://docs.cohere.com/reference/rerank, read 2026-11), in OpenRouter's form towards clients. Cohere counts
 * search units under `meta.billed_units`; those who imitate it count tokens under `usage`.
 */
export const cohereRerank = operationFormat({
  id: 'cohere-rerank',
  decodePrompt,
  encodePrompt,
  answer: {
    body: (answer, context) =>
      answerBody(answer, context, {
        wrong,
        usage: (root) => {
          const usage = objectAt(root, 'usage');
          const prompt = countOf(usage, 'prompt_tokens');
          return usageOf({
            search_unit: countOf(objectAt(objectAt(root, 'meta'), 'billed_units'), 'search_units'),
            input: prompt === undefined ? countOf(usage, 'total_tokens') : prompt,
          });
        },
        upstreamId: idOf,
        usageMembers: ({ usage: { search_unit, input } }) =>
          countMembers({ search_units: search_unit, total_tokens: input }),
        edits: (root, at) => ({ ...headEdits(at), ...withDocuments(root, at) }),
      }),
  },
});
