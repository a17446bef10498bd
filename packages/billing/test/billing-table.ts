import { type BillingCell, chargeRules, isDecidedBy } from '../src/charge-rules.ts';
import { decideCharge, type GenerationOutcome } from '../src/decide-charge.ts';

const dimensions = {
  end: ['finished', 'upstream_error', 'client_cancelled', 'timeout', 'crashed'],
  delivered: ['nothing', 'some', 'all'],
  isStreamed: [true, false],
  isAbortable: [true, false],
  usage: ['none', 'partial', 'final', 'absurd'],
  isByok: [false, true],
} as const satisfies { [D in keyof BillingCell]: readonly BillingCell[D][] };

/** Every cell of the table. */
export const allCells: readonly BillingCell[] = dimensions.end.flatMap((end) =>
  dimensions.delivered.flatMap((delivered) =>
    dimensions.isStreamed.flatMap((isStreamed) =>
      dimensions.isAbortable.flatMap((isAbortable) =>
        dimensions.usage.flatMap((usage) =>
          dimensions.isByok.map((isByok) => ({ end, delivered, isStreamed, isAbortable, usage, isByok })),
        ),
      ),
    ),
  ),
);

/** An outcome that falls into a cell. */
export function outcomeOf(cell: BillingCell): GenerationOutcome {
  const { delivered, usage, ...rest } = cell;
  return {
    ...rest,
    finishReason: delivered === 'all' ? 'stop' : null,
    hasOutput: delivered !== 'nothing',
    usage: usage === 'none' ? null : { input: 100, output: delivered === 'nothing' ? 0 : 40 },
    usageState: usage,
  };
}

function verdictOf(cell: BillingCell): string {
  const rule = chargeRules.find((each) => isDecidedBy(each, cell));
  const estimate = { usage: { input: 120, output: delivered(cell) ? 30 : 0 }, method: 'm' };
  const { basis, costBasis, isFeeOnly, flags } = decideCharge(outcomeOf(cell), estimate);
  const paid = rule?.charge === 'nothing' ? 'nothing' : `${isFeeOnly ? 'fee on ' : ''}${basis} ${rule?.charge}`;
  return `pays ${paid}; costs us ${costBasis === 'none' ? 'nothing' : costBasis}; ${flags.join(' ') || 'no flag'}`;
}

const delivered = (cell: BillingCell) => cell.delivered !== 'nothing';

const labels: Readonly<Record<string, string>> = {
  'isStreamed:true': 'streamed',
  'isStreamed:false': 'whole',
  'isAbortable:true': 'abortable',
  'isAbortable:false': 'bills anyway',
  'isByok:true': 'BYOK',
  'isByok:false': 'our credential',
};

const names = ['end', 'delivered', 'isStreamed', 'isAbortable', 'usage', 'isByok'] as const;

/** Lines for the cells, where values of a dimension that make no difference stand together. */
function linesOf(cells: readonly BillingCell[], depth: number): readonly (readonly string[])[] {
  const name = names[depth];
  if (name === undefined) return cells.slice(0, 1).map((cell) => [verdictOf(cell)]);
  const groups = new Map<string, { values: string[]; lines: readonly (readonly string[])[] }>();
  for (const value of dimensions[name]) {
    const lines = linesOf(
      cells.filter((cell) => cell[name] === value),
      depth + 1,
    );
    const group = groups.get(JSON.stringify(lines)) ?? { values: [], lines };
    group.values.push(labels[`${name}:${value}`] ?? value.toString());
    groups.set(JSON.stringify(lines), group);
  }
  return [...groups.values()].flatMap(({ values, lines }) => {
    const isAll = values.length === dimensions[name].length && name !== 'end';
    return lines.map((line) => [isAll ? '*' : values.join('|'), ...line]);
  });
}

/** The whole table in words, one line per class of cells, with how many cells it stands for. */
export function describeTable(): string {
  const lines = linesOf(allCells, 0);
  const widths = names.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const row = (line: readonly string[]) =>
    line
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const head = row(['end', 'delivered', 'form', 'hanging up', 'usage', 'credential', 'verdict']);
  return `${[head, ...lines.map(row)].join('\n')}\n`;
}
