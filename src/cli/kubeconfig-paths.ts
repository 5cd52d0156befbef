import { posix, resolve, win32 } from 'node:path';
import type { Io } from './io.ts';
import type { GlobalOptions } from './settings.ts';

/**
 * The user's kubeconfig that contexts are written to, as kubectl chooses it: `--kubeconfig`, the first file of `KUBECONFIG`, or
 * ~/.kube/config. Undefined when there is to be none (`/dev/null`).
 */
export function userKubeconfig(io: Io, { kubeconfig }: Pick<GlobalOptions, 'kubeconfig'>): string | undefined {
  const isWindows = io.platform === 'win32';
  const listed = (io.env['KUBECONFIG'] ?? '').split(isWindows ? ';' : ':').filter((path) => path !== '');
  const asked = kubeconfig ?? listed[0];
  if (asked === '/dev/null') return undefined;
  if (asked !== undefined) return resolve(io.cwd, asked);
  const home = io.env[isWindows ? 'USERPROFILE' : 'HOME'];
  return home === undefined || home === '' ? undefined : (isWindows ? win32 : posix).join(home, '.kube', 'config');
}
