import type { Prompt } from '@bourse/generation';
import type { CalledFormat, UnsupportedFeature } from '../wire-format.ts';
import { createDecoder, decodeBody } from './decoder.ts';
import { mediaLacking, needsBytes } from './encode-media.ts';
import { encodePrompt } from './encode-prompt.ts';
import { decodeError } from './errors.ts';
import { createEventStreamParser } from './event-stream.ts';
import { type ConverseTraits, traitsOf } from './model-traits.ts';

function lacks(prompt: Prompt, { toolChoices }: ConverseTraits): UnsupportedFeature | null {
  const { type: choice } = prompt.toolChoice ?? {};
  if (toolChoices === 'none' && (choice === 'tool' || choice === 'required')) return 'forced_tool_call';
  if (prompt.choiceCount > 1) return 'several_choices';
  if (prompt.sampling.logprobs === true) return 'logprobs';
  if (prompt.outputModalities?.includes('image')) return 'image_output';
  if (prompt.outputModalities?.includes('audio')) return 'audio_output';
  if (prompt.hasNativeTools === true) return 'native_tools';
  return mediaLacking(prompt);
}

/** Amazon Bedrock's Converse and ConverseStream as a model with these traits speaks it. Clients do not speak it to us. */
export function bedrockConverse(traits: ConverseTraits): CalledFormat {
  return {
    id: 'bedrock-converse',
    lacks: (prompt) => lacks(prompt, traits),
    needsBytes,
    encodePrompt: (prompt, target) => encodePrompt(prompt, target, traits),
    streamType: 'application/vnd.amazon.eventstream',
    createParser: createEventStreamParser,
    createDecoder: (prompt) => createDecoder(prompt, traits),
    decodeBody: (body, prompt) => decodeBody(body, prompt, traits),
    decodeError,
  };
}

const formats = new Map<string, CalledFormat>();

/** The format for a model by its name at Bedrock. There are as many as there are models in the catalog. */
export function bedrockConverseFor(upstreamModel: string): CalledFormat {
  const format = formats.get(upstreamModel) ?? bedrockConverse(traitsOf(upstreamModel));
  formats.set(upstreamModel, format);
  return format;
}
