import type { BodyTurn } from '@bourse/wire';

/** Turns that stay or go together: `to` is behind the last of them. */
export interface Unit {
  readonly from: number;
  readonly to: number;
  /** A system prompt, the first turn, the user's last one, or the last of all: it stays. */
  readonly isPinned: boolean;
}

/** The last turn that must not be parted from the turn at `index`: of a call its answers, of reasoning what it leads to. */
function reachOf(turns: readonly BodyTurn[], index: number): number {
  const turn = turns[index];
  if (turn === undefined) return index;
  if (turn.isJoined) return Math.min(index + 1, turns.length - 1);
  const calls = new Set(turn.calls);
  return calls.size === 0
    ? index
    : turns.findLastIndex((other, at) => at >= index && (at === index || other.results.some((id) => calls.has(id))));
}

/** The conversation as units: calls of tools with all that answers them, reasoning with what it leads to, every other turn by itself. */
export function unitsOf(turns: readonly BodyTurn[]): readonly Unit[] {
  const spans: { from: number; to: number }[] = [];
  for (let from = 0; from < turns.length; ) {
    let last = from;
    for (let index = from; index <= last; index += 1) last = Math.max(last, reachOf(turns, index));
    spans.push({ from, to: last + 1 });
    from = last + 1;
  }
  const first = turns.findIndex(({ role }) => role !== 'system');
  const lastUser = turns.findLastIndex(({ role }) => role === 'user');
  const pinned = [first, lastUser, turns.length - 1];
  return spans.map(({ from, to }) => ({
    from,
    to,
    isPinned:
      turns.slice(from, to).some(({ role }) => role === 'system') || pinned.some((turn) => turn >= from && turn < to),
  }));
}

/** Places of the units that may go, the one in the very middle first. */
export function dropOrder(units: readonly Unit[]): readonly number[] {
  const middle = (units.length - 1) / 2;
  return units
    .flatMap(({ isPinned }, place) => (isPinned ? [] : [place]))
    .toSorted((a, b) => Math.abs(a - middle) - Math.abs(b - middle) || a - b);
}

/** The smallest count in 0..`most` for which it holds, by bisection; null when it does not even for all of them. */
function fewest(most: number, holds: (count: number) => boolean): number | null {
  if (!holds(most)) return null;
  let low = 0;
  let high = most;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What is left of a conversation. */
export interface MiddleOut {
  /** Indexes of the turns that stay, in order. */
  readonly kept: readonly number[];
  /** False when even without all that may go it is too long. */
  readonly isFitting: boolean;
}

/**
 * Leaves out units from the middle of a conversation until the sizes of its turns come to at most `room`. What stays, stays in its order;
 * no call loses its answer and no answer its call.
 */
export function middleOut(turns: readonly BodyTurn[], sizes: readonly number[], room: number): MiddleOut {
  const units = unitsOf(turns);
  const order = dropOrder(units);
  const sizeOf = ({ from, to }: Unit): number => sizes.slice(from, to).reduce((sum, size) => sum + size, 0);
  const unitSizes = units.map(sizeOf);
  const total = unitSizes.reduce((sum, size) => sum + size, 0);
  const saved = [0];
  for (const place of order) saved.push((saved.at(-1) ?? 0) + (unitSizes[place] ?? 0));
  const count = fewest(order.length, (dropped) => total - (saved[dropped] ?? 0) <= room);
  const dropped = new Set(order.slice(0, count ?? order.length));
  const kept = units.flatMap((unit, place) =>
    dropped.has(place) ? [] : Array.from({ length: unit.to - unit.from }, (_, offset) => unit.from + offset),
  );
  return { kept, isFitting: count !== null };
}

const MARK_ROOM = 64;

/** A text with its middle cut out, at most about `length` characters long; as it is when it is shorter. Never cuts a character in two. */
export function cutMiddle(text: string, length: number): string {
  if (text.length <= length + MARK_ROOM) return text;
  const half = Math.floor(length / 2);
  const isLow = (index: number): boolean => {
    const code = text.charCodeAt(index);
    return code >= 0xdc00 && code <= 0xdfff;
  };
  const headEnd = isLow(half) ? half - 1 : half;
  const tailStart = isLow(text.length - half) ? text.length - half + 1 : text.length - half;
  return `${text.slice(0, headEnd)}\n[… ${tailStart - headEnd} characters left out …]\n${text.slice(tailStart)}`;
}
