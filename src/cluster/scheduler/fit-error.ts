import type { Failure, PluginName } from './cycle.ts';

/** Why no node will do. */
export interface Diagnosis {
  /** How many nodes there are. */
  readonly nodes: number;
  /** By node, of those that were looked at. */
  readonly failures: ReadonlyMap<string, Failure>;
  /** What ruled out all nodes before one was looked at. */
  readonly before: Failure | undefined;
  /** What holds for the nodes that were not looked at. */
  readonly elsewhere: string;
}

/** The parts that have refused nodes. */
export function refusingPlugins({ failures, before }: Diagnosis): ReadonlySet<PluginName> {
  const plugins = new Set<PluginName>();
  if (before !== undefined) plugins.add(before.plugin);
  for (const { plugin } of failures.values()) plugins.add(plugin);
  return plugins;
}

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s).` kubernetes: pkg/scheduler/framework/types.go FitError */
export function fitErrorText(diagnosis: Diagnosis, afterwards = ''): string {
  const { nodes, failures, before, elsewhere } = diagnosis;
  let text = `0/${nodes} nodes are available:`;
  if (before !== undefined) text += ` ${before.reasons.join(', ')}.`;
  else {
    const histogram = new Map<string, number>();
    for (const { reasons } of failures.values()) {
      for (const reason of reasons) histogram.set(reason, (histogram.get(reason) ?? 0) + 1);
    }
    const others = nodes - failures.size;
    if (others > 0 && elsewhere !== '') histogram.set(elsewhere, (histogram.get(elsewhere) ?? 0) + others);
    const parts = [...histogram].map(([reason, count]) => `${count} ${reason}`).sort();
    if (parts.length > 0) text += ` ${parts.join(', ')}.`;
  }
  return afterwards === '' ? text : `${text} ${afterwards}`;
}

/** What is said of nodes that were ruled out by name. */
export function notSatisfied(plugin: PluginName): string {
  return `node(s) didn't satisfy plugin(s) [${plugin}]`;
}
