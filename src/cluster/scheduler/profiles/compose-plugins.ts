import { EXTENSION_POINTS, type ExtensionPoint, interfaceName, PLUGIN_NAMES, pluginKind } from './plugins.ts';

/** A plugin that is switched on; weight 0: not given. */
export interface EnabledPlugin {
  readonly name: string;
  readonly weight: number;
}

/** What is switched on and off at one extension point; `*` is all that there is by default. */
export interface PluginSet {
  readonly enabled: readonly EnabledPlugin[];
  readonly disabled: readonly string[];
}

/** What a profile says of plugins. */
export type PluginSets = Readonly<Partial<Record<ExtensionPoint | 'multiPoint', PluginSet>>>;

/** Which plugins are asked where, in their order, and how much their points count. */
export interface Composition {
  readonly points: Readonly<Record<ExtensionPoint, readonly string[]>>;
  readonly weights: ReadonlyMap<string, number>;
}

/** Is told what is wrong, where: `score.enabled[0]`. */
export type TellFault = (path: string, text: string) => void;

const NOTHING: PluginSet = { enabled: [], disabled: [] };

/**
 * Lays what a profile says over the default plugins. Plugins of `multiPoint` are asked wherever they can be; what is said of an
 * extension point wins there. kubernetes: config/v1/default_plugins.go mergePlugins, framework/runtime/framework.go
 */
export function composePlugins(sets: PluginSets, tell: TellFault): Composition {
  const multiPoint = withDefaults(sets.multiPoint ?? NOTHING);
  checkMultiPoint(sets.multiPoint ?? NOTHING, multiPoint, tell);
  const points = {} as Record<ExtensionPoint, readonly string[]>;
  for (const point of EXTENSION_POINTS) {
    const set = sets[point] ?? NOTHING;
    checkSet(point, set, tell);
    points[point] = expand(point, set, multiPoint);
  }
  const weights = new Map<string, number>();
  for (const { name, weight } of [...(sets.score?.enabled ?? []), ...multiPoint]) {
    if (!weights.has(name)) weights.set(name, weight === 0 ? 1 : weight);
  }
  return { points, weights };
}

/** Default plugins keep their places, also where they are set up anew. */
function withDefaults({ enabled, disabled }: PluginSet): readonly EnabledPlugin[] {
  const list: EnabledPlugin[] = [];
  const placed = new Set<EnabledPlugin>();
  if (!disabled.includes('*')) {
    for (const name of PLUGIN_NAMES) {
      if (disabled.includes(name)) continue;
      // Of several entries the last one counts; the others stay, and are told as faults.
      const own = enabled.findLast((each) => each.name === name);
      if (own !== undefined) placed.add(own);
      list.push(own ?? { name, weight: pluginKind(name)?.weight ?? 0 });
    }
  }
  return [...list, ...enabled.filter((each) => !placed.has(each))];
}

function checkMultiPoint({ enabled }: PluginSet, merged: readonly EnabledPlugin[], tell: TellFault): void {
  enabled.forEach(({ name }, i) => {
    const path = `multiPoint.enabled[${i}]`;
    const [first] = pluginKind(name)?.points ?? [];
    if (first === undefined) tell(path, `${interfaceName('preFilter')} ${JSON.stringify(name)} does not exist`);
    else if (enabled.findIndex((each) => each.name === name) < i && isTwice(merged, name))
      tell(path, `plugin ${JSON.stringify(name)} already registered as ${JSON.stringify(interfaceName(first))}`);
  });
}

function isTwice(list: readonly EnabledPlugin[], name: string): boolean {
  return list.filter((each) => each.name === name).length > 1;
}

function checkSet(point: ExtensionPoint, { enabled }: PluginSet, tell: TellFault): void {
  const type = interfaceName(point);
  enabled.forEach(({ name }, i) => {
    const path = `${point}.enabled[${i}]`;
    const kind = pluginKind(name);
    if (kind === undefined) tell(path, `${type} ${JSON.stringify(name)} does not exist`);
    else if (!kind.points.includes(point)) tell(path, `plugin ${JSON.stringify(name)} does not extend ${type} plugin`);
    else if (enabled.findIndex((each) => each.name === name) < i)
      tell(path, `plugin ${JSON.stringify(name)} already registered as ${JSON.stringify(type)}`);
  });
}

/** First those that are set up anew here, then the others of multiPoint, then those of this point alone. */
function expand(
  point: ExtensionPoint,
  { enabled, disabled }: PluginSet,
  multiPoint: readonly EnabledPlugin[],
): readonly string[] {
  const own = enabled.map(({ name }) => name);
  if (disabled.includes('*')) return own;
  const everywhere = multiPoint
    .map(({ name }) => name)
    .filter((name) => pluginKind(name)?.points.includes(point) === true && !disabled.includes(name));
  return [
    ...own.filter((name) => everywhere.includes(name)),
    ...everywhere.filter((name) => !own.includes(name)),
    ...own.filter((name) => !everywhere.includes(name)),
  ];
}
