import type { Io } from './io.ts';
import type { GlobalOptions } from './settings.ts';
import { colourMode } from './style-of.ts';

/** How releases are coloured on stdout; each function gives its text back where there are no colours. */
export interface ReleaseColours {
  header(text: string): string;
  namespace(text: string): string;
  status(text: string): string;
}

const STATUS_COLOURS: ReadonlyMap<string, number> = new Map([
  ['deployed', 32],
  ['failed', 31],
  ['unknown', 31],
  ['pending-install', 33],
  ['pending-upgrade', 33],
  ['pending-rollback', 33],
  ['uninstalling', 33],
]);
const CYAN = 36;

const plain = (text: string): string => text;

/** No colours. */
export const NO_COLOURS: ReleaseColours = { header: plain, namespace: plain, status: plain };

/** The colours that `--color`, `HELM_COLOR`, `NO_COLOR` and the terminal ask for. @throws PintleError `usage` */
export function releaseColours(io: Io, options: GlobalOptions): ReleaseColours {
  const mode = colourMode(io, options);
  if (mode === 'never' || (mode === 'auto' && !io.interactive)) return NO_COLOURS;
  const paint = (code: number, text: string): string => `\u001b[${code}m${text}\u001b[0m`;
  return {
    header: (text) => `\u001b[1m${text}\u001b[22m`,
    namespace: (text) => paint(CYAN, text),
    status: (text) => {
      const code = STATUS_COLOURS.get(text);
      return code === undefined ? text : paint(code, text);
    },
  };
}
