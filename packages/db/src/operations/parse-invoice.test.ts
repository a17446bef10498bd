import { expect, test } from 'vitest';
import { parseInvoice } from './parse-invoice.ts';

test('each line is a day of a provider, with a model or as a whole', () => {
  const csv = 'day,provider,model,cost_usd\r\n2026-11-21, maker ,maker/one,12.5\n\n2026-11-22,maker,*,0\n';
  expect(parseInvoice(csv)).toEqual([
    { day: '2026-11-21', providerSlug: 'maker', modelSlug: 'maker/one', cost: 12_500_000_000n },
    { day: '2026-11-22', providerSlug: 'maker', modelSlug: '*', cost: 0n },
  ]);
});

test('every wrong line is named with its number, and nothing is read', () => {
  const csv =
    'day,provider,model,cost_usd\n2026-02-30,maker,*,1\n2026-11-21,maker,*,-1\n2026-11-21,maker,1\n2026-11-21,maker,*,1';
  expect(() => parseInvoice(csv)).toThrow(/line 2: "2026-02-30"[\s\S]*line 3: "-1"[\s\S]*line 4: /);
});

test('a file with other columns is not an invoice', () => {
  expect(() => parseInvoice('provider,day,model,cost_usd\n')).toThrow('The first line must be');
  expect(() => parseInvoice('')).toThrow('The first line must be');
});
