import {
  DEFAULT_TEMPLATE_LIMITS,
  type TemplateEngine,
  type TemplateLimits,
  type TemplateSet,
} from '../base/template-engine.ts';
import type { TemplateFunction } from '../base/template-function.ts';
import { goTemplateEngine } from '../gotemplate/go-template-engine.ts';
import { HandlebarsEngine } from '../handlebars/handlebars-engine.ts';
import { goValueAdapter } from './go-value-adapter.ts';
import { loadHandlebarsParser } from './heavy-modules.ts';
import type { Renderable } from './renderables.ts';
import { renderFunctions, type RenderFunctionOptions } from './render-functions.ts';
import { parseError } from './template-errors.ts';

/** How the templates of a render are compiled. */
export interface TemplateSetsOptions extends Omit<RenderFunctionOptions, 'setOf' | 'maxDepth'> {
  /** The function library, without the functions that need a renderer. */
  readonly library: ReadonlyMap<string, TemplateFunction>;
  readonly strict: boolean;
  /** What is not given is as in {@link DEFAULT_TEMPLATE_LIMITS}. */
  readonly limits: TemplateLimits | undefined;
}

function makeEngine(name: Renderable['engine']): TemplateEngine {
  if (name === 'gotemplate') return goTemplateEngine;
  return new HandlebarsEngine({ parser: loadHandlebarsParser(), values: goValueAdapter });
}

/**
 * Compiles the templates, a set for each language among them. Templates of one language can include those of another.
 * Throws PintleError `template-syntax` in Helm's words.
 */
export function compileSets(
  renderables: readonly Renderable[],
  options: TemplateSetsOptions,
): ReadonlyMap<string, TemplateSet> {
  const sets = new Map<string, TemplateSet>();
  const setOf = (name: string): TemplateSet | undefined => [...sets.values()].find((set) => set.has(name));
  const functions = new Map(options.library);
  const { strict } = options;
  const limits = { ...DEFAULT_TEMPLATE_LIMITS, ...options.limits };
  for (const each of renderFunctions({ ...options, setOf, maxDepth: limits.depth })) functions.set(each.name, each);
  for (const engine of new Set(renderables.map((renderable) => renderable.engine))) {
    const sources = renderables.filter((renderable) => renderable.engine === engine);
    try {
      const set = makeEngine(engine).compile(sources, {
        functions,
        strict,
        limits,
      });
      sets.set(engine, set);
    } catch (error) {
      throw parseError(sources[0]?.name ?? '', error);
    }
  }
  return sets;
}
