import { PintleError } from '../base/errors.ts';
import { trimSpace } from '../render/trim-space.ts';
import type { RenderResult } from '../render/render-chart.ts';
import type { Hook } from '../render/sort-manifests.ts';
import { splitManifests } from '../yaml/split.ts';

/** What of a render is printed. */
export interface TemplateTextOptions {
  readonly includeCrds: boolean;
  readonly skipTests: boolean;
  readonly hooks: boolean;
  /** `--show-only`: paths below the chart, with `*`, `?` and `[…]`. */
  readonly showOnly: readonly string[];
}

/** The output of `template`. helm: pkg/cmd/template.go. */
export function templateText(result: RenderResult, options: TemplateTextOptions): string {
  let text = `${trimSpace(result.manifestText({ includeCrds: options.includeCrds }))}\n`;
  for (const hook of shownHooks(result, options)) text += `---\n# Source: ${hook.path}\n${hook.manifest}\n`;
  return options.showOnly.length === 0 ? text : onlyThose(text, options.showOnly);
}

/** Hooks that are printed, in their order. */
export function shownHooks(result: RenderResult, options: TemplateTextOptions): readonly Hook[] {
  if (!options.hooks) return [];
  return options.skipTests ? result.hooks.filter((hook) => !hook.events.includes('test')) : result.hooks;
}

function onlyThose(text: string, patterns: readonly string[]): string {
  const manifests = splitManifests(text).map((manifest) => ({
    manifest,
    name: /# Source: [^/]+\/(.+)/.exec(manifest)?.[1],
  }));
  let out = '';
  for (const pattern of patterns) {
    const expression = pathPattern(pattern.replaceAll('\\', '/'));
    const found = manifests.filter(({ name }) => name !== undefined && expression.test(name));
    if (found.length === 0) {
      const names = [...new Set(manifests.map(({ name }) => name).filter((name) => name !== undefined))];
      throw new PintleError('usage', `could not find template ${pattern} in chart`, {
        hint: names.length === 0 ? 'the chart renders nothing' : `there are: ${names.slice(0, 20).join(', ')}`,
      });
    }
    for (const { manifest } of found) out += `---\n${manifest}\n`;
  }
  return out;
}

/** Go's filepath.Match. */
function pathPattern(pattern: string): RegExp {
  const source = pattern.replace(
    /\[(\^?)([^\]]*)\]|[*?]|[^\w\s]/g,
    (token, not: string | undefined, set: string | undefined) => {
      if (token === '*') return '[^/]*';
      if (token === '?') return '[^/]';
      if (set !== undefined) return `[${not ?? ''}${set.replaceAll(/[\\\]]/g, '\\$&')}]`;
      return `\\${token}`;
    },
  );
  return new RegExp(`^${source}$`, 's');
}
