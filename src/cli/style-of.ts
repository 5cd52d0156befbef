import { createStyle, type Style } from '../terminal/style.ts';
import type { Io } from './io.ts';
import type { GlobalOptions } from './settings.ts';

/** Whether stderr gets colours: `--color always|never|auto`, `NO_COLOR`. */
export function styleOf(io: Io, options: GlobalOptions): Style {
  const wish = options.color ?? options.colour ?? 'auto';
  if (wish === 'always') return createStyle(true);
  if (wish === 'never' || (io.env['NO_COLOR'] ?? '') !== '') return createStyle(false);
  return createStyle(io.columns !== undefined);
}
