/** How much a message matters. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Where parts report what they do; fields are data, never secrets. */
export interface Logger {
  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** A logger that drops everything. */
export const silentLogger: Logger = { log: () => {} };
