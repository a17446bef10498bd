import OpenAI, { toFile } from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Market, openMarket } from './harness.ts';
import { answering, cutOff, expectCharged, expectSound, post, receiptOf, spent } from './operations-harness.ts';
import { refuse, type Script } from './scripted-provider.ts';

const model = 'sandbox/atlas-listen';
/** One endpoint only, so that one price decides: $0.00005 a second, 50,000 nanodollars. */
const PRICE = 50_000n;
const text = 'The harbour lights.';

/** A WAV file of so many seconds: 8,000 samples of a byte each. */
function wav(seconds: number): Buffer<ArrayBuffer> {
  const head = Buffer.alloc(44);
  head.write('RIFF\0\0\0\0WAVEfmt ', 0, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8_000, 24);
  // The head claims that a second takes a thousand times as many bytes: nobody must believe it.
  head.writeUInt32LE(8_000_000, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(8_000 * seconds, 40);
  return Buffer.concat([head, Buffer.alloc(8_000 * seconds, 0x80)]);
}

const hearing = (fields: object = { usage: { type: 'duration', seconds: 9.2 } }): Script =>
  answering({ text, kept: 1, ...fields });

let market: Market;
beforeAll(async () => {
  market = await openMarket();
});
afterAll(() => market.stop());
beforeEach(() => {
  market.north.script = hearing();
  market.south.script = hearing();
});
afterEach(() => expectSound(market));

function form(fields: Readonly<Record<string, string>> = {}, file: Blob | null = new Blob([wav(9)])): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries({ model, ...fields })) data.append(name, value);
  if (file !== null) data.append('file', file, 'nine.wav');
  return data;
}

const send = (body: FormData | string, headers: Record<string, string> = {}) =>
  fetch(`${market.url}/audio/transcriptions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${market.key}`, ...headers },
    body,
  });

/** Only the first provider may answer where several are routable: its price is the lowest, and its draw comes first. */
function only(script: Script): void {
  market.north.script = script;
  market.south.script = script;
}

async function costOf(response: Response): Promise<bigint> {
  const { provider_name: name } = await receiptOf(market, response);
  return name === 'Northwind Sandbox' ? PRICE : 2n * PRICE;
}

