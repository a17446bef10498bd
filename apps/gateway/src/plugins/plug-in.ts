import { AppError } from '@bourse/errors';
import type { PipelineStep, Prompt } from '@bourse/generation';
import type { Deps } from '../deps.ts';
import type { InferenceRequest } from '../generate/request.ts';
import { compress, contextTokensOf } from './context-compression.ts';
import { parseFiles } from './file-parser.ts';
import { healing } from './response-healing.ts';
import { SMALL_CONTEXT_TOKENS, type Wanted, wantedOf } from './wanted.ts';
import { roomFor, searchOf } from './web/search-wish.ts';

/** What of a request plugins look at beside its prompt. */
export type Asking = Pick<InferenceRequest, 'wire' | 'hangUp'>;

/** A smaller prompt holds no file, and fits every context. */
const LARGE_PROMPT_BYTES = 8_192;

/** True for a prompt that a plugin may want to see: one that asks for any, or is so large that one may be needed unasked. */
export function mayPlugIn({ plugins, inputBytes, operation }: Prompt): boolean {
  return plugins !== undefined || (inputBytes >= LARGE_PROMPT_BYTES && operation === undefined);
}

/** Left free for what a search finds. */
const WEB_TOKENS_MAX = 8_192;

function isHealed({ isHealed: isWanted }: Wanted, { isStreamed, responseFormat: format }: Prompt): boolean {
  return isWanted && !isStreamed && (format?.type === 'json_object' || format?.type === 'json_schema');
}

function refuseDialect({ plugins = [] }: Prompt): void {
  const changing = plugins.find(({ id, isEnabled }) => isEnabled && id !== 'auto-router' && id !== 'response-healing');
  if (changing === undefined) return;
  const message = `The plugin ${changing.id} works on /chat/completions, /responses and /messages.`;
  throw new AppError('invalid_request', message, { metadata: { path: 'plugins' } });
}

async function compressed(
  prompt: Prompt,
  wanted: Wanted,
  { wire, deps }: { wire: InferenceRequest['wire']; deps: Deps },
) {
  const { conversation: form } = wire;
  if (form === undefined || wanted.compression === 'never') return null;
  const context = contextTokensOf(prompt, deps);
  if (context === null || (wanted.compression === 'small' && context > SMALL_CONTEXT_TOKENS)) return null;
  const room = wanted.web === null ? 0 : WEB_TOKENS_MAX;
  return compress(prompt, context - room, { form, counter: deps.countTokens() });
}

/** PDFs as text; a client that leaves ends what is downloaded for it. */
async function filesOf(prompt: Prompt, wanted: Wanted, { request, deps }: { request: Asking; deps: Deps }) {
  const { wire, hangUp } = request;
  const { conversation: form } = wire;
  if (form === undefined) return null;
  const gone = new AbortController();
  const onGone = (): void => gone.abort();
  hangUp.listen(onGone);
  try {
    return await parseFiles(prompt, { form, engine: wanted.pdfEngine, wire, deps, cut: gone.signal });
  } finally {
    hangUp.forget(onGone);
  }
}

/**
 * The plugins, in the order in which they work on a request: what they change is changed in the body and decoded again, so that the hub and
 * a body that is forwarded say the same. What they want of the answer goes along in `plugged`. Throws 400 for a plugin that does not exist.
 */
export async function plugIn(request: Asking, asked: Prompt, deps: Deps): Promise<Prompt> {
  const wanted = wantedOf(asked);
  const { wire } = request;
  if (wire.conversation === undefined) refuseDialect(asked);
  const pipeline: PipelineStep[] = [];
  let prompt = asked;
  const read = await filesOf(prompt, wanted, { request, deps });
  if (read !== null) {
    prompt = wire.decodePrompt(read.body);
    pipeline.push(read.step);
  }
  const shorter = await compressed(prompt, wanted, { wire, deps });
  if (shorter !== null) {
    prompt = wire.decodePrompt(shorter.body);
    pipeline.push(shorter.step);
  }
  const rewrite = isHealed(wanted, asked) ? healing(pipeline) : null;
  const search = wanted.web === null ? null : searchOf(prompt, wanted.web, { request, deps });
  const inputBytes = prompt.inputBytes + (search === null ? 0 : roomFor(search));
  const surcharges = search === null ? [] : [deps.search.surcharge];
  if (pipeline.length === 0 && rewrite === null && search === null) return prompt;
  const files = read?.files ?? [];
  return { ...prompt, inputBytes, plugged: { pipeline, citations: [], files, rewrite, surcharges, search } };
}
