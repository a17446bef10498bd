import 'server-only';
import { createCssVariablesTheme, createHighlighterCore, type ThemedToken } from 'shiki/core';
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript';
import bash from 'shiki/langs/bash.mjs';
import json from 'shiki/langs/json.mjs';
import python from 'shiki/langs/python.mjs';
import typescript from 'shiki/langs/typescript.mjs';

/** The languages of our samples. `text` is shown as it is. */
export type CodeLanguage = 'bash' | 'json' | 'python' | 'typescript' | 'text';

const THEME = 'tokens';

// Colours are CSS variables of the design system, so one highlighting serves both themes. The JavaScript engine needs no WebAssembly.
const highlighter = createHighlighterCore({
  langs: [bash, json, python, typescript],
  themes: [createCssVariablesTheme({ name: THEME, variablePrefix: '--code-' })],
  engine: createJavaScriptRegexEngine(),
});

/** Code as lines of coloured pieces. */
export async function highlight(code: string, language: CodeLanguage): Promise<readonly (readonly ThemedToken[])[]> {
  if (language === 'text') return code.split('\n').map((content) => [{ content, offset: 0 }]);
  return (await highlighter).codeToTokensBase(code, { lang: language, theme: THEME });
}