describe('a form', () => {
  test("of OpenAI's SDK reaches the provider as one, and begun seconds are billed", async () => {
    const client = new OpenAI({ baseURL: market.url, apiKey: market.key, maxRetries: 0 });
    const file = await toFile(wav(9), 'nine.wav', { type: 'audio/wav' });
    const before = await spent(market);
    const { data, response } = await client.audio.transcriptions
      .create({ model, file, response_format: 'verbose_json', timestamp_granularities: ['word', 'segment'] })
      .withResponse();
    expect(data.text).toBe(text);
    expect(data).toMatchObject({ kept: 1, usage: { type: 'duration', seconds: 10 } });
    const record = await expectCharged(market, { response, cost: 10n * (await costOf(response)), before });
    expect(record.receipt.lines).toMatchObject([{ meter: 'audio_second', quantity: 10 }]);
    expect(record.flags).toEqual([]);
    const call = [...market.north.calls, ...market.south.calls].at(-1);
    const sent = await new Response(new Uint8Array(call?.raw ?? []), {
      headers: { 'content-type': call?.headers['content-type'] ?? '' },
    }).formData();
    expect(sent.get('model')).toBe('atlas-listen');
    expect(sent.getAll('timestamp_granularities[]')).toEqual(['word', 'segment']);
    const arrived = sent.get('file');
    expect(arrived instanceof Blob && Buffer.from(await arrived.arrayBuffer()).equals(wav(9))).toBe(true);
  });

  test('is the same request again under another boundary, and happens once for an Idempotency-Key', async () => {
    const before = await spent(market);
    const headers = { 'idempotency-key': 'listen-1' };
    const [first, second] = [await send(form(), headers), await send(form(), headers)];
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(await second.text()).toBe(await first.text());
    await expectCharged(market, { response: second, cost: 10n * (await costOf(second)), before });
    const other = await send(form({ language: 'en' }), headers);
    expect(other.status).toBe(409);
  });

  test.each([{}, { usage: { type: 'duration', seconds: -1 } }, { usage: { type: 'duration', seconds: 900 } }])(
    'whose provider says %j is billed by the seconds of its file',
    async (fields) => {
      only(hearing(fields));
      const before = await spent(market);
      const response = await send(form());
      const record = await expectCharged(market, { response, cost: 9n * (await costOf(response)), before });
      expect(record.flags).toEqual(expect.arrayContaining(['estimated', 'method:wav_header']));
    },
  );

  test('of something else than WAV is billed by its size where the provider counts nothing', async () => {
    only(hearing({}));
    const before = await spent(market);
    const response = await send(form({}, new Blob([Buffer.alloc(40_000, 0xff)])));
    const record = await expectCharged(market, { response, cost: 3n * (await costOf(response)), before });
    expect(record.flags).toEqual(['estimated', 'method:bytes_at_128_kbps']);
  });

  test.each<[string, () => FormData, number, string]>([
    ['without a file', () => form({}, null), 400, 'file'],
    ['with an empty file', () => form({}, new Blob([])), 400, 'file'],
    ['without a model', () => form({ model: '' }), 400, 'model'],
    ['for a stream', () => form({ stream: 'true' }), 400, 'stream'],
    ['for subtitles', () => form({ response_format: 'srt' }), 400, 'response_format'],
    ['with a field that is too long', () => form({ prompt: 'x'.repeat(70_000) }), 400, 'prompt'],
    ['with a file that is too large', () => form({}, new Blob([Buffer.alloc(25 * 1024 * 1024 + 1)])), 413, 'file'],
  ])('%s is refused, and nothing is called', async (_name, body, status, path) => {
    const calls = market.north.calls.length + market.south.calls.length;
    const response = await send(body());
    expect(response.status).toBe(status);
    expect((await response.json()).error.metadata.path).toBe(path);
    expect(market.north.calls.length + market.south.calls.length).toBe(calls);
  });

  test('with two files is refused', async () => {
    const body = form();
    body.append('file', new Blob([wav(1)]), 'two.wav');
    expect((await send(body)).status).toBe(400);
  });

  test.each([
    ['no boundary', 'multipart/form-data', 'x'],
    ['no end', 'multipart/form-data; boundary=b', '--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nx'],
    ['nothing in it', 'multipart/form-data; boundary=b', ''],
    ['other content', 'multipart/form-data; boundary=b', '{"model":"x"}'],
  ])('with %s is a 400', async (_name, type, body) => {
    const response = await send(body, { 'content-type': type });
    expect(response.status).toBe(400);
    expect((await response.json()).error.type).toBe('invalid_request');
  });

  test('above the bound of the whole body is a 413', async () => {
    const response = await send(form({}, new Blob([Buffer.alloc(27 * 1024 * 1024)])));
    expect(response.status).toBe(413);
  });

  test('is no body for another operation', async () => {
    const response = await fetch(`${market.url}/embeddings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${market.key}` },
      body: form(),
    });
    expect(response.status).toBe(415);
  });

  test('is a 402 when max_cost does not reach', async () => {
    expect((await send(form({ max_cost: '0.0001' }))).status).toBe(402);
  });

  test.each<[string, Script, number]>([
    ['refused for its rate', refuse(429), 429],
    ['broken', refuse(500), 502],
    ['cut off', cutOff, 502],
    ['without a transcript', answering({}), 502],
  ])('%s costs nothing', async (_name, script, status) => {
    only(script);
    const before = await spent(market);
    const response = await send(form());
    expect(response.status).toBe(status);
    expect(await spent(market)).toBe(before);
    expect((await receiptOf(market, response)).receipt).toBeNull();
  });
});

describe('JSON', () => {
  const ask = (audio: unknown) =>
    post(market, '/audio/transcriptions', { model, input_audio: audio, provider: { only: ['sandbox-north'] } });

  test('brings the sound in base64, and the provider gets a form', async () => {
    const before = await spent(market);
    const response = await ask({ data: wav(9).toString('base64'), format: 'wav' });
    expect(await response.json()).toMatchObject({ text, usage: { seconds: 10, cost: 0.000525 } });
    await expectCharged(market, { response, cost: 10n * PRICE, before });
    const call = market.north.calls.at(-1);
    expect(call?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(call?.raw.includes(wav(9))).toBe(true);
    expect(call?.raw.includes('filename="audio.wav"')).toBe(true);
  });

  test.each([
    ['nothing', undefined, 'input_audio'],
    ['a data URL', { data: 'data:audio/wav;base64,AAAA', format: 'wav' }, 'input_audio.data'],
    ['an odd format', { data: 'AAAA', format: '../etc' }, 'format'],
  ])('with %s is a 400', async (_name, audio, path) => {
    const response = await ask(audio);
    expect(response.status).toBe(400);
    expect((await response.json()).error.metadata.path).toBe(path);
  });
});
