import { manifestText } from '../render/manifest-text.ts';
import type { RenderResult } from '../render/render-chart.ts';
import { placedObjects } from '../render/trace/explain-field.ts';
import { markLines } from '../render/trace/mark-lines.ts';
import type { RenderTrace } from '../render/trace/render-trace.ts';
import { SourceMap } from '../render/trace/source-map.ts';
import type { ValueOriginFinder } from '../render/trace/value-origins.ts';

/** A result whose manifests and hooks tell behind each line where it comes from. */
export function markResult(result: RenderResult, trace: RenderTrace, origins: ValueOriginFinder): RenderResult {
  const map = new SourceMap(trace);
  const marked = new Map(
    placedObjects(result).map((object) => [`${object.template}\0${object.content}`, markLines(object, map, origins)]),
  );
  const mark = (template: string, content: string): string => marked.get(`${template}\0${content}`) ?? content;
  const manifests = result.manifests.map((each) => ({ ...each, content: mark(each.name, each.content) }));
  const hooks = result.hooks.map((each) => ({ ...each, manifest: mark(each.path, each.manifest) }));
  const text: RenderResult['manifestText'] = (options = {}) => manifestText({ manifests, crds: result.crds }, options);
  return { ...result, manifests, hooks, manifest: text(), manifestText: text };
}
