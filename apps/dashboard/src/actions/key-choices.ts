/** How long a new key may live. */
export const expiryPresets = ['never', 'week', 'month', 'quarter', 'year'] as const;
export type ExpiryPreset = (typeof expiryPresets)[number];

/** The same in days; null is for ever. */
export const expiryDays: Readonly<Record<ExpiryPreset, number | null>> = {
  never: null,
  week: 7,
  month: 30,
  quarter: 90,
  year: 365,
};

/** What can be done about the end of a key that exists. */
export const expiryChanges = ['keep', ...expiryPresets] as const;
export type ExpiryChange = (typeof expiryChanges)[number];

/** When the limit of a key starts anew. */
export const limitResets = ['daily', 'weekly', 'monthly'] as const;
