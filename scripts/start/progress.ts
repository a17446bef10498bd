/** Tells a person what is going on. Every `step` ends in `done` or `failed`. */
export interface Progress {
  step(title: string): Step;
  /** A line of its own, shown at once. */
  note(text: string): void;
}

/** One thing that takes a while. */
export interface Step {
  done(remark?: string): void;
  failed(): void;
}

/** Says nothing: for tests. */
export const silentProgress: Progress = { step: () => ({ done() {}, failed() {} }), note() {} };

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** On a terminal one moving line per step; elsewhere plain lines, with a sign of life every 15 s. */
export function createProgress(stream: NodeJS.WriteStream, now: () => number): Progress {
  let redraw: (() => void) | null = null;
  const clear = () => {
    if (stream.isTTY) stream.write('\r\x1b[K');
  };
  const note = (text: string) => {
    if (redraw) clear();
    stream.write(`${text}\n`);
    redraw?.();
  };
  return {
    note,
    step(title) {
      const startedAt = now();
      const seconds = () => `${((now() - startedAt) / 1000).toFixed(1)} s`;
      let frame = 0;
      const draw = () => stream.write(`\r\x1b[K${frames[frame++ % frames.length]} ${title} ${seconds()}`);
      if (stream.isTTY) redraw = draw;
      else stream.write(`… ${title}\n`);
      const beat = stream.isTTY
        ? setInterval(draw, 100)
        : setInterval(() => stream.write(`… ${title}: ${seconds()} so far\n`), 15_000);
      const end = (sign: string, remark = '') => {
        clearInterval(beat);
        redraw = null;
        clear();
        stream.write(`${sign} ${title.padEnd(36)} ${seconds().padStart(7)}${remark ? `  ${remark}` : ''}\n`);
      };
      return { done: (remark) => end('✓', remark), failed: () => end('✗') };
    },
  };
}

/** Runs `work` as a step: failed when it throws, done otherwise. The work may return a remark for the line. */
export async function asStep<Value>(
  progress: Progress,
  title: string,
  work: () => Promise<{ readonly value: Value; readonly remark?: string }>,
): Promise<Value> {
  const step = progress.step(title);
  try {
    const { value, remark } = await work();
    step.done(remark);
    return value;
  } catch (error) {
    step.failed();
    throw error;
  }
}
