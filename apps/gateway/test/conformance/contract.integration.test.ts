import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { companies, modelOf } from './companies.ts';
import { type Contract, contractPlace, openContract } from './contract.ts';
import { accountAsks, type ContractAsk, catalogAsks, embeddingAsks, generatingAsks } from './contract-asks.ts';
import { type ContractCaller, openContractCaller } from './contract-caller.ts';
import { isDeliberate } from './deliberate-deviations.ts';
import { at } from './json-at.ts';

/** Each answer of the gateway, whole or an event of a stream, is as OpenRouter's OpenAPI document says for its route. */
const contract = openContract();

const isThere = contract !== null;
test(isThere ? 'the OpenAPI document is there' : 'there is no OpenAPI document, so that nothing was compared', () => {
  process.stdout.write(`OpenRouter's OpenAPI document: ${isThere ? 'read from' : 'absent at'} ${contractPlace}\n`);
  expect(contractPlace).toMatch(/\.ya?ml$/);
});

const titled = (asks: readonly ContractAsk[]) =>
  asks.map((ask) => ({ ...ask, title: `${ask.method} ${ask.path}: ${ask.name}` }));

const companiesToAsk = [...companies.values()].map((company) => ({
  company,
  instant: modelOf(company, 'instant'),
  reason: modelOf(company, 'reason'),
  poor: 'sandbox/atlas-1',
}));
const known = modelOf('sandbox-north', 'instant');

function compareWith(document: Contract): void {
  let caller: ContractCaller;
  beforeAll(async () => {
    caller = await openContractCaller();
  });
  afterAll(() => caller.stop());

  async function deviationsOf(ask: ContractAsk): Promise<readonly string[]> {
    const answers = await caller.answersTo(ask);
    expect(answers.length).toBeGreaterThan(0);
    const found = answers.flatMap((answer) => document.deviations(answer));
    return [...new Set(found)].filter((deviation) => !isDeliberate(ask.path, deviation));
  }

  test.each(
    titled([...generatingAsks(companiesToAsk), ...embeddingAsks('sandbox/atlas-embed'), ...catalogAsks(known)]),
  )('$title', async (ask) => {
    expect(await deviationsOf(ask)).toEqual([]);
  });

  test.each(titled(accountAsks('HASH')))('$title', async ({ url, ...ask }) => {
    const filled = url === undefined ? {} : { url: url.replace('HASH', await caller.keyHash()) };
    expect(await deviationsOf({ ...ask, ...filled })).toEqual([]);
  });

  test('get /generation: the record of an answer', async () => {
    const url = `/generation?id=${await caller.bookedGeneration(known)}`;
    expect(await deviationsOf({ name: 'record', method: 'get', path: '/generation', url, status: 200 })).toEqual([]);
  });

  test('post /completions is not in the document: its errors and its usage are as those of chat', async () => {
    const body = { model: known, prompt: 'Tell me about the sea.' };
    const ask: ContractAsk = { name: 'text', method: 'post', path: '/completions', status: 200, body };
    const [answer] = await caller.answersTo(ask);
    expect(document.partDeviations('ChatUsage', at(answer?.body, 'usage'))).toEqual([]);
    const [refused] = await caller.answersTo({ ...ask, status: 400, body: { ...body, model: 'nobody/nothing' } });
    expect(document.partDeviations('BadRequestResponse', refused?.body)).toEqual([]);
  });

  test('an answer that lacks something, has it in another type, or has no schema, is told', () => {
    const answer = { method: 'post', path: '/chat/completions', status: 200 } as const;
    const chunk = { id: 'a', object: 'chat.completion.chunk', created: 'now', model: 'm', choices: [] };
    expect(document.deviations({ ...answer, body: {} })).toContain("/: must have required property 'choices'");
    expect(document.deviations({ ...answer, body: chunk, event: null })).toEqual([
      '/data/created: must be integer, is "now"',
    ]);
    const start = { ...answer, path: '/messages', event: 'message_start', body: { type: 'message_star' } };
    expect(document.deviations(start)[0]).toMatch(/^\/data\/type: must be equal to one of the allowed values/);
    expect(document.deviations({ ...answer, path: '/nothing', body: {} })[0]).toMatch(/has no answer 200/);
  });
}

if (contract !== null) describe('before the sandbox', () => compareWith(contract));
