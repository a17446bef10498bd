import { Client } from 'pg';
import type { Database, DatabaseOptions, Notice } from './contract.ts';
import { databaseError } from './database-error.ts';

const CHANNEL = 'bourse_invalidate';
const TOPICS: ReadonlySet<string> = new Set<Notice['topic']>(['api_key', 'catalog', 'organization']);
const RECONNECT_MS_FIRST = 100;
const RECONNECT_MS_MAX = 2_000;
/** A cut network tells nobody: without an answer in this time the connection counts as lost. */
const PROBE_MS = 2_000;

function isTopic(text: string): text is Notice['topic'] {
  return TOPICS.has(text);
}

function noticeOf(payload: string | undefined): Notice | null {
  const [topic = '', ...id] = (payload ?? '').split(':');
  return isTopic(topic) ? { topic, id: id.join(':') } : null;
}

async function listen(options: DatabaseOptions, onNotice: (notice: Notice) => void): Promise<Client> {
  const client = new Client({
    connectionString: options.url,
    application_name: `${options.applicationName} notices`,
    connectionTimeoutMillis: 3_000,
    query_timeout: PROBE_MS,
    keepAlive: true,
  });
  // Handled by `end` below; unhandled it would end the process.
  client.on('error', () => undefined);
  client.on('notification', ({ payload }) => {
    const notice = noticeOf(payload);
    if (notice !== null) onNotice(notice);
  });
  try {
    await client.connect();
    await client.query(`LISTEN ${CHANNEL}`);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

/** Push invalidation on a connection of its own: see `Database.subscribe`. */
export async function subscribe(
  options: DatabaseOptions,
  onNotice: (notice: Notice) => void,
  onReconnect: () => void,
): ReturnType<Database['subscribe']> {
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let client: Client | null = null;
  const watch = (current: Client): void => {
    client = current;
    const probe = setInterval(() => {
      // Without this the loss of a silent connection would be noticed after minutes.
      current.query('SELECT 1').catch(() => void current.end().catch(() => undefined));
    }, PROBE_MS);
    current.once('end', () => {
      clearInterval(probe);
      if (!isClosed) reconnect(RECONNECT_MS_FIRST);
    });
  };
  const reconnect = (waitMs: number): void => {
    timer = setTimeout(() => {
      listen(options, onNotice).then(
        (next) => {
          if (isClosed) return void next.end().catch(() => undefined);
          watch(next);
          onReconnect();
          return undefined;
        },
        () => {
          if (!isClosed) reconnect(Math.min(waitMs * 2, RECONNECT_MS_MAX));
        },
      );
    }, waitMs);
  };
  watch(
    await listen(options, onNotice).catch((error: unknown) => {
      throw databaseError(error);
    }),
  );
  return {
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await client?.end().catch(() => undefined);
    },
  };
}
