import type { Logger, LogLevel } from '../base/logger.ts';
import type { Io } from './io.ts';
import type { GlobalOptions } from './settings.ts';

/** Writes warnings and errors to stderr, and everything with `--debug`. */
export function cliLogger(io: Io, options: GlobalOptions): Logger {
  const least: Readonly<Record<LogLevel, boolean>> = {
    debug: options.debug === true,
    info: options.debug === true,
    warn: true,
    error: true,
  };
  return {
    log(level, message) {
      if (least[level]) io.stderr(`${level === 'warn' ? 'Warning: ' : level === 'error' ? 'Error: ' : ''}${message}\n`);
    },
  };
}
