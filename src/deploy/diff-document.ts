import type { ObjectDiff } from './diff-release.ts';
import { countDiffs, formatDiff, formatDiffCounts, type FormatDiffOptions } from './format-diff.ts';

type DocumentOptions = Omit<FormatDiffOptions, 'style'>;

/** One object's part of a document: its heading and its lines. */
interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

function sections(diffs: readonly ObjectDiff[], options: DocumentOptions): Section[] {
  return diffs.flatMap((diff) => {
    const [title = '', ...lines] = formatDiff([diff], options).replace(/\n$/, '').split('\n');
    return title === '' ? [] : [{ title: title.replace(/:$/, ''), lines }];
  });
}

/** Differences as Markdown for a comment on a pull request: a folded block for each object. */
export function diffMarkdown(diffs: readonly ObjectDiff[], options: DocumentOptions = {}): string {
  const parts = sections(diffs, options);
  if (parts.length === 0) return '**No changes.**\n';
  const blocks = parts.map(({ title, lines }) => {
    const text = lines.map((line) => line.replace(/^([-+ ]) /, '$1'));
    // A fence must be longer than any inside.
    const fence = '`'.repeat(Math.max(3, ...text.map((line) => (/`+/.exec(line)?.[0].length ?? 0) + 1)));
    return `<details><summary>${escapeHtml(title)}</summary>\n\n${fence}diff\n${text.join('\n')}\n${fence}\n\n</details>\n`;
  });
  return `**${formatDiffCounts(countDiffs(diffs))}**\n\n${blocks.join('\n')}`;
}

const STYLE = `body{font:14px/1.4 system-ui,sans-serif;margin:2rem;color:#1f2328;background:#fff}
details{border:1px solid #d0d7de;border-radius:6px;margin:.5rem 0}summary{padding:.5rem;cursor:pointer;font-weight:600}
pre{margin:0;overflow:auto;font:12px/1.5 ui-monospace,monospace}pre span{display:block;padding:0 .5rem;min-height:1.5em}
.add{background:#dafbe1}.del{background:#ffebe9}.drift{background:#fff8c5}`;

/** Differences as a page that stands alone. */
export function diffHtml(diffs: readonly ObjectDiff[], options: DocumentOptions = {}): string {
  const parts = sections(diffs, options);
  const body = parts
    .map(({ title, lines }) => {
      const spans = lines.map((line) => `<span${classOf(line)}>${escapeHtml(line)}</span>`).join('');
      return `<details open><summary>${escapeHtml(title)}</summary><pre>${spans}</pre></details>\n`;
    })
    .join('');
  const summary = parts.length === 0 ? 'No changes.' : formatDiffCounts(countDiffs(diffs));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${summary}</title><style>${STYLE}</style></head>
<body><h1>${summary}</h1>
${body}</body></html>
`;
}

function classOf(line: string): string {
  if (line.startsWith('+')) return ' class="add"';
  if (line.startsWith('-')) return ' class="del"';
  return line.startsWith('!') ? ' class="drift"' : '';
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
