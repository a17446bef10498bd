import cluster from 'node:cluster';
import type { Metrics } from '@bourse/telemetry';
import { isMessage, type Question, Questions } from './messages.ts';

/** The other processes that share this gateway's port. */
export interface Peers {
  /** Resolves when what they charged an organization is in the books, or when they do not answer in time. */
  readonly settled: (organizationId: string) => Promise<void>;
  /** What all processes counted, as one exposition text. */
  readonly metrics: () => Promise<string>;
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
  if (worker === undefined) return { settled: async () => undefined, metrics: () => duties.metrics.render() };
  const questions = new Questions();
  const answer = async (question: Question): Promise<unknown> =>
    question.kind === 'metrics' ? duties.metrics.snapshot() : duties.settled(question.organizationId);
  // The primary is gone: Node ends this process, and the spool is settled by the next.
  worker.on('error', () => undefined);
  worker.on('message', (message: unknown) => {
    if (!isMessage(message)) return;
    if (message.bourse === 'answer') return questions.answered(message.id, message.answer);
    void answer(message.question)
      .catch(() => null) // asked again, or counted as silent
      .then((said) => (worker.isConnected() ? worker.send({ bourse: 'answer', id: message.id, answer: said }) : false));
    return undefined;
  });
  const ask = (question: Question) => questions.ask(question, (message) => void worker.send(message), PATIENCE_MS);
  return {
    settled: async (organizationId) => void (await ask({ kind: 'settle', organizationId })),
    metrics: async () => {
      const snapshots = await ask({ kind: 'metrics' });
      return Array.isArray(snapshots) ? duties.metrics.renderAll(snapshots) : duties.metrics.render();
    },
  };
}
