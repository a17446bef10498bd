import { encodeError } from '../openai-chat/errors.ts';
import type { ServedFormat } from '../wire-format.ts';
import { decodePrompt } from './decode-prompt.ts';
import { createEncoder, encodeBody } from './encoder.ts';
import { relay } from './relay.ts';

/** OpenAI's completions of 2020, for clients that still speak them: answered by models that converse. */
export const openaiCompletions: ServedFormat = {
  id: 'openai-completions',
  keepAlive: ': BOURSE PROCESSING\n',
  decodePrompt,
  createEncoder,
  encodeBody,
  encodeError,
  relay,
};
