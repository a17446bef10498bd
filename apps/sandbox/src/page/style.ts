/** The one style sheet of the sandbox's pages: tokens first, then a few parts. No file, font or image is fetched. */
export const STYLE = `
:root {
  --ground: #f6f7f7; --card: #ffffff; --sunken: #eef1f1; --line: #dde2e2; --line-strong: #8b9697;
  --text: #16201f; --muted: #556263; --accent: #0f766e; --accent-hover: #0b5e58; --on-accent: #ffffff;
  --warn-ground: #fdf3dc; --warn-text: #6d4700; --bad-ground: #fdeceb; --bad-text: #9a1b13; --bad-line: #c2362c;
  --good-ground: #e3f4ee; --good-text: #0b5e4a; --shadow: 0 1px 2px rgb(16 32 31 / 6%), 0 8px 24px rgb(16 32 31 / 6%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f1414; --card: #171e1e; --sunken: #1f2828; --line: #2b3636; --line-strong: #6b7a7a;
    --text: #eaf0ef; --muted: #a3b1b0; --accent: #2dd4bf; --accent-hover: #5eead4; --on-accent: #06211e;
    --warn-ground: #33280f; --warn-text: #f5d58a; --bad-ground: #3a1a18; --bad-text: #ffb9b2; --bad-line: #e5756c;
    --good-ground: #12332b; --good-text: #8ee6cb; --shadow: none;
  }
}
*, *::before, *::after { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--text); -webkit-text-size-adjust: 100%;
  font: 16px/1.5 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
main { margin: 0 auto; padding: 24px 20px 64px; }
main.narrow { max-width: 760px; }
main.wide { max-width: 1020px; }
h1, h2, p, ul, dl, dd, table { margin: 0; }
h1 { font-size: 1.5rem; line-height: 1.25; letter-spacing: -0.01em; text-wrap: balance; }
h2 { font-size: 1rem; line-height: 1.4; }
a { color: var(--accent); text-underline-offset: 3px; }
a:hover { color: var(--accent-hover); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 6px; }
code, pre { font: 0.875em/1.6 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
code { background: var(--sunken); padding: 1px 5px; border-radius: 5px; overflow-wrap: anywhere; }
pre { margin: 0; padding: 14px 16px; background: var(--sunken); border-radius: 10px; overflow-x: auto; }
pre code { background: none; padding: 0; overflow-wrap: normal; }
.muted { color: var(--muted); }
.small { font-size: 0.875rem; }
.stack > * + * { margin-top: 16px; }
.stack-tight > * + * { margin-top: 6px; }
.stack-buttons > * + * { margin-top: 12px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 24px; box-shadow: var(--shadow); }
.badge {
  display: inline-block; padding: 3px 10px; border-radius: 999px; font-size: 0.8125rem; font-weight: 600;
  background: var(--warn-ground); color: var(--warn-text);
}
.notice { padding: 12px 14px; border-radius: 10px; background: var(--sunken); }
.notice.bad { background: var(--bad-ground); color: var(--bad-text); }
.notice.good { background: var(--good-ground); color: var(--good-text); }
.bar { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 12px; margin-bottom: 24px; }
.button, button {
  display: block; width: 100%; min-height: 48px; padding: 11px 18px; border: 1px solid transparent; border-radius: 10px;
  font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer;
}
.primary { background: var(--accent); color: var(--on-accent); }
.primary:hover { background: var(--accent-hover); color: var(--on-accent); }
.quiet { border-color: var(--line-strong); background: none; color: var(--text); }
.quiet:hover { background: var(--sunken); color: var(--text); }
label { display: block; margin-bottom: 6px; font-size: 0.875rem; font-weight: 600; }
input {
  display: block; width: 100%; min-height: 46px; padding: 9px 12px; font: inherit; color: var(--text);
  background: var(--ground); border: 1px solid var(--line-strong); border-radius: 10px; font-variant-numeric: tabular-nums;
}
input[aria-invalid="true"] { border-color: var(--bad-line); box-shadow: 0 0 0 1px var(--bad-line); }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; }
legend { padding: 0; font-weight: 600; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; }
.columns { display: grid; gap: 24px; }
@media (min-width: 800px) { .columns { grid-template-columns: 5fr 6fr; gap: 48px; align-items: start; } }
.amount { font-size: 2.25rem; font-weight: 700; line-height: 1.15; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
.lines { list-style: none; padding: 0; }
.lines li, .total { display: flex; justify-content: space-between; gap: 16px; padding: 12px 0; border-top: 1px solid var(--line); }
.lines li > :first-child { min-width: 0; overflow-wrap: anywhere; }
.lines li > :last-child, .total > :last-child { font-variant-numeric: tabular-nums; white-space: nowrap; }
.total { font-weight: 700; border-top-color: var(--line-strong); }
details > summary { cursor: pointer; font-size: 0.875rem; color: var(--muted); }
.cards { width: 100%; border-collapse: collapse; font-size: 0.875rem; }
.cards td { padding: 5px 0; vertical-align: top; }
.cards td:first-child { padding-right: 14px; white-space: nowrap; font-variant-numeric: tabular-nums; }
.mails { list-style: none; padding: 0; }
.mails li + li { border-top: 1px solid var(--line); }
.mails a { display: block; padding: 14px 24px; color: inherit; text-decoration: none; }
.mails a:hover { background: var(--sunken); }
.mails .row { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 2px 16px; }
.mails .row > :first-child { flex: 1 1 260px; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.flush { padding: 0; overflow: hidden; }
.facts { display: grid; grid-template-columns: auto 1fr; gap: 4px 16px; }
.facts dt { color: var(--muted); }
.facts dd { min-width: 0; overflow-wrap: anywhere; }
.search { display: flex; gap: 8px; }
.search input { min-width: 0; }
.search button { width: auto; flex: none; }
iframe { display: block; width: 100%; height: 460px; border: 1px solid var(--line); border-radius: 10px; background: #ffffff; }
.plain { white-space: pre-wrap; overflow-wrap: anywhere; }
.links { padding-left: 20px; overflow-wrap: anywhere; }
`;
