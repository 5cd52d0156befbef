import type { RenderHooks } from '../actions/render-release.ts';
import { PintleError } from '../base/errors.ts';
import type { TemplateLimits } from '../base/template-engine.ts';
import type { LimitFlags, PostRenderFlags } from './flags.ts';
import type { Io } from './io.ts';

/**
 * What flags have to say about renders.
 *
 * @throws PintleError `usage`
 */
export function renderHooks(io: Io, flags: LimitFlags & PostRenderFlags): RenderHooks {
  const programs = (flags.postRenderer ?? []).filter((program) => program !== '');
  const args = flags.postRendererArgs ?? [];
  return {
    limits: templateLimits(flags),
    ...(flags.allowRemoteSchemas === true ? { fetchSchema } : {}),
    ...(programs.length === 0
      ? {}
      : {
          postRender: async (manifests: string): Promise<string> => {
            const { runPostRenderers } = await import('./run-post-renderers.ts');
            return runPostRenderers(io, { programs, args }, manifests);
          },
        }),
  };
}

/** The limits that flags set. @throws PintleError `usage` */
export function templateLimits(flags: LimitFlags): TemplateLimits {
  const { maxSteps, maxOutput, maxIncludeDepth } = flags;
  return {
    ...(maxSteps === undefined ? {} : { steps: sizeFlag('max-steps', maxSteps) }),
    ...(maxOutput === undefined ? {} : { output: sizeFlag('max-output', maxOutput) }),
    ...(maxIncludeDepth === undefined ? {} : { depth: sizeFlag('max-include-depth', maxIncludeDepth) }),
  };
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

function sizeFlag(name: string, text: string): number {
  const [, digits, unit = ''] = /^(\d+)([kmg]?)$/i.exec(text) ?? [];
  if (digits !== undefined) return Number(digits) * (UNITS[unit.toLowerCase()] ?? 1);
  throw new PintleError('usage', `invalid argument "${text}" for "--${name}" flag: not a number`, {
    hint: 'write digits, with k, M or G behind them for a thousand, a million or a milliard and some more',
  });
}

const SCHEMA_TIMEOUT = 15_000;

/** The text of a schema on the network. */
export async function fetchSchema(url: string): Promise<string> {
  const failed = (reason: string, cause?: unknown): PintleError =>
    new PintleError('values-schema', `the schema ${url} could not be read: ${reason}`, { cause });
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(SCHEMA_TIMEOUT) });
    if (response.ok) return await response.text();
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    throw failed(cause instanceof Error ? cause.message : String(cause), error);
  }
  throw failed(`the server answers ${response.status} ${response.statusText}`.trim());
}
