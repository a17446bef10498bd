/** One question about the repository, with the answer's evidence. `output` is shown only when the answer is no. */
export type Check = {
  readonly name: string;
  readonly run: (signal?: AbortSignal) => Promise<{ readonly isOk: boolean; readonly output: string }>;
};

/** How many questions were answered yes and no. */
export type CheckCount = { readonly passed: number; readonly failed: number };

/** Asks the first by itself, as the others rest on it, then two at a time; prints a line for each as it ends. */
export async function runChecks([first, ...waiting]: readonly Check[], signal?: AbortSignal): Promise<CheckCount> {
  let passed = 0;
  let failed = 0;
  if (first && (await runCheck(first, signal))) passed += 1;
  else failed += 1;
  const lane = async () => {
    for (let check = waiting.shift(); check && !signal?.aborted; check = waiting.shift()) {
      if (await runCheck(check, signal)) passed += 1;
      else failed += 1;
    }
  };
  await Promise.all([lane(), lane()]);
  return { passed, failed };
}

async function runCheck(check: Check, signal: AbortSignal | undefined): Promise<boolean> {
  const startedAt = performance.now();
  const { isOk, output } = await check.run(signal).catch((error: unknown) => ({
    isOk: false,
    output: error instanceof Error ? (error.stack ?? error.message) : String(error),
  }));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${isOk ? '✓' : '✗'} ${check.name.padEnd(44)} ${seconds.padStart(6)} s`);
  if (!isOk) console.log(output.trimEnd().replaceAll(/^/gm, '    '));
  return isOk;
}
