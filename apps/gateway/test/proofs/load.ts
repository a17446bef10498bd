import { Agent, request } from 'node:http';

/** What a caller saw of one request. */
export interface Seen {
  /** 0: the connection broke. */
  readonly status: number;
  /** From asking to the last byte, in milliseconds. */
  readonly ms: number;
}

/** Who asks for what, and where. */
export interface Caller {
  readonly port: number;
  readonly key: string;
  readonly body: string;
}

/** Callers of one kind, with connections of their own, so that one kind does not wait for the other's. */
export function callers({ port, key, body }: Caller) {
  const agent = new Agent({ keepAlive: true, maxSockets: 2_000 });
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };

  /** Asks once; never rejects. */
  function ask(): Promise<Seen> {
    const startedAt = performance.now();
    return new Promise((resolve) => {
      const done = (status: number): void => resolve({ status, ms: performance.now() - startedAt });
      const asked = request({
        port,
        host: '127.0.0.1',
        method: 'POST',
        path: '/api/v1/chat/completions',
        headers,
        agent,
      });
      asked.on('response', (response) => {
        response.resume();
        response.on('end', () => done(response.statusCode ?? 0));
        response.on('error', () => done(0));
      });
      asked.on('error', () => done(0));
      asked.end(body);
    });
  }

  return {
    ask,
    /** So many that ask one after the other, for so long. */
    async closed(clients: number, ms: number): Promise<readonly Seen[]> {
      const end = performance.now() + ms;
      const seen: Seen[] = [];
      const client = async (): Promise<void> => {
        while (performance.now() < end) seen.push(await ask());
      };
      await Promise.all(Array.from({ length: clients }, client));
      return seen;
    },
    /** So many a second, whatever becomes of them, for so long. */
    async open(perSecond: number, ms: number): Promise<readonly Seen[]> {
      const startedAt = performance.now();
      const asked: Promise<Seen>[] = [];
      for (let elapsed = 0; elapsed < ms; elapsed = performance.now() - startedAt) {
        while (asked.length < (elapsed / 1_000) * perSecond) asked.push(ask());
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      return Promise.all(asked);
    },
    close: () => agent.destroy(),
  };
}

/** How long the given share of requests took at most. */
export function quantile(seen: readonly Seen[], share: number): number {
  const sorted = seen.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
}

/** Those with a status. */
export function having(seen: readonly Seen[], status: number): readonly Seen[] {
  return seen.filter((each) => each.status === status);
}
