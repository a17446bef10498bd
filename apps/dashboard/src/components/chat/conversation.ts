/** What an answer took, as its last chunk says, and how fast it came, as the browser saw it. */
export type AnswerStats = {
  inputTokens: number;
  outputTokens: number;
  /** Exact dollars, as a decimal string; null when the gateway did not say. */
  costUsd: string | null;
  /** From sending to the first word. */
  firstWordMs: number | null;
  /** From the first word to the last. */
  writingMs: number | null;
};

/** What went wrong, in the gateway's own sentence. `status` is the HTTP status; null when nothing was reached. */
export type AnswerFailure = { message: string; status: number | null };

/** What the person wrote. */
export type Question = { id: string; role: 'user'; text: string };

/** What a model wrote, or is writing. `stopped` = by the person; its text is kept. */
export type Answer = {
  id: string;
  role: 'assistant';
  model: string;
  /** Finds the receipt; null when nothing was reached. */
  generationId: string | null;
  text: string;
  reasoning: string;
  state: 'writing' | 'done' | 'stopped' | 'failed';
  stats: AnswerStats | null;
  failure: AnswerFailure | null;
};

/** One message. */
export type Message = Question | Answer;

/** How answers are asked for. Null = the model's own default. */
export type ChatSettings = { system: string; temperature: number | null; tokensMax: number | null };

/** A conversation. It exists in one browser only. Times are milliseconds since 1970. */
export type Conversation = {
  id: string;
  title: string;
  model: string;
  settings: ChatSettings;
  messages: readonly Message[];
  createdAtMs: number;
  updatedAtMs: number;
};

const TITLE_LENGTH_MAX = 60;

/** A title from the first thing that was said: one line, cut at a word. */
export function titleFrom(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line.length <= TITLE_LENGTH_MAX) return line || 'New conversation';
  const cut = line.slice(0, TITLE_LENGTH_MAX);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), TITLE_LENGTH_MAX / 2))}…`;
}

/** An answer that is about to be written. */
export function newAnswer(id: string, model: string): Answer {
  return {
    id,
    role: 'assistant',
    model,
    generationId: null,
    text: '',
    reasoning: '',
    state: 'writing',
    stats: null,
    failure: null,
  };
}

/** The conversation with one message changed. */
export function withAnswer(
  conversation: Conversation,
  answerId: string,
  change: (answer: Answer) => Answer,
): Conversation {
  const messages = conversation.messages.map((message) =>
    message.id === answerId && message.role === 'assistant' ? change(message) : message,
  );
  return { ...conversation, messages };
}

/** What a model is sent to write the answer: everything before it that says something, after the system prompt. */
export function promptFor(conversation: Conversation, answerId: string): readonly { role: string; content: string }[] {
  const at = conversation.messages.findIndex((message) => message.id === answerId);
  const before = conversation.messages.slice(0, at === -1 ? undefined : at).filter((message) => message.text !== '');
  const { system } = conversation.settings;
  return [
    ...(system.trim() === '' ? [] : [{ role: 'system', content: system }]),
    ...before.map(({ role, text }) => ({ role, content: text })),
  ];
}
