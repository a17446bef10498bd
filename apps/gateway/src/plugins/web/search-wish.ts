import { AppError } from '@bourse/errors';
import type { Message, Prompt, SearchWish } from '@bourse/generation';
import { utf8Length } from '@bourse/wire';
import type { Deps } from '../../deps.ts';
import type { InferenceRequest } from '../../generate/request.ts';
import type { WebOptions } from '../wanted.ts';

/** Of a question nobody needs more to search by it. */
const QUERY_LENGTH_MAX = 1_000;
/** Of one result, with all that is around it. */
export const RESULT_BYTES_MAX = 3_072;
/** Of what is said before the results, when it is our own. */
const INSTRUCTION_BYTES_MAX = 1_024;

function textOf({ content }: Message): string {
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}

/** What results may add to a prompt, in bytes: so much is weighed and paid for before they are there. */
export function roomFor({ resultsMax, instruction }: SearchWish): number {
  return resultsMax * RESULT_BYTES_MAX + INSTRUCTION_BYTES_MAX + utf8Length(instruction ?? '');
}

/**
 * The search that a request asks for: its last question is what is searched for. Null when nothing is asked in words. Throws where nobody
 * searches here, and where the question may not leave.
 */
export function searchOf(
  { messages, preferences }: Prompt,
  options: WebOptions,
  { request, deps }: { readonly request: Pick<InferenceRequest, 'wire'>; readonly deps: Deps },
): SearchWish | null {
  const metadata = { path: 'plugins', plugin: 'web' };
  if (deps.search.provider === null || request.wire.conversation === undefined) {
    throw new AppError('invalid_request', 'The plugin web is not set up here. Ask without it.', { metadata });
  }
  if (preferences.zdr === true) {
    const message =
      'The plugin web sends the question to a search provider, which provider.zdr forbids. Leave out one of the two.';
    throw new AppError('invalid_request', message, { metadata });
  }
  const question = messages.findLast(({ role }) => role === 'user');
  const query = question === undefined ? '' : textOf(question).trim().slice(-QUERY_LENGTH_MAX);
  return query === '' ? null : { query: query.toWellFormed(), ...options };
}
