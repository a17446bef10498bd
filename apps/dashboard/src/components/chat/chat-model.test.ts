import { expect, test } from 'vitest';
import { orderModels, startModel } from './chat-model.ts';

const model = (slug: string, isCallable: boolean | null) => ({ slug, name: slug, authorName: 'Acme', isCallable });
const models = [
  model('acme/listed', false),
  model('acme/unknown', null),
  model('acme/one', true),
  model('sandbox/atlas-1', true),
];

test('models that can be called come first, those nobody knows about next', () => {
  expect(orderModels(models).map(({ slug }) => slug)).toEqual([
    'acme/one',
    'sandbox/atlas-1',
    'acme/unknown',
    'acme/listed',
  ]);
});

test('the chat begins with the model of the link, else the sandbox’s, else the first that can be called', () => {
  expect(startModel(models, 'acme/listed')).toBe('acme/listed');
  expect(startModel(models, 'acme/gone')).toBe('sandbox/atlas-1');
  expect(startModel(models, null)).toBe('sandbox/atlas-1');
  expect(startModel(models.slice(0, 3), null)).toBe('acme/one');
  expect(startModel([], null)).toBeNull();
});
