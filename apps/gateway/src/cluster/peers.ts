import cluster from 'node:cluster';
import type { Metrics } from '@bourse/telemetry';
import { isMessage, isWord, type Question, Questions, type Word } from './messages.ts';

/** The other processes that share this gateway's port. */
export interface Peers {
  /** Resolves when what they charged an organization is in the books, or when they do not answer in time. */
  readonly settled: (organizationId: string) => Promise<void>;
  /** What all processes counted, as one exposition text. */
  readonly metrics: () => Promise<string>;
  /** False for a single process. */
  readonly hasOthers: boolean;
  /** Tells the others; best effort. */
  readonly tell: (topic: string, text: string) => void;
  /** Hears what others tell of a topic. Returns what ends it. */
  readonly listen: (topic: string, listener: (text: string) => void) => () => void;
}

/** What this process does for the others. */
export interface PeerDuties {
  readonly settled: (organizationId: string) => Promise<boolean>;
  readonly metrics: Metrics;
}

const PATIENCE_MS = 2_000;

/** A process among several asks through the primary; a single one has nobody to ask. */
export function joinPeers(duties: PeerDuties): Peers {
  const { worker } = cluster;
  if (worker === undefined) {
    const nothing = (): undefined => undefined;
    const alone = { hasOthers: false, tell: nothing, listen: () => nothing };
    return { settled: async () => undefined, metrics: () => duties.metrics.render(), ...alone };
  }
  const listeners = new Set<{ readonly topic: string; readonly hear: (text: string) => void }>();
  const questions = new Questions();
  const answer = async (question: Question): Promise<unknown> =>
    question.kind === 'metrics' ? duties.metrics.snapshot() : duties.settled(question.organizationId);
  // The primary is gone: Node ends this process, and the spool is settled by the next.
  worker.on('error', () => undefined);
  worker.on('message', (message: unknown) => {
    if (isWord(message)) {
      for (const { topic, hear } of listeners) if (topic === message.topic) hear(message.text);
      return undefined;
    }
    if (!isMessage(message)) return undefined;
    if (message.bourse === 'answer') return questions.answered(message.id, message.answer);
    void answer(message.question)
      .catch(() => null) // asked again, or counted as silent
      .then((said) => (worker.isConnected() ? worker.send({ bourse: 'answer', id: message.id, answer: said }) : false));
    return undefined;
  });
  const ask = (question: Question) => questions.ask(question, (message) => void worker.send(message), PATIENCE_MS);
  return {
    hasOthers: true,
    tell: (topic, text) => {
      if (worker.isConnected()) worker.send({ bourse: 'word', topic, text } satisfies Word);
    },
    listen: (topic, hear) => {
      const listener = { topic, hear };
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    settled: async (organizationId) => void (await ask({ kind: 'settle', organizationId })),
    metrics: async () => {
      const snapshots = await ask({ kind: 'metrics' });
      return Array.isArray(snapshots) ? duties.metrics.renderAll(snapshots) : duties.metrics.render();
    },
  };
}
