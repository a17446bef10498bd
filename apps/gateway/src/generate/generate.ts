import type { Deps } from '../deps.ts';
import { InlineMedia } from '../media/inline-media.ts';
import { mayPlugIn, plugIn } from '../plugins/plug-in.ts';
import { isSearching, searchHeld } from '../plugins/web/search-held.ts';
import { assertReserving } from '../snapshot/switches.ts';
import { attemptPlan } from './attempt.ts';
import { authenticate } from './authenticate.ts';
import { conversationOf } from './conversation.ts';
import { totalTimeoutMs } from './deadline.ts';
import { disguiseOf } from './disguise.ts';
import { Lifeline } from './lifeline.ts';
import { parse } from './parse.ts';
import { plan } from './plan.ts';
import { renderBody, renderStream } from './render.ts';
import type { Answer, InferenceRequest } from './request.ts';
import { reserve } from './reserve.ts';
import { weightOf } from './weight.ts';

/**
 * The whole life of a generation. Read this file first; every step is a file beside it. What follows the answer (meter, decide the
 * charge, settle, record) happens while it is rendered: the books are closed before the last byte leaves.
 */
export async function generate(request: InferenceRequest, deps: Deps): Promise<Answer> {
  const caller = await authenticate(request, 'inference.create', deps); // 401, 403, 429, 503
  request.pass.admit(caller.key); // 429, 503; in memory
  assertReserving(deps.switches()); // 503
  const totalMs = totalTimeoutMs(request.header, deps.limits.totalTimeoutMs); // 400
  const asked = await parse(request, deps.limits); // 400, 413, 415
  const plugged = mayPlugIn(asked) ? await plugIn(request, asked, deps) : asked; // 400, and what a plugin fails with
  const { generationId, isRetake, trace } = request;
  const conversation = conversationOf(request, { caller, prompt: plugged }, deps);
  const route = plan(plugged, deps, { trace, conversation }); // 400, 404, 503; pure
  await request.pass.weigh(weightOf(plugged, route, deps)); // 429, 503; from here on of all gateways together
  const hold = await reserve({ generationId, isRetake, caller, prompt: plugged, route }, deps); // 402; from leased credit, in memory
  trace?.hold(hold.amount);
  const held = { request, caller, prompt: plugged, hold, conversation };
  const prompt = isSearching(plugged) ? await searchHeld(held, route, deps) : plugged; // 408, 502, 503, 504; what is held is given back
  const ticket = prompt === plugged ? held : { ...held, prompt };
  const life = new Lifeline({ client: request.hangUp, draining: deps.draining, totalMs });
  const attempted = {
    generationId,
    served: request.wire,
    prompt,
    disguise: disguiseOf(caller),
    route,
    caps: hold.caps,
    life,
    media: new InlineMedia(deps.media, { cut: life.cut, bytesMax: deps.limits.mediaBytesMax }),
  };
  const result = attemptPlan(attempted, deps); // fallbacks; never rejects for a provider's sake
  const attempting = trace === null ? result : result.then((found) => trace.result(found));
  return prompt.isStreamed
    ? renderStream({ ticket, life, attempting }, deps)
    : renderBody({ ticket, life, attempting }, deps);
}
