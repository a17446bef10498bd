import { Histogram as PromHistogram, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { Histogram } from './histogram.ts';
import { createMetrics } from './metrics.ts';

const options = { name: 'a_seconds', help: 'Time of a thing', labels: ['route', 'status'], buckets: [0.1, 1, 10] };
const observed = [
  ['/a', '200', 0.05],
  ['/a', '200', 0.1],
  ['/a', '500', 0.1000001],
  ['/a "quoted"', '200', 10],
  ['/a', '200', 11],
  ['/a', '200', 0],
] as const;

/** Lines of the exposition text with the labels of each in alphabetical order: their order means nothing. */
function linesOf(text: string): string[] {
  const sorted = (_: string, labels: string) =>
    `{${labels
      .split(/,(?=\w+=)/)
      .toSorted()
      .join(',')}}`;
  return text
    .trim()
    .split('\n')
    .map((line) => line.replace(/\{(.*)\}/, sorted))
    .toSorted();
}

test('it shows what prom-client would of the same observations, as text and to other processes', async () => {
  const [ours, theirs] = [new Registry(), new Registry()];
  const histogram = new Histogram(options);
  ours.registerMetric(histogram);
  const { name, help, labels, buckets } = options;
  const reference = new PromHistogram({ name, help, labelNames: [...labels], buckets, registers: [theirs] });
  for (const [route, status, seconds] of observed) {
    histogram.series(route, status).observe(seconds);
    reference.observe({ route, status }, seconds);
  }
  expect(linesOf(await ours.metrics())).toEqual(linesOf(await theirs.metrics()));
  const told = { values: expect.anything(), name, help, type: 'histogram', aggregator: 'sum' };
  expect(await ours.getMetricsAsJSON()).toEqual([told]);
  expect(await theirs.getMetricsAsJSON()).toEqual([told]);
  const text = await ours.metrics();
  expect(text).toContain('a_seconds_bucket{le="0.1",route="/a",status="200"} 3');
  expect(text).toContain('a_seconds_count{route="/a",status="200"} 4');
});

test('series are told apart by all of their labels', () => {
  const histogram = new Histogram(options);
  expect(histogram.series('a', 'b')).toBe(histogram.series('a', 'b'));
  expect(histogram.series('a b', 'c')).not.toBe(histogram.series('a', 'b c'));
});

test('those of several processes are added up', async () => {
  const snapshots = await Promise.all(
    [1, 2].map(async (seconds) => {
      const metrics = createMetrics('app');
      const histogram = metrics.histogram('b_seconds', 'Time', { labels: ['route'], buckets: [1, 5] });
      histogram.series('/a').observe(seconds);
      return metrics.snapshot();
    }),
  );
  const text = await createMetrics('app').renderAll(snapshots);
  expect(linesOf(text)).toEqual(
    expect.arrayContaining([
      'b_seconds_bucket{app="app",le="1",route="/a"} 1',
      'b_seconds_bucket{app="app",le="5",route="/a"} 2',
      'b_seconds_sum{app="app",route="/a"} 3',
      'b_seconds_count{app="app",route="/a"} 2',
    ]),
  );
});
