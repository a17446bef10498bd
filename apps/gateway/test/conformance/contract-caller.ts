import { expect } from 'vitest';
import { openMarket, unknownKey } from '../harness.ts';
import { openSandboxMarket } from '../sdk/sandbox-market.ts';
import type { Answer } from './contract.ts';
import type { ContractAsk } from './contract-asks.ts';

/** Sends what is asked to a running gateway. */
export interface ContractCaller {
  /** The answer, one for each event of a stream. Fails the test when the status is another than expected. */
  answersTo(ask: ContractAsk): Promise<readonly Answer[]>;
  /** The id of a generation that is in the books. */
  bookedGeneration(model: string): Promise<string>;
  /** The hash of a key that is there. */
  keyHash(): Promise<string>;
  stop(): Promise<void>;
}

interface Event {
  readonly name: string | null;
  readonly data: unknown;
}

function eventsIn(text: string): Event[] {
  return text.split('\n\n').flatMap((block): Event[] => {
    const lines = block.split('\n');
    const data = lines.find((line) => line.startsWith('data: '))?.slice('data: '.length);
    const name = lines.find((line) => line.startsWith('event: '))?.slice('event: '.length) ?? null;
    return data === undefined || data === '[DONE]' ? [] : [{ name, data: JSON.parse(data) }];
  });
}

function request({ method, body }: ContractAsk, key: string): RequestInit {
  return {
    method: method.toUpperCase(),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(20_000),
  };
}

/** Opens a gateway before the sandbox, one whose management key is known, and one where nobody has credits. */
export async function openContractCaller(): Promise<ContractCaller> {
  const [sandbox, rich, poor] = await Promise.all([openSandboxMarket(), openMarket(), openMarket({ credits: '0' })]);
  const faults = `${sandbox.sandbox.url}/_sandbox/faults`;

  function callerOf({ key }: ContractAsk): { readonly root: string; readonly key: string } {
    if (key === 'poor') return { root: poor.root, key: poor.key };
    if (key === 'management') return { root: rich.root, key: rich.managementKey };
    return { root: sandbox.root, key: key === 'unknown' ? unknownKey() : sandbox.key };
  }

  async function send(ask: ContractAsk) {
    const { fault } = ask;
    if (fault !== undefined) await fetch(faults, { method: 'POST', body: JSON.stringify({ fault, count: 1 }) });
    const { root, key } = callerOf(ask);
    const response = await fetch(`${root}/api/v1${ask.url ?? ask.path}`, request(ask, key));
    const text = await response.text();
    if (fault !== undefined) await fetch(faults, { method: 'DELETE' });
    expect({ status: response.status, text }).toMatchObject({ status: ask.status });
    return { headers: response.headers, text };
  }

  return {
    async answersTo(ask) {
      const { headers, text } = await send(ask);
      const { method, path, status } = ask;
      const isStream = headers.get('content-type')?.startsWith('text/event-stream') === true;
      if (!isStream) return [{ method, path, status, body: JSON.parse(text) }];
      return eventsIn(text).map(({ name, data }) => ({ method, path, status, body: data, event: name }));
    },
    async bookedGeneration(model) {
      const body = { model, messages: [{ role: 'user', content: 'Hi' }] };
      const { headers } = await send({ name: 'text', method: 'post', path: '/chat/completions', status: 200, body });
      const id = headers.get('x-generation-id') ?? '';
      await sandbox.generation(id);
      return id;
    },
    async keyHash() {
      const { text } = await send({ name: 'keys', method: 'get', path: '/keys', status: 200, key: 'management' });
      const { data }: { data: readonly { hash: string }[] } = JSON.parse(text);
      return data[0]?.hash ?? 'no key';
    },
    async stop() {
      await Promise.all([sandbox.stop(), rich.stop(), poor.stop()]);
    },
  };
}
