import type { KeyState } from '@bourse/access';
import type { Tone } from '@bourse/ui';
import type { ExpiryChange, ExpiryPreset, limitResets } from '../../actions/key-choices.ts';

/** The states of a key, in words. */
export const stateWords: Readonly<Record<KeyState, { label: string; tone: Tone }>> = {
  active: { label: 'Active', tone: 'accent' },
  disabled: { label: 'Disabled', tone: 'neutral' },
  expired: { label: 'Expired', tone: 'warning' },
};

/** When a limit starts anew. */
export const resetWords: Readonly<Record<(typeof limitResets)[number], string>> = {
  daily: 'per day',
  weekly: 'per week',
  monthly: 'per month',
};

/** What the dialog offers. The times are UTC, which the table says as well. */
export const resetOptions = [
  { value: 'never', label: 'Never: in all' },
  { value: 'daily', label: 'Every day' },
  { value: 'weekly', label: 'Every Monday' },
  { value: 'monthly', label: 'Every month' },
];

/** How long a key may live. */
export const expiryOptions: readonly { value: ExpiryPreset; label: string }[] = [
  { value: 'never', label: 'Never' },
  { value: 'week', label: 'In 7 days' },
  { value: 'month', label: 'In 30 days' },
  { value: 'quarter', label: 'In 90 days' },
  { value: 'year', label: 'In a year' },
];

/** What the dialog of an existing key offers. */
export const expiryChangeOptions: readonly { value: ExpiryChange; label: string }[] = [
  { value: 'keep', label: 'As it is' },
  ...expiryOptions,
];
