import type { WireFormat } from '../wire-format.ts';
import { decodePrompt } from './decode-prompt.ts';
import { createDecoder, decodeBody } from './decoder.ts';
import { encodePrompt, lacks } from './encode-prompt.ts';
import { createEncoder, encodeBody } from './encoder.ts';
import { decodeError, encodeError } from './errors.ts';
import { needsBytes } from './media.ts';
import { relay } from './relay.ts';

/** Google's `generateContent` and `streamGenerateContent?alt=sse`, as AI Studio and Vertex AI speak it. */
export const gemini: WireFormat = {
  id: 'gemini',
  // With a blank line: Google's own SDK drops an event that a comment stands in front of.
  keepAlive: ': BOURSE PROCESSING\n\n',
  decodePrompt,
  createEncoder,
  encodeBody,
  encodeError,
  lacks,
  needsBytes,
  encodePrompt,
  streamType: 'text/event-stream',
  createDecoder,
  decodeBody,
  decodeError,
  relay,
};
