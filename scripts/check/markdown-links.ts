import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Every relative link and image in the documents must lead to a file of the repository. */
export function checkMarkdownLinks(rootDir: string): { isOk: boolean; output: string } {
  const broken = globSync(['*.md', 'docs/**/*.md'], { cwd: rootDir }).flatMap((path) =>
    linksOf(readFileSync(join(rootDir, path), 'utf8'))
      .filter((link) => !existsSync(join(rootDir, dirname(path), link)))
      .map((link) => `${path} links to ${link}, which does not exist`),
  );
  return { isOk: broken.length === 0, output: broken.join('\n') };
}

/** Targets of `[text](target)` that are files: without their anchors, and without what stands in code. */
export function linksOf(markdown: string): string[] {
  const prose = markdown.replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s#]+)(?:#[^)\s]*)?\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}
