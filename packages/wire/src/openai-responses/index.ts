import type { Prompt, ReasoningFormat } from '@bourse/generation';
import { responsesConversation } from '../conversation/forms.ts';
import { encodeError } from '../openai-chat/errors.ts';
import { decodeError } from '../provider-failure.ts';
import type { UnsupportedFeature, WireFormat } from '../wire-format.ts';
import { decodePrompt } from './decode-prompt.ts';
import { createDecoder, decodeBody } from './decoder.ts';
import { encodePrompt } from './encode-prompt.ts';
import { createEncoder, encodeBody, encodeFailure } from './encoder.ts';
import { OWN_FORMAT } from './reasoning-items.ts';
import { createRelay } from './relay.ts';
import { restoreNames, withAllowedNames } from './rename-tools.ts';

/** Sound, film and alternatives have no words here; pictures come from a tool that only its own clients can offer. */
function lacks(prompt: Prompt): UnsupportedFeature | null {
  const isOwn = prompt.source.wire === 'openai-responses';
  if (prompt.choiceCount > 1) return 'several_choices';
  if (prompt.outputModalities?.includes('audio') || prompt.audioOutput !== undefined) return 'audio_output';
  if (prompt.outputModalities?.includes('image') && !isOwn) return 'image_output';
  const parts = new Set(prompt.messages.flatMap((message) => message.content.map(({ type }) => type)));
  if (parts.has('video') && !isOwn) return 'video_input';
  return parts.has('audio') && !isOwn ? 'audio_input' : null;
}

/** The dialect as the providers of one family speak it: `family` is whose encrypted reasoning they write and read. */
export function openaiResponsesOf(family: ReasoningFormat): WireFormat {
  return {
    id: 'openai-responses',
    // One newline only: some SDKs take a blank line after a comment for an empty event.
    keepAlive: ': BOURSE PROCESSING\n',
    wrapper: 'response',
    decodePrompt,
    createEncoder,
    encodeBody,
    encodeFailure,
    encodeError,
    conversation: responsesConversation,
    lacks,
    encodePrompt: (prompt, target) => encodePrompt(withAllowedNames(prompt), target, family),
    streamType: 'text/event-stream',
    createDecoder(prompt) {
      const decoder = createDecoder(family);
      const restore = restoreNames(prompt);
      return { push: (event) => restore(decoder.push(event)), end: () => decoder.end() };
    },
    decodeBody: (body, prompt) => restoreNames(prompt)(decodeBody(body, family)),
    decodeError,
    relay: createRelay(family),
  };
}

/** OpenAI's Responses API, stateless. */
export const openaiResponses: WireFormat = openaiResponsesOf(OWN_FORMAT);
