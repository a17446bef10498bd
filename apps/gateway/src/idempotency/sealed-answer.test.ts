import { expect, test } from 'vitest';
import { type KeptAnswer, openAnswer, sealAnswer } from './sealed-answer.ts';

const secrets = { apiKey: 'sk-brs-v1-secret', idempotencyKey: 'order-1' };
const place = { organizationId: 'org_1', claimId: 'clm_1', generationId: 'gen-1' };
const answer: KeptAnswer = {
  kind: 'stream',
  headers: { 'content-type': 'text/event-stream' },
  body: 'data: {"a":"é🙂\\n"}\n\ndata: [DONE]\n\n',
};

test.each<KeptAnswer>([
  answer,
  { ...answer, kind: 'body', body: '' },
  { ...answer, body: 'x'.repeat(3_000_000) },
  { ...answer, kind: 'body', body: Uint8Array.from({ length: 256 }, (_, byte) => byte) },
])('a sealed answer opens to what it was, byte for byte', (kept) => {
  expect(openAnswer(sealAnswer(kept, secrets, place), secrets, place)).toEqual({
    ...kept,
    body: Buffer.from(kept.body),
  });
});

test('the same answer is never sealed to the same bytes, and none of them can be read', () => {
  const first = sealAnswer(answer, secrets, place);
  expect(first.equals(sealAnswer(answer, secrets, place))).toBe(false);
  expect(first.toString('latin1')).not.toMatch(/DONE|event-stream|order-1/);
});

test('any changed bit and any cut is found', () => {
  const sealed = sealAnswer(answer, secrets, place);
  for (let index = 0; index < sealed.length; index += 1) {
    const changed = Buffer.from(sealed);
    changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
    expect(() => openAnswer(changed, secrets, place), `byte ${index}`).toThrow();
  }
  for (const length of [0, 1, 44, 60, sealed.length - 1])
    expect(() => openAnswer(sealed.subarray(0, length), secrets, place), `${length} bytes`).toThrow();
});

test.each([
  ['another API key', { ...secrets, apiKey: 'sk-brs-v1-other' }, place],
  ['another idempotency key', { ...secrets, idempotencyKey: 'order-2' }, place],
  ['a key cut elsewhere', { apiKey: 'sk-brs-v1-secre', idempotencyKey: 'torder-1' }, place],
  ['another organization', secrets, { ...place, organizationId: 'org_2' }],
  ['another claim', secrets, { ...place, claimId: 'clm_2' }],
  ['another generation', secrets, { ...place, generationId: 'gen-2' }],
])('%s opens nothing', (_name, withSecrets, at) => {
  expect(() => openAnswer(sealAnswer(answer, secrets, place), withSecrets, at)).toThrow();
});
