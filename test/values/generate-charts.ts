import { type Dice, type Files } from './support.ts';

/** A generated chart with the flags that it is rendered with. */
export interface GeneratedCase {
  readonly files: Files;
  readonly args: readonly string[];
}

const NAMES = ['one', 'two', 'three', 'four'];
const KEYS = ['a', 'b', 'c', 'deep', 'one', 'two', 'alias', 'global', 'exports', 'data', 'enabled', 'tags'];
const SHOW =
  'v: {{ toJson .Values }}\nd: {{ toJson .Chart.Dependencies }}\nn: {{ .Chart.Name }}\ns: {{ keys .Subcharts | sortAlpha | toJson }}\n';

interface Dependency {
  name: string;
  version: string;
  alias?: string;
  condition?: string;
  tags?: string[];
  'import-values'?: unknown[];
}

/** A tree of charts whose values, dependencies and flags are left to chance. */
export function generateCase(dice: Dice): GeneratedCase {
  const files: Record<string, string> = {};
  addChart(dice, files, { folder: 'chart', name: 'root', levels: 3 });
  const args: string[] = [];
  if (dice.chance(0.6)) {
    files['user.yaml'] = JSON.stringify(table(dice, 3));
    args.push('-f', 'user.yaml');
  }
  for (let i = dice.below(4); i > 0; i -= 1) args.push('--set', setText(dice));
  if (dice.chance(0.2)) args.push('--set-json', `${path(dice)}=${JSON.stringify(table(dice, 1))}`);
  return { files, args };
}

interface Place {
  readonly folder: string;
  readonly name: string;
  /** How many levels of subcharts there may be below. */
  readonly levels: number;
}

function addChart(dice: Dice, files: Record<string, string>, { folder, name, levels }: Place): void {
  const children = levels > 0 ? NAMES.filter(() => dice.chance(levels === 3 ? 0.6 : 0.3)) : [];
  const declared = children.filter(() => dice.chance(0.75));
  const dependencies = declared.flatMap((child) => declare(dice, child));
  const metadata = {
    apiVersion: 'v2',
    name,
    version: dice.pick(['1.0.0', '1.2.3']),
    ...(dependencies.length > 0 || dice.chance(0.2) ? { dependencies } : {}),
  };
  files[`${folder}/Chart.yaml`] = JSON.stringify(metadata);
  files[`${folder}/templates/show.yaml`] = SHOW;
  if (dice.chance(0.85)) files[`${folder}/values.yaml`] = JSON.stringify(table(dice, 3));
  for (const child of children) {
    addChart(dice, files, { folder: `${folder}/charts/${child}`, name: child, levels: levels - 1 });
  }
}

/** The entries of one subchart in `dependencies`: one, or two of which one at least has an alias. */
function declare(dice: Dice, name: string): Dependency[] {
  const first = dependency(dice, name);
  if (dice.chance(0.3)) first.alias = dice.pick([`${name}-x`, `${name}_y`]);
  if (!dice.chance(0.15)) return [first];
  return [first, { ...dependency(dice, name), alias: `${name}-z` }];
}

function dependency(dice: Dice, name: string): Dependency {
  const out: Dependency = { name, version: dice.pick(['*', '*', '>=1.0.0', '1.x', '~1.2.0', '9.x']) };
  if (dice.chance(0.4)) {
    out.condition = dice.pick([`${name}.enabled`, 'enabled', 'missing,enabled', `${name}.deep.enabled,a`, 'tags.a']);
  }
  if (dice.chance(0.3)) out.tags = [dice.pick(['a', 'b']), dice.pick(['b', 'c'])];
  if (dice.chance(0.4)) {
    out['import-values'] = Array.from({ length: 1 + dice.below(2) }, () =>
      dice.chance(0.5)
        ? dice.pick(['data', 'a', 'deep'])
        : {
            child: dice.pick(['exports', 'deep', 'a.b', 'data']),
            parent: dice.pick(['.', 'a', 'deep.data', 'imported']),
          },
    );
  }
  return out;
}

function table(dice: Dice, depth: number): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (let i = dice.below(6); i > 0; i -= 1) {
    const key = dice.pick(KEYS);
    out[key] = key === 'tags' && dice.chance(0.7) ? tags(dice) : value(dice, depth);
  }
  return out;
}

function tags(dice: Dice): Record<string, boolean> {
  return { [dice.pick(['a', 'b', 'c'])]: dice.chance(0.5) };
}

function value(dice: Dice, depth: number): unknown {
  if (depth > 0 && dice.chance(0.6)) return table(dice, depth - 1);
  return dice.pick([null, true, false, 0, 1, 2.5, 'text', '', [], [1, { x: null }], {}]);
}

function path(dice: Dice): string {
  return Array.from({ length: 1 + dice.below(3) }, () => dice.pick(KEYS)).join('.');
}

function setText(dice: Dice): string {
  return `${path(dice)}=${dice.pick(['null', 'true', 'false', '1', 'text', '{x,y}', '', '01', '1.5'])}`;
}
