import { expect, test } from 'vitest';
import { seededRandom } from './random.ts';
import { essay, topicOf } from './text.ts';

test.each([
  ['Tell me about lighthouse keepers in Norway', 'lighthouse keepers'],
  ['What is the price of coffee, and why?', 'price'],
  ['Erzähl mir von Straßenbahnen!', 'erzähl'],
  ['Hi', 'the question'],
  ['', 'the question'],
])('the topic of %j is %j', (text, topic) => {
  expect(topicOf(text)).toBe(topic);
});

test('an essay depends on its seed alone and reads as sentences', () => {
  const text = essay(seededRandom('a'), 'bridges');

  expect(essay(seededRandom('a'), 'bridges')).toBe(text);
  expect(essay(seededRandom('b'), 'bridges')).not.toBe(text);
  expect(text).toMatch(/^[A-Z][\s\S]*\.$/);
  expect(text).toContain('bridges');
});

test('essays differ in length from seed to seed', () => {
  const lengths = Array.from({ length: 40 }, (_, seed) => essay(seededRandom(`${seed}`), 'bridges').length);

  expect(Math.max(...lengths)).toBeGreaterThan(2 * Math.min(...lengths));
});
