import { messagesConversation } from '../conversation/forms.ts';
import { decodeError } from '../provider-failure.ts';
import type { WireFormat } from '../wire-format.ts';
import { decodePrompt } from './decode-prompt.ts';
import { createDecoder, decodeBody } from './decoder.ts';
import { encodePrompt, lacks } from './encode-prompt.ts';
import { createEncoder, encodeBody } from './encoder.ts';
import { encodeError } from './errors.ts';
import { ping } from './frames.ts';
import { relay } from './relay.ts';

/** Anthropic's messages (https://docs.claude.com/en/api/messages, read 2026-11), in OpenRouter's extended form towards clients. */
export const anthropicMessages: WireFormat = {
  id: 'anthropic-messages',
  keepAlive: ping,
  decodePrompt,
  createEncoder,
  encodeBody,
  encodeError,
  conversation: messagesConversation,
  lacks,
  encodePrompt,
  streamType: 'text/event-stream',
  createDecoder,
  decodeBody,
  decodeError,
  relay,
};
