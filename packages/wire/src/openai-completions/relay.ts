import { isJsonObject } from '@bourse/generation';
import { noFacts } from '../facts.ts';
import { spliceMembers } from '../json-members.ts';
import { END_DATA, frame } from '../openai-chat/frames.ts';
import { encodeUsage } from '../openai-chat/usage.ts';
import { parseJson } from '../parse-json.ts';
import type { AnswerContext, Lane, Relay, ResponseHead } from '../wire-format.ts';
import { createEncoder } from './encoder.ts';

function headEdits({ id, model, provider }: ResponseHead): Map<string, string> {
  return new Map([
    ['id', JSON.stringify(id)],
    ['model', JSON.stringify(model)],
    ['provider', JSON.stringify(provider)],
  ]);
}

/** Chunks pass with what is ours in them; the one that counts, and the end mark, are written anew. */
function open(context: AnswerContext): Lane {
  const edits = headEdits(context.head);
  const encoder = createEncoder(context);
  return {
    event({ data }) {
      const root = data === END_DATA ? null : parseJson(data);
      const isShown = isJsonObject(root) && root['usage'] === undefined;
      return { text: isShown ? frame(spliceMembers(data, edits)) : '', facts: noFacts, isEnd: data === END_DATA };
    },
    end: () => ({ text: '', facts: noFacts, isEnd: true }),
    finish: (report) => encoder.finish(report),
    fail: (error) => encoder.fail(error),
  };
}

/** For our own answers, given again: no provider speaks this dialect to us, so that nothing is read from them. */
export const relay: Relay = {
  open,
  body: (text, { head }) => ({
    facts: noFacts,
    render: (report) => spliceMembers(text, headEdits(head).set('usage', encodeUsage(report))),
  }),
};
