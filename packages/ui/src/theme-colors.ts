/** The canvas of each theme for what cannot read CSS: a browser's address bar. Equal to `--canvas` in styles.css. */
export const themeColors = { light: '#fbfaf8', dark: '#0f0e0d' } as const;
