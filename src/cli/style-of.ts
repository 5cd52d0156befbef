import { PintleError } from '../base/errors.ts';
import { createStyle, type Style } from '../terminal/style.ts';
import type { Io } from './io.ts';
import type { GlobalOptions } from './settings.ts';

type ColourMode = 'always' | 'never' | 'auto';

/**
 * What `--color`, `NO_COLOR` and `HELM_COLOR` ask for, in this order; a dumb terminal gets colours only when they are asked for.
 *
 * @throws PintleError `usage`
 */
export function colourMode(io: Io, options: GlobalOptions): ColourMode {
  const mode = wishedMode(io, options);
  return mode === 'auto' && isDumb(io) ? 'never' : mode;
}

/** True for terminals that take text alone: no colours, no moves of the cursor. */
export function isDumb({ env }: Io): boolean {
  return env['TERM'] === 'dumb';
}

function wishedMode({ env }: Io, options: GlobalOptions): ColourMode {
  const wish = options.color ?? options.colour;
  if (wish !== undefined) {
    if (isMode(wish)) return wish;
    throw new PintleError('usage', `invalid color mode "${wish}": must be one of: never, auto, always`);
  }
  if ((env['NO_COLOR'] ?? '') !== '') return 'never';
  const named = (env['HELM_COLOR'] ?? '').toLowerCase();
  return isMode(named) ? named : 'auto';
}

function isMode(text: string): text is ColourMode {
  return text === 'always' || text === 'never' || text === 'auto';
}

/** Whether stderr gets colours. @throws PintleError `usage` */
export function styleOf(io: Io, options: GlobalOptions): Style {
  const mode = colourMode(io, options);
  return createStyle(mode === 'always' || (mode === 'auto' && io.columns !== undefined));
}
