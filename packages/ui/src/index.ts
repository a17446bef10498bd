/**
 * The design system: tokens (styles.css) and primitives in the manner of shadcn/ui. It owns how things look and behave under
 * keyboard and screen reader. It refuses domain words, data access and formatting of money: those live in the dashboard.
 * Floor 2; imported by the dashboard only. Components without `'use client'` render on the server.
 */
export { Badge, StatusDot, type Tone } from './badge.tsx';
export { Button, type ButtonProps, buttonVariants } from './button.tsx';
export { Card, CardContent, CardDescription, CardFooter, CardHeader, CardTitle } from './card.tsx';
export { ChartLegend, ChartSwatch } from './charts/chart-parts.tsx';
export {
  CHART_COLORS_MAX,
  type ChartColor,
  type ChartPoint,
  type ChartSeries,
  chartColorAt,
} from './charts/chart-types.ts';
export { Donut } from './charts/donut.tsx';
export { type ChartValueFormat, formatChartValue } from './charts/format-value.ts';
export { LineChart } from './charts/line-chart.tsx';
export { Meter, ShareBar, type ShareSlice } from './charts/share-bar.tsx';
export { Sparkline } from './charts/sparkline.tsx';
export { StackedBarChart } from './charts/stacked-bar-chart.tsx';
export { Checkbox } from './checkbox.tsx';
export { cn } from './cn.ts';
export { CodeBlock } from './code-block.tsx';
export {
  CommandDialog,
  CommandEmpty,
  CommandGroup,
  CommandInput,
  CommandItem,
  CommandList,
} from './command.tsx';
export { CopyButton } from './copy-button.tsx';
export {
  type ColumnSort,
  DataTable,
  type DataTableColumn,
  type DataTableProps,
  type LinkComponent,
} from './data-table.tsx';
export { Dialog, DialogClose, DialogContent, DialogFooter, DialogHeader, DialogTrigger } from './dialog.tsx';
export {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from './dropdown-menu.tsx';
export { Field, type FieldControlProps, Label } from './field.tsx';
export { Input, Textarea } from './input.tsx';
export { Kbd } from './kbd.tsx';
export { initialsOf, Monogram } from './monogram.tsx';
export { Popover, PopoverContent, PopoverTrigger } from './popover.tsx';
export { SegmentedNav, type SegmentedNavItem } from './segmented-nav.tsx';
export { Select, type SelectOption, type SelectProps } from './select.tsx';
export { Sheet, SheetClose, SheetContent, SheetTitle, SheetTrigger } from './sheet.tsx';
export { Skeleton, TableSkeleton } from './skeleton.tsx';
export { Stat } from './stat.tsx';
export { EmptyState, ErrorState } from './states.tsx';
export { Switch } from './switch.tsx';
export { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from './table.tsx';
export { Tabs, TabsContent, TabsList, TabsTrigger } from './tabs.tsx';
export { ThemeMenu, ThemeProvider } from './theme.tsx';
export { themeColors } from './theme-colors.ts';
export { Toaster, toast } from './toaster.tsx';
export { Tooltip } from './tooltip.tsx';
