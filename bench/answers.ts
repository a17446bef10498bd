/** What the upstream answers and the load expects: fixed, so that every byte can be checked. */

/** The upstream reads what to do off the prompt, which every gateway passes on unchanged. */
export type Play = 'at-once' | 'paced' | 'idle';

/** Chunks of text in a stream; the role comes before them, the finish with its usage after them. */
export const CHUNKS = 200;
const words = Array.from({ length: CHUNKS }, (_, index) => ` word${index}`);

/** The text of every answer. */
export const TEXT = words.join('');
export const USAGE = { prompt_tokens: 24, completion_tokens: CHUNKS, total_tokens: 24 + CHUNKS } as const;

const head = { id: 'chatcmpl-bench', created: 1_767_225_600, model: 'bench' } as const;

/** A whole answer. */
export const BODY = Buffer.from(
  JSON.stringify({
    ...head,
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content: TEXT }, finish_reason: 'stop', logprobs: null }],
    usage: USAGE,
  }),
);

function event(delta: object, more: { finish?: string; usage?: object } = {}): Buffer {
  const choices = [{ index: 0, delta, finish_reason: more.finish ?? null, logprobs: null }];
  const chunk = { ...head, object: 'chat.completion.chunk', choices, ...(more.usage ? { usage: more.usage } : {}) };
  return Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`);
}

/** The events of a stream in order: role, text, finish, usage, end. */
export const EVENTS: readonly Buffer[] = [
  event({ role: 'assistant', content: '' }),
  ...words.map((content) => event({ content })),
  event({}, { finish: 'stop' }),
  Buffer.from(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [], usage: USAGE })}\n\n`),
  Buffer.from('data: [DONE]\n\n'),
];

/** A request's body. `stream_options` is what a relay without a bill would need to see the usage at all. */
export function requestBody(options: {
  readonly model: string;
  readonly isStreamed: boolean;
  readonly play: Play;
}): string {
  return JSON.stringify({
    model: options.model,
    messages: [
      { role: 'system', content: 'You answer with a fixed text.' },
      { role: 'user', content: `Please play ${options.play} for the benchmark.` },
    ],
    max_tokens: 256,
    ...(options.isStreamed ? { stream: true, stream_options: { include_usage: true } } : {}),
  });
}
