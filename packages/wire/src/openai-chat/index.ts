import { chatConversation } from '../conversation/forms.ts';
import { decodeError } from '../provider-failure.ts';
import type { WireFormat } from '../wire-format.ts';
import { decodePrompt } from './decode-prompt.ts';
import { createDecoder, decodeBody } from './decoder.ts';
import { encodePrompt } from './encode-prompt.ts';
import { createEncoder, encodeBody } from './encoder.ts';
import { encodeError } from './errors.ts';
import { relay } from './relay.ts';

/** OpenAI's chat completions, in OpenRouter's extended form towards clients. It has words for all that the hub carries but tools of others. */
export const openaiChat: WireFormat = {
  id: 'openai-chat',
  // One newline only: some SDKs take a blank line after a comment for an empty event.
  keepAlive: ': BOURSE PROCESSING\n',
  decodePrompt,
  createEncoder,
  encodeBody,
  encodeError,
  conversation: chatConversation,
  lacks: ({ hasNativeTools }) => (hasNativeTools ? 'native_tools' : null),
  encodePrompt,
  streamType: 'text/event-stream',
  createDecoder,
  decodeBody,
  decodeError,
  relay,
};
