import type { TemplateEngine } from '../base/template-engine.ts';
import { GoTemplateSet } from './go-template-set.ts';

/** Go's text/template as Helm sets it up: `missingkey=zero`, or `missingkey=error` with `strict`. */
export const goTemplateEngine: TemplateEngine = {
  name: 'gotemplate',
  compile: (sources, options) => GoTemplateSet.compile(sources, options),
};
