import { type Difference, runFuzz } from './run-fuzz.ts';

const SHOWN = 20;

/** The long run: `node scripts/fuzz.mjs --cases 20000 --seed N`, or one case with `--only NUMBER`. Gives the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const option = (name: string, other: string): string => {
    const at = args.indexOf(`--${name}`);
    return at === -1 ? other : (args[at + 1] ?? other);
  };
  const seed = option('seed', '1');
  const only = option('only', '');
  const cases = only === '' ? Number(option('cases', '1000')) : 1;
  const first = Number(only === '' ? option('first', '0') : only);
  const started = Date.now();
  const { differences, rendered } = await runFuzz({
    seed,
    cases,
    first,
    progress: (done, good) => process.stderr.write(`\r${done} cases, ${good} rendered`),
  });
  process.stderr.write('\n');
  for (const difference of differences.slice(0, SHOWN)) process.stdout.write(describe(difference));
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  process.stdout.write(
    `seed ${seed}: ${cases} cases, ${rendered} rendered, ${differences.length} differences, ${seconds} s\n`,
  );
  return differences.length === 0 ? 0 : 1;
}

function describe({ case: { id, kind, values, template }, ours, helm }: Difference): string {
  return `== ${id} (${kind})\n-- values.yaml\n${values}\n-- template\n${template}\n-- ours\n${ours}\n-- helm\n${helm}\n\n`;
}
