import type { CacheHint, JsonObject, Prompt } from '@bourse/generation';
import type { Tools } from './encode-tools.ts';
import type { Piece, Turn, Turns } from './encode-turns.ts';

/** https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html, read 2026-11. */
const POINTS_MAX = 4;

function pointOf({ ttl }: CacheHint): JsonObject {
  return { cachePoint: { type: 'default', ...(ttl === '1h' ? { ttl } : {}) } };
}

/** The blocks, each followed by its cache point where `isKept` says so. */
function blocksOf(pieces: readonly Piece[], isKept: (piece: Piece) => boolean): JsonObject[] {
  return pieces.flatMap((piece) => {
    const { block, cache } = piece;
    return cache !== undefined && isKept(piece) ? [block, pointOf(cache)] : [block];
  });
}

/** The whole prompt is worth caching: up to the end of its last turn. */
function withLastMarked(turns: readonly Turn[], cache: CacheHint | undefined): readonly Turn[] {
  const last = turns.at(-1);
  const piece = last?.pieces.at(-1);
  if (cache === undefined || last === undefined || piece === undefined || piece.cache !== undefined) return turns;
  return [...turns.slice(0, -1), { ...last, pieces: [...last.pieces.slice(0, -1), { ...piece, cache }] }];
}

/** The parts of a request that may carry cache points, as Converse wants them. */
export interface Marked {
  readonly system: readonly JsonObject[];
  readonly messages: readonly JsonObject[];
  readonly tools: readonly JsonObject[];
}

/**
 * Writes cache points as blocks behind what they mark. Converse takes four: the last one of the tools and of the system part stay, and the
 * latest ones of the conversation fill the rest, because an earlier point is found again by its prefix. Models without a cache refuse
 * points, and Nova refuses them behind tools.
 */
export function markCachePoints(
  { system, turns }: Turns,
  tools: Tools | null,
  { prompt, areAllowed, areAllowedInTools }: { prompt: Prompt; areAllowed: boolean; areAllowedInTools: boolean },
): Marked {
  const marked = areAllowed ? withLastMarked(turns, prompt.cache) : turns;
  const isMarked = ({ cache }: Piece) => areAllowed && cache !== undefined;
  const ofTools = areAllowedInTools && tools?.cache !== undefined ? [pointOf(tools.cache)] : [];
  const ofSystem = system.filter(isMarked).slice(-1);
  const rest = POINTS_MAX - ofTools.length - ofSystem.length;
  const kept = new Set([
    ...ofSystem,
    ...marked
      .flatMap(({ pieces }) => pieces)
      .filter(isMarked)
      .slice(-rest),
  ]);
  const isKept = (piece: Piece) => kept.has(piece);
  return {
    system: blocksOf(system, isKept),
    messages: marked.map(({ role, pieces }) => ({ role, content: blocksOf(pieces, isKept) })),
    tools: [...(tools?.specs ?? []), ...ofTools],
  };
}
