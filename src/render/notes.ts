import { compareStrings } from '../base/json.ts';

const SUFFIX = /NOTES\.txt(?:\.hbs)?$/;

/**
 * Takes the notes out of rendered files. helm: pkg/action/action.go, renderResources.
 *
 * @param files loses every file whose path ends in NOTES.txt
 */
export function takeNotes(
  files: Map<string, string>,
  { chart, subcharts }: { readonly chart: string; readonly subcharts: boolean },
): string {
  let notes = '';
  const root = `${chart}/templates/NOTES.txt`;
  // Go's order is random when there are several: the chart's own notes first, then by path.
  const names = [...files.keys()]
    .filter((name) => SUFFIX.test(name))
    .sort((a, b) => rank(a) - rank(b) || compareStrings(a, b));
  for (const name of names) {
    if (subcharts || isRoot(name)) {
      if (notes !== '') notes += '\n';
      notes += files.get(name) ?? '';
    }
    files.delete(name);
  }
  return notes;

  function isRoot(name: string): boolean {
    return name === root || name === `${root}.hbs`;
  }

  function rank(name: string): number {
    return isRoot(name) ? 0 : 1;
  }
}
