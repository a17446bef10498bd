import { expect, test } from 'vitest';
import { CHART_COLORS_MAX, chartColorAt } from './charts/chart-types.ts';
import { formatChartValue } from './charts/format-value.ts';
import { cn } from './cn.ts';
import { initialsOf } from './monogram.tsx';

test('of two classes that set the same thing the later one wins, our own type scale included', () => {
  expect(cn('px-2 text-2xs text-foreground', 'px-4 text-sm')).toBe('text-foreground px-4 text-sm');
});

test('initials are two letters at most, and something stands there for every name', () => {
  expect(['Acme', 'Mistral AI', 'z.ai', 'google-ai-studio', '山 田', '  ', '!!'].map(initialsOf)).toEqual([
    'A',
    'MA',
    'ZA',
    'GA',
    '山田',
    '·',
    '·',
  ]);
});

test('series beyond the palette are grey, so that no colour means two things', () => {
  expect(chartColorAt(0)).toBe(1);
  expect(chartColorAt(CHART_COLORS_MAX)).toBe('other');
});

test('values of charts are written by the name of their format', () => {
  expect(formatChartValue(1_234_567, 'compact')).toBe('1.23M');
  expect(formatChartValue(0.256, 'percent')).toBe('25.6%');
  expect(formatChartValue(12.5, 'usd')).toBe('$12.50');
  expect(formatChartValue(0.000421, 'usd')).toBe('$0.000421');
});
