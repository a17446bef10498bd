import type { Redis } from '@bourse/redis';
import type { HealthDelta } from '@bourse/routing';
import { z } from 'zod';
import type { Peers } from '../cluster/peers.ts';

/** How gateways tell one another what they saw of endpoints. Best effort: what is lost was only news. */
export interface HealthChannel {
  /** False where nobody could hear: then nothing need be gathered. */
  readonly hasListeners: boolean;
  readonly tell: (deltas: readonly HealthDelta[]) => void;
  /** Hears others, never itself. Returns what ends it. */
  readonly listen: (listener: (deltas: readonly HealthDelta[]) => void) => () => void;
}

const TOPIC = 'health';
const REDIS_CHANNEL = 'bourse:health';

const count = z.number().int().nonnegative();
const bins = z.record(z.string().regex(/^-?\d{1,5}$/), count);
const message = z.object({
  from: z.string(),
  deltas: z.array(
    z.object({
      endpointId: z.string().max(256),
      answered: count,
      ok: count,
      failed: count,
      latencyMs: bins,
      tokensPerSecond: bins,
      toolAnswers: count,
      brokenToolAnswers: count,
    }),
  ),
});

/** What a neighbour says; null for anything else, such as the words of another version. */
function read(text: string): z.infer<typeof message> | null {
  try {
    return message.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/**
 * Through Redis while it answers, to every gateway; else to the other processes of this one. With neither, a gateway knows what it saw itself,
 * and nothing else changes.
 */
export function openHealthChannel(parts: {
  readonly gatewayId: string;
  readonly redis: Redis | null;
  readonly peers: Pick<Peers, 'hasOthers' | 'tell' | 'listen'>;
}): HealthChannel {
  const { gatewayId, redis, peers } = parts;
  return {
    hasListeners: redis !== null || peers.hasOthers,
    tell(deltas) {
      const text = JSON.stringify({ from: gatewayId, deltas });
      if (redis === null) return peers.tell(TOPIC, text);
      void redis.publish(REDIS_CHANNEL, text).then((isSent) => (isSent ? undefined : peers.tell(TOPIC, text)));
      return undefined;
    },
    listen(listener) {
      const hear = (text: string): void => {
        const heard = read(text);
        if (heard !== null && heard.from !== gatewayId) listener(heard.deltas);
      };
      const ends = [peers.listen(TOPIC, hear), redis?.subscribe(REDIS_CHANNEL, hear)];
      return () => {
        for (const end of ends) end?.();
      };
    },
  };
}
