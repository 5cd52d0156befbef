import { expect, test } from 'vitest';
import { diffHtml, diffMarkdown } from '../../src/deploy/diff-document.ts';
import type { ObjectDiff } from '../../src/deploy/diff-release.ts';

const diff = (change: Partial<ObjectDiff>): ObjectDiff => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace: 'default',
  name: 'a',
  kept: false,
  change: 'changed',
  changes: [],
  drift: [],
  gone: false,
  before: { data: { x: '<1>' } },
  after: { data: { x: '```' } },
  ...change,
});

test('Markdown folds each object, in a fence that its text does not end', () => {
  expect(diffMarkdown([diff({}), diff({ change: 'unchanged' })])).toBe(
    `**Plan: 0 to add, 1 to change, 0 to destroy.**

<details><summary>default, a, ConfigMap (v1) has changed</summary>

\`\`\`\`diff
 data:
-  x: <1>
+  x: '\`\`\`'
\`\`\`\`

</details>
`,
  );
});

test('HTML marks lines and escapes text', () => {
  const page = diffHtml([diff({}), diff({ name: 'b', drift: [{ path: 'data.y', change: 'added', after: '&' }] })]);
  expect(page).toContain('<span class="del">-   x: &lt;1&gt;</span>');
  expect(page).toContain('<span class="drift">! data.y was added since the last revision: &amp;</span>');
  expect(page.match(/<details open>/g)).toHaveLength(2);
});

test('nothing is said of what does not differ', () => {
  expect(diffMarkdown([diff({ change: 'unchanged' })])).toBe('**No changes.**\n');
  expect(diffHtml([])).toContain('<h1>No changes.</h1>');
});
