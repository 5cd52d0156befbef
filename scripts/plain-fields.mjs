import { readFileSync } from 'node:fs';
import { parseSync } from 'oxc-parser';

/**
 * Makes private members of classes ordinary ones with names of their own. The compiler has checked who uses them; and engines read
 * ordinary properties much faster, as long as code is not optimized, which most code of a short run never is.
 */
export const plainFields = {
  name: 'plain-fields',
  setup(context) {
    let classes = 0;
    context.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      if (!source.includes('#')) return undefined;
      const edits = [];
      const visit = (node, names) => {
        if (Array.isArray(node)) {
          for (const each of node) visit(each, names);
          return;
        }
        if (node === null || typeof node !== 'object') return;
        let known = names;
        if (node.type === 'ClassBody') {
          classes += 1;
          known = new Map(names);
          for (const { key } of node.body) {
            if (key?.type === 'PrivateIdentifier') known.set(key.name, `$${classes}_${key.name}`);
          }
        }
        if (node.type === 'PrivateInExpression')
          throw new Error(`${path}: "#${node.left.name} in" cannot be made plain`);
        if (node.type === 'PrivateIdentifier') edits.push([node.start, node.end, known.get(node.name)]);
        for (const value of Object.values(node)) if (typeof value === 'object') visit(value, known);
      };
      visit(parseSync(path, source).program, new Map());
      let contents = '';
      let done = 0;
      for (const [start, end, name] of edits.sort((a, b) => a[0] - b[0])) {
        contents += source.slice(done, start) + name;
        done = end;
      }
      return { contents: contents + source.slice(done), loader: 'ts' };
    });
  },
};
