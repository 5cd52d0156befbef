import { join } from 'node:path';
import type { Io } from './io.ts';
import { userKubeconfig } from './kubeconfig-paths.ts';
import type { StartFlags } from './start-flags.ts';

/** What the user is told of a cluster that is served now. */
export function startedText(io: Io, flags: StartFlags, folder: string, url: string): string {
  const merged = flags.merge ? userKubeconfig(io, flags) : undefined;
  const isCurrent = flags.use === true || merged === undefined;
  const context = isCurrent ? '' : ` --context pintle-${flags.name}`;
  const set = merged === undefined ? `  export KUBECONFIG=${join(folder, 'kubeconfig')}\n` : '';
  return `embedded cluster "${flags.name}" is served at ${url}\n${set}  kubectl${context} get nodes\n`;
}
