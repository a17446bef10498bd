import type { Finish, Generation } from './generation-event.ts';
import type { Usage } from './usage.ts';

/** A tool call put together from its deltas. */
export interface FoldedToolCall {
  readonly callId: string;
  readonly name: string;
  argumentsText: string;
}

/** One alternative of an answer, put together. */
export interface FoldedChoice {
  text: string;
  reasoning: string;
  refusal: string;
  signature: string | null;
  toolCalls: FoldedToolCall[];
  finish: Finish | null;
}

/** A whole answer, put together. `usage` is null when the provider reported none. */
export interface FoldedGeneration {
  readonly choices: readonly FoldedChoice[];
  readonly usage: Usage | null;
}

function emptyChoice(): FoldedChoice {
  return { text: '', reasoning: '', refusal: '', signature: null, toolCalls: [], finish: null };
}

/** Puts an answer together: a non-streamed answer is a folded stream. Rejects with the generation's own error. */
export async function fold(generation: Generation): Promise<FoldedGeneration> {
  const choices: FoldedChoice[] = [];
  const toolCalls = new Map<string, FoldedToolCall>();
  let usage: Usage | null = null;
  const choiceAt = (index: number): FoldedChoice => {
    while (choices.length <= index) choices.push(emptyChoice());
    return choices[index] ?? emptyChoice();
  };
  for await (const event of generation) {
    switch (event.type) {
      case 'text-delta':
        choiceAt(event.choice).text += event.text;
        break;
      case 'reasoning-delta': {
        const choice = choiceAt(event.choice);
        choice.reasoning += event.text;
        choice.signature = event.signature ?? choice.signature;
        break;
      }
      case 'refusal-delta':
        choiceAt(event.choice).refusal += event.text;
        break;
      case 'tool-call-start': {
        const call = { callId: event.callId, name: event.name, argumentsText: '' };
        toolCalls.set(`${event.choice}/${event.block}`, call);
        choiceAt(event.choice).toolCalls.push(call);
        break;
      }
      case 'tool-call-delta': {
        const call = toolCalls.get(`${event.choice}/${event.block}`);
        if (call) call.argumentsText += event.argumentsText;
        break;
      }
      case 'usage':
        usage = event.usage;
        break;
      case 'finish':
        choiceAt(event.choice).finish = event.reason;
        break;
    }
  }
  return { choices, usage };
}
