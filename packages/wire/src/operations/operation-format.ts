import { AppError } from '@bourse/errors';
import type { JsonObject, Operation, OutputModality, Prompt, UnitMeter, WireFormatId } from '@bourse/generation';
import { encodeError } from '../openai-chat/errors.ts';
import { decodeError } from '../provider-failure.ts';
import { decodeMarket, forwardedBody } from '../request/decode-market.ts';
import type { MarketRequest } from '../request/market-schema.ts';
import type { CallTarget, Relay, WireFormat } from '../wire-format.ts';

/** What a dialect of an operation says of itself: it is relayed, so it needs no way through the hub's events. */
interface OperationParts extends Pick<WireFormat, 'id' | 'decodePrompt' | 'form'> {
  /** The provider's body; the client's own, in its own order, by default. */
  readonly encodePrompt?: WireFormat['encodePrompt'];
  /** Text or bytes, as the provider's answers are. */
  readonly answer: Partial<Pick<Relay, 'body' | 'bytes'>>;
}

/** Where a conversation would be translated. Clients and providers of an operation speak the same dialect, so nobody comes here. */
function untranslated(): never {
  throw new AppError('internal', 'Something failed on our side.', {
    detail: 'an operation is relayed, never translated',
  });
}

/** The client's body with the provider's name of the model, less what is ours. */
export function encodeOperation({ source }: Prompt, { upstreamModel }: CallTarget): JsonObject {
  return { ...forwardedBody(source.body), model: upstreamModel };
}

/** A wire format for what is no conversation: whole answers that pass but for what is ours, errors as in OpenAI's dialect. */
export function operationFormat({ id, decodePrompt, form, encodePrompt, answer }: OperationParts): WireFormat {
  return {
    id,
    keepAlive: '',
    decodePrompt,
    ...(form === undefined ? {} : { form }),
    createEncoder: untranslated,
    encodeBody: untranslated,
    encodeError,
    lacks: () => null,
    encodePrompt: encodePrompt ?? encodeOperation,
    streamType: 'text/event-stream',
    createDecoder: untranslated,
    decodeBody: untranslated,
    decodeError,
    relay: { open: untranslated, body: untranslated, ...answer },
  };
}

/** What sets one operation's prompt apart from another's. */
interface PromptParts extends Pick<Prompt, 'upload' | 'ownCount'> {
  readonly operation: Operation;
  readonly wire: WireFormatId;
  readonly modality: OutputModality;
  readonly body: JsonObject;
  readonly inputBytes: number;
  readonly units?: Readonly<Partial<Record<UnitMeter, number>>>;
  readonly choiceCount?: number;
}

/** The prompt of an operation. Throws AppError('invalid_request') when it names no model. */
export function operationPrompt(request: MarketRequest, parts: PromptParts): Prompt {
  const { operation, wire, modality, body, inputBytes, units, ownCount, upload, choiceCount = 1 } = parts;
  return {
    ...decodeMarket(request),
    operation,
    ...(units === undefined ? {} : { units }),
    ...(ownCount === undefined ? {} : { ownCount }),
    ...(upload === undefined ? {} : { upload }),
    messages: [],
    tools: [],
    sampling: {},
    outputModalities: [modality],
    choiceCount,
    isStreamed: false,
    parameters: [],
    inputBytes,
    source: { wire, body },
    extensions: {},
  };
}
