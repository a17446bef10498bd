import { type ExtraMembers, type ServedFormat, withExtraMembers, withExtraMembersInStream } from '@bourse/wire';
import type { Deps } from '../deps.ts';
import type { Answer, InferenceRequest, StreamAnswer, StreamEnd } from '../generate/request.ts';
import { metadataMembers } from './metadata.ts';

async function* explainedChunks(
  { chunks }: StreamAnswer,
  { members, wire }: { readonly members: () => ExtraMembers | null; readonly wire: ServedFormat },
): AsyncGenerator<string, StreamEnd> {
  for (;;) {
    const next = await chunks.next();
    if (next.done !== true) {
      yield next.value;
      continue;
    }
    const extra = members();
    if (extra === null) return next.value;
    return { ...next.value, text: withExtraMembersInStream(next.value.text, extra, wire.wrapper) };
  }
}

/**
 * The same answer, with the metadata of its routing where its client asked for that: in a body, or in the last words of a stream. What is no
 * text has no place for it, and an answer that was given before has none to tell, because nothing was routed for it.
 */
export function explainAnswer(answer: Answer, request: InferenceRequest, deps: Pick<Deps, 'catalog'>): Answer {
  const { trace, wire } = request;
  if (trace === null) return answer;
  const members = (): ExtraMembers | null => metadataMembers(trace, deps);
  if (answer.kind === 'stream') return { ...answer, chunks: explainedChunks(answer, { members, wire }) };
  const extra = members();
  return extra === null || typeof answer.body !== 'string'
    ? answer
    : { ...answer, body: withExtraMembers(answer.body, extra) };
}
