import type { Signal } from '../signal.ts';

/** Resolves after so many milliseconds, or as soon as the signal is set. */
export function pauseFor(ms: number, cut: Signal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      cut.forget(end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    cut.listen(end);
  });
}
