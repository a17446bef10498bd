import type { Prompt } from '@bourse/generation';

/** What a prompt is for, as far as its form and a look at its last words tell. */
export type Task =
  | 'vision'
  | 'documents'
  | 'sound'
  | 'agent'
  | 'extraction'
  | 'long_context'
  | 'code'
  | 'math'
  | 'translation'
  | 'summary'
  | 'writing'
  | 'reasoning'
  | 'chat';

/** What one generation of a task comes to on average: for comparing what models cost, not for charging anybody. */
export interface TaskSize {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Our own estimates, of the market's demonstration traffic; only their ratio matters. */
export const taskSizes: Readonly<Record<Task, TaskSize>> = {
  vision: { inputTokens: 2_500, outputTokens: 400 },
  documents: { inputTokens: 12_000, outputTokens: 700 },
  sound: { inputTokens: 3_000, outputTokens: 400 },
  agent: { inputTokens: 15_000, outputTokens: 600 },
  extraction: { inputTokens: 3_000, outputTokens: 400 },
  long_context: { inputTokens: 80_000, outputTokens: 800 },
  code: { inputTokens: 6_000, outputTokens: 1_500 },
  math: { inputTokens: 800, outputTokens: 3_000 },
  translation: { inputTokens: 1_000, outputTokens: 1_000 },
  summary: { inputTokens: 5_000, outputTokens: 500 },
  writing: { inputTokens: 800, outputTokens: 1_500 },
  reasoning: { inputTokens: 1_500, outputTokens: 3_000 },
  chat: { inputTokens: 1_500, outputTokens: 400 },
};

/** So many characters of the last message of a user are looked at: enough to see what it is about, and never much work. */
const LOOK_CHARACTERS = 600;
/** Beyond it most models have no room. */
const LONG_BYTES = 200_000;

/** The first that is found decides; in the languages that most prompts are written in, English before all. */
const signs: readonly (readonly [Task, RegExp])[] = [
  [
    'code',
    /```|\b(?:def|class|import|const|function|SELECT|regex|stack ?trace|typescript|javascript|python|rust|golang|sql|refactor|unit tests?|compile[rs]?|bug|code|programm?)\b/i,
  ],
  [
    'math',
    /\b(?:prove|theorem|integral|derivative|equation|probability|algebra|geometry|solve for|matrix)\b|\d\s*[+*/^=]\s*\d|\\(?:frac|int|sum)\b/i,
  ],
  [
    'translation',
    /\b(?:translat(?:e|ion)|übersetz\w*|tradu\w+|in (?:english|german|french|spanish|japanese|chinese))\b/i,
  ],
  ['summary', /\b(?:summar\w+|tl;?dr|key points|zusammenfass\w*|résum\w*|resum\w+)\b/i],
  ['writing', /\b(?:write|rewrite|essay|poem|story|blog|email|letter|lyrics|headline|slogan|schreib\w*)\b/i],
  ['reasoning', /\b(?:why|step by step|compare|analy[sz]e|trade-?offs?|pros and cons|plan|strategy|explain)\b/i],
];

function lastWords({ messages }: Prompt): string {
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const message = messages[index];
    if (message?.role !== 'user') continue;
    for (const part of message.content) if (part.type === 'text') return part.text.slice(0, LOOK_CHARACTERS);
  }
  return '';
}

/** By the form first, because that is certain; then by a look at the words. The same prompt is always the same task. */
export function taskOf(prompt: Prompt): Task {
  for (const { content } of prompt.messages) {
    for (const { type } of content) {
      if (type === 'image' || type === 'video') return 'vision';
      if (type === 'file') return 'documents';
      if (type === 'audio') return 'sound';
    }
  }
  if (prompt.tools.length > 0) return 'agent';
  if (prompt.responseFormat !== undefined && prompt.responseFormat.type !== 'text') return 'extraction';
  if (prompt.inputBytes > LONG_BYTES) return 'long_context';
  const words = lastWords(prompt);
  return signs.find(([, sign]) => sign.test(words))?.[0] ?? 'chat';
}
