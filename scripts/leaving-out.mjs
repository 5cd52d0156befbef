/**
 * Leaves parts of the program out: a short file is read and compiled sooner. What is asked for all the same throws.
 *
 * @param title of the program that is made
 * @param options `leaves`: whether a dynamic import is left out, by its path as it is written; `allowed`: parts of the cluster that may come along
 */
export function leavingOut(title, { leaves, allowed = /^$/ }) {
  return {
    name: title,
    setup(context) {
      context.onResolve({ filter: /\.ts$/ }, ({ path, kind }) =>
        kind === 'dynamic-import' && leaves(path) ? { path, namespace: 'left-out' } : undefined,
      );
      context.onLoad({ filter: /./, namespace: 'left-out' }, ({ path }) => ({
        contents: `throw new Error(${JSON.stringify(`${path} is not part of the program for ${title}`)});`,
      }));
      // One import of a cluster's part would bring all of it back, unseen but for the time it takes.
      context.onResolve({ filter: /\/cluster\// }, ({ path, importer }) =>
        allowed.test(path)
          ? undefined
          : { errors: [{ text: `${importer} brings ${path} into the program for ${title}` }] },
      );
    },
  };
}

const commands = (...names) => new Set(names.map((name) => `./commands/${name}.ts`));
const isCommand = (path) => path.includes('/commands/');

const RENDERING = commands('template', 'lint', 'charts', 'version');

/** Leaves out what the commands that touch no cluster do without; `bin/pintle.js` chooses by `bin/programs.js`. */
export const rendering = leavingOut('rendering', {
  leaves: (path) =>
    isCommand(path) ? !RENDERING.has(path) : /\/(?:session|deploy\/resource|completion\/complete)\.ts$/.test(path),
});

const RELEASES = commands('install', 'upgrade', 'rollback', 'uninstall', 'list', 'history', 'status', 'get', 'test');

/** Leaves out what commands on releases do without that work on the cluster of a kubeconfig: above all, the simulated one. */
export const releases = leavingOut('releases', {
  leaves: (path) => (isCommand(path) ? !RELEASES.has(path) : /\/(?:open-cluster|completion\/complete)\.ts$/.test(path)),
  allowed: /\/cluster\/apiserver\/table\//,
});
