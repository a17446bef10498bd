import type { WireFormat } from '../wire-format.ts';
import { decodeBody, encodeBody } from './body.ts';
import { decodeEvents } from './decode-events.ts';
import { decodePrompt } from './decode-prompt.ts';
import { encodeEvents } from './encode-events.ts';
import { encodePrompt } from './encode-prompt.ts';
import { encodeError, encodeErrorEvent } from './errors.ts';
import { decodeError } from './failures.ts';
import { relay } from './relay.ts';

/** OpenAI's chat completions, in OpenRouter's extended form towards clients. */
export const openaiChat: WireFormat = {
  id: 'openai-chat',
  decodePrompt,
  encodePrompt,
  encodeEvents,
  encodeBody,
  encodeError,
  encodeErrorEvent,
  decodeEvents,
  decodeBody,
  decodeError,
  relay,
};
