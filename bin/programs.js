// Which program a command line needs: most commands do with a part of the whole, which is read and compiled sooner.
'use strict';

/** Commands that touch no cluster. */
const RENDERING = new Set(['template', 'lint', 'show', 'inspect', 'create', 'package', 'version', 'dependency', 'dep']);
/** Flags with which even they may ask a cluster. */
const ASKING = /^--(?:validate|dry-run)/;
/** Commands on releases. */
const RELEASES = new Set(
  'install upgrade rollback uninstall del delete un list ls history hist status get test'.split(' '),
);
const KUBECONFIG = /^--kube(?:config|-context)(?:=.|$)/;

/**
 * The program that runs some arguments: `pintle-render` without clusters, `pintle-releases` without the simulated one,
 * `pintle` with all there is.
 */
function programFor(args, env) {
  if (RENDERING.has(args[0]) && !args.some((arg) => ASKING.test(arg))) return 'pintle-render';
  return RELEASES.has(args[0]) && namesCluster(args, env) ? 'pintle-releases' : 'pintle';
}

/** True where the cluster can only be that of a kubeconfig; in doubt it is not. */
function namesCluster(args, env) {
  if (args.some((arg) => arg.startsWith('--embedded'))) return false;
  const variable = env.KUBECONFIG ?? '';
  return (variable !== '' && variable !== '/dev/null') || args.some((arg) => KUBECONFIG.test(arg));
}

module.exports = { programFor };
