import { Command } from 'commander';
import type { Io } from '../io.ts';
import { HELM_VERSION, KUBERNETES_VERSION, VERSION } from '../version.ts';

/** `pintle version` */
export function versionCommand(io: Io): Command {
  return new Command('version')
    .description('print the version, and the versions of Helm and Kubernetes that it follows')
    .option('--short', 'the number alone')
    .action((flags: { readonly short?: boolean }) => {
      io.stdout(
        flags.short === true
          ? `v${VERSION}\n`
          : `pintle v${VERSION} (renders as helm ${HELM_VERSION}, simulates kubernetes ${KUBERNETES_VERSION})\n`,
      );
    });
}
