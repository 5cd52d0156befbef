import { PintleError } from '../base/errors.ts';

/**
 * The release's name and the chart, from the arguments of install and template. Helm: pkg/action/install.go NameAndChart.
 *
 * @throws PintleError `usage`
 */
export function nameAndChart(
  args: readonly string[],
  options: {
    readonly generateName: boolean;
    readonly nameTemplate?: string | undefined;
    /** The name of what is only rendered, whatever `generateName` says. */
    readonly defaultName?: string;
    now: number;
  },
): { name: string; chart: string } {
  if (args.length > 2) {
    throw new PintleError('usage', `expected at most two arguments, unexpected arguments: ${args.slice(2).join(', ')}`);
  }
  const [first, second] = args;
  if (first === undefined) throw new PintleError('usage', 'this command needs at least 1 argument: chart name');
  if (second !== undefined) {
    if (options.generateName) throw new PintleError('usage', 'cannot set --generate-name and also specify a name');
    if (options.nameTemplate !== undefined)
      throw new PintleError('usage', 'cannot set --name-template and also specify a name');
    return { name: first, chart: second };
  }
  if (options.nameTemplate !== undefined) return { name: '', chart: first };
  if (options.defaultName !== undefined) return { name: options.defaultName, chart: first };
  if (options.generateName) {
    const base = first
      .replace(/\/+$/, '')
      .replace(/^.*\//, '')
      .replace(/\.(tgz|tar\.gz)$/, '');
    const stem = base === '' || base === '.' ? 'chart' : base;
    return { name: `${stem}-${Math.floor(options.now / 1000)}`, chart: first };
  }
  throw new PintleError('usage', 'must either provide a name or specify --generate-name');
}
