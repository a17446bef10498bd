import type { ModelFacts } from '../facts.ts';
import type { PlanInput } from '../types.ts';
import { poolOf } from './pool.ts';

/** A linear congruential generator's next state (Numerical Recipes); enough to shuffle a few dozen names. */
function next(state: number): number {
  return (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
}

/** The free models in an order that one draw decides, each as likely as any other to be first among those that turn out to be able. */
export function freeModels({ catalog, configuredProviders, draw }: PlanInput): readonly ModelFacts[] {
  const models = [...poolOf(catalog, configuredProviders).free];
  let state = Math.floor(draw() * 2 ** 32) >>> 0;
  for (let last = models.length - 1; last > 0; last -= 1) {
    state = next(state);
    const at = Math.floor((state / 2 ** 32) * (last + 1));
    const [taken, moved] = [models[at], models[last]];
    if (taken === undefined || moved === undefined) break;
    models[at] = moved;
    models[last] = taken;
  }
  return models;
}
