import type { SourceEdit } from '../hooks/source-edit.ts';

/** A mistake in how endpoints are called. */
interface UpstreamMutant {
  readonly name: string;
  readonly says: string;
  readonly check: `upstream:${string}`;
  readonly source: readonly SourceEdit[];
}

/** The seeded defects that are about providers that fail; their checks are scenarios of `pnpm chaos:upstream --mutants`. */
export const upstreamMutants: readonly UpstreamMutant[] = [
  {
    name: 'retry-without-budget',
    says: 'what fails is asked again for every request',
    check: 'upstream:retries',
    source: [
      {
        file: 'apps/gateway/src/upstream/retry-budget.ts',
        find: 'if (retries + 1 > Math.max(FLOOR, SHARE * requests)) return false;',
        replace: 'void [retries, requests];',
      },
    ],
  },
  {
    name: 'half-open-lets-all-through',
    says: 'a breaker whose time is over lets everybody try',
    check: 'upstream:breaker',
    source: [{ file: 'apps/gateway/src/upstream/breaker.ts', find: '    this.#isProbing = true;\n', replace: '' }],
  },
  {
    name: 'fall-back-after-first-token',
    says: 'a stream that breaks is continued with the words of another call',
    check: 'upstream:one-voice',
    source: [
      {
        file: 'apps/gateway/src/generate/generate.ts',
        find: '? renderStream({ ticket, life, attempting }, deps)',
        replace: '? renderStream({ ticket, life, attempting, again: () => attemptPlan(attempted, deps) }, deps)',
      },
      {
        file: 'apps/gateway/src/generate/render.ts',
        find: '    attempt.watch.ended(watched, meter.read());\n',
        replace: `    attempt.watch.ended(watched, meter.read());
    const next = watched === 'failed' ? await input.again() : null;
    if (next?.kind === 'answered') return yield* streamAttempt(input, next.attempt, deps);
`,
      },
    ],
  },
];
