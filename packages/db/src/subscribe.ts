import { Client } from 'pg';
import { noticeTopics } from './contract/notices.ts';
import type { DatabaseOptions, Notice, NoticeListener, NoticeTopic, Subscription } from './contract.ts';
import { databaseError } from './database-error.ts';

const CHANNEL = 'bourse_invalidate';
const TOPICS: ReadonlySet<string> = new Set(noticeTopics);
const RECONNECT_MS_FIRST = 100;
const RECONNECT_MS_MAX = 2_000;
/** A cut network tells nobody: asked this often, and without an answer in this time, the connection counts as lost. */
const PROBE_MS = 1_500;

function isTopic(text: string): text is NoticeTopic {
  return TOPICS.has(text);
}

function noticeOf(payload: string | undefined): Notice | null {
  const [topic = '', ...id] = (payload ?? '').split(':');
  return isTopic(topic) ? { topic, id: id.join(':') } : null;
}

async function listen(options: DatabaseOptions, onNotice: NoticeListener['onNotice']): Promise<Client> {
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

/**
 * Ends a connection without waiting for the other side's goodbye, which never comes from a silent one: with a query under way
 * pg cuts the line.
 */
async function cut(client: Client): Promise<void> {
  client.query('SELECT 1').catch(() => undefined);
  await client.end().catch(() => undefined);
}

/** Calls `onGone` once, when the connection ended or does not answer any more. Answers how to stop looking. */
function guard(client: Client, onGone: () => void): () => void {
  const stop = (): void => {
    clearInterval(probe);
    client.off('end', gone);
  };
  const gone = (): void => {
    stop();
    onGone();
    void cut(client);
  };
  // Without this the loss of a silent connection would be noticed after minutes.
  const probe = setInterval(() => {
    client.query('SELECT 1').catch(gone);
  }, PROBE_MS);
  client.once('end', gone);
  return stop;
}

/** Push invalidation on a connection of its own: see `Database.subscribe`. */
export async function subscribe(options: DatabaseOptions, listener: NoticeListener): Promise<Subscription> {
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let current: { readonly client: Client; readonly stop: () => void } | null = null;
  const watch = (client: Client): void => {
    const stop = guard(client, () => {
      current = null;
      listener.onLost();
      reconnect(RECONNECT_MS_FIRST);
    });
    current = { client, stop };
  };
  const reconnect = (waitMs: number): void => {
    timer = setTimeout(() => {
      listen(options, listener.onNotice).then(
        (client) => {
          if (isClosed) return void cut(client);
          watch(client);
          listener.onRestored();
          return undefined;
        },
        () => {
          if (!isClosed) reconnect(Math.min(waitMs * 2, RECONNECT_MS_MAX));
        },
      );
    }, waitMs);
  };
  watch(
    await listen(options, listener.onNotice).catch((error: unknown) => {
      throw databaseError(error);
    }),
  );
  return {
    async close() {
      isClosed = true;
      clearTimeout(timer);
      if (current === null) return;
      current.stop();
      await cut(current.client);
    },
  };
}
