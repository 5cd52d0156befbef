/** The commands that touch no cluster; `bin/pintle.js` starts all others with the whole program. */
const RENDERING = new Set(['template', 'lint', 'charts', 'version'].map((name) => `./commands/${name}.ts`));

/** Leaves out what rendering does without: a short file is read and compiled sooner. */
export const rendering = {
  name: 'rendering',
  setup(context) {
    context.onResolve({ filter: /(?:\/commands\/[^/]+|\/session|\/deploy\/resource)\.ts$/ }, ({ path, kind }) =>
      kind === 'dynamic-import' && !RENDERING.has(path) ? { path, namespace: 'left-out' } : undefined,
    );
    context.onLoad({ filter: /./, namespace: 'left-out' }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path} is not part of the program for rendering`)});`,
    }));
    // One import of a cluster's part would bring all of it back, unseen but for the time it takes.
    context.onResolve({ filter: /\/cluster\// }, ({ path, importer }) => ({
      errors: [{ text: `${importer} brings ${path} into the program for rendering` }],
    }));
  },
};
