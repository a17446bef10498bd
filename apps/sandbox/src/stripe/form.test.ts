import { expect, test } from 'vitest';
import { parseForm } from './form.ts';

test.each([
  ['', {}],
  ['a=1&b=', { a: '1', b: '' }],
  ['a[b][c]=1&a[d]=2', { a: { b: { c: '1' }, d: '2' } }],
  ['a[1][x]=2&a[0][x]=1', { a: [{ x: '1' }, { x: '2' }] }],
  ['expand[]=a&expand[]=b', { expand: ['a', 'b'] }],
  ['created%5Bgte%5D=5', { created: { gte: '5' } }],
  ['name=a%20b%26c+d', { name: 'a b&c d' }],
  ['a=1&a[b]=2', { a: { b: '2' } }],
  ['odd]=1', { 'odd]': '1' }],
])('the form %j is read as %j', (text, value) => {
  expect(parseForm(text)).toEqual(value);
});

test('a form cannot reach the prototype of objects', () => {
  parseForm('__proto__[polluted]=1&constructor[prototype][polluted]=1');

  expect('polluted' in {}).toBe(false);
});
