import { parseDuration } from '../../base/duration.ts';
import { isObject, type JsonValue } from '../../base/json.ts';
import type { Taint } from '../../kube/api/core-v1.generated.ts';
import { parseQuantity, quantityValue } from '../../kube/quantity.ts';
import { type FaultyFile, faultsError } from '../../yaml/located-faults.ts';
import { parseManifest, splitDocuments } from '../../yaml/index.ts';
import type { NodeOptions } from '../kubelet/kubelet.ts';
import { ZONE_LABEL } from '../machinery/constants.ts';
import type { NodePlan, NodePool } from './node-pool.ts';

/** Fields of an entry of `nodes`. */
export const NODE_FIELDS: readonly string[] = [
  'name',
  'count',
  'zone',
  'region',
  'instanceType',
  'capacity',
  'allocatable',
  'labels',
  'annotations',
  'taints',
  'images',
  'version',
];

/** Fields of an entry of `pools` that those of `nodes` do not have. */
export const POOL_FIELDS: readonly string[] = ['min', 'max', 'boot', 'idle'];

const HINT = 'See docs/nodes.md.';
const MOST_NODES = 5000;

type Mapping = Record<string, unknown>;
type Template = NodePool['template'];

/**
 * Reads a file of nodes: `nodes` and `pools` in the short form of docs/nodes.md, or Node objects as `kubectl get nodes -o yaml`
 * prints them.
 *
 * @throws PintleError `yaml-syntax`, `manifest-invalid` with every fault and its place
 */
export function parseNodes(text: string, file: string): NodePlan {
  const documents = splitDocuments(text).filter((document) => document.trim() !== '');
  if (documents.length <= 1) return readNodes(parseManifest(text, { file }), { name: file, text });
  const values = documents.map((document) => parseManifest(document, { file }));
  return readNodes({ apiVersion: 'v1', kind: 'List', items: values.flatMap(itemsOf) }, { name: file });
}

/** Reads what {@link parseNodes} reads, from values. @throws PintleError `manifest-invalid` */
export function readNodes(value: unknown, file: FaultyFile = { name: 'nodes' }): NodePlan {
  const reader = new Reader();
  const plan = reader.plan(value);
  const { faults } = reader;
  if (faults.length === 0 && plan.nodes.length === 0) faults.push('nodes: must name at least one node');
  if (plan.nodes.length > MOST_NODES) faults.push(`nodes: a cluster has at most ${MOST_NODES} nodes`);
  if (faults.length > 0) throw faultsError(file, faults, HINT);
  return plan;
}

function itemsOf(value: JsonValue): readonly JsonValue[] {
  if (isObject(value) && value['kind'] === 'List' && Array.isArray(value['items']))
    return value['items'] as JsonValue[];
  return [value];
}

class Reader {
  readonly faults: string[] = [];
  readonly #names = new Set<string>();
  readonly #nodes: NodeOptions[] = [];
  readonly #pools: NodePool[] = [];

  plan(value: unknown): NodePlan {
    if (isObject(value) && value['kind'] === 'Node') this.#object(value, '');
    else if (isObject(value) && Array.isArray(value['items'])) {
      (value['items'] as unknown[]).forEach((item, i) => this.#object(item, `items[${i}]`));
    } else if (isObject(value)) {
      for (const key of Object.keys(value)) {
        if (key !== 'nodes' && key !== 'pools') this.#fault(key, 'there is no such field; known are nodes, pools');
      }
      this.#list(value['nodes'], 'nodes', (item, path) => this.#entry(item, path));
      this.#list(value['pools'], 'pools', (item, path) => this.#pool(item, path));
    } else this.#fault('', 'must be a mapping with nodes, or Node objects');
    return { nodes: this.#nodes, pools: this.#pools };
  }

  #fault(path: string, text: string): undefined {
    this.faults.push(path === '' ? text : `${path}: ${text}`);
    return undefined;
  }

  #list(value: unknown, path: string, read: (item: Mapping, path: string) => void): void {
    if (value === undefined || value === null) return;
    if (!Array.isArray(value)) {
      this.#fault(path, 'must be a list');
      return;
    }
    value.forEach((item: unknown, i) => {
      if (isObject(item)) read(item, `${path}[${i}]`);
      else this.#fault(`${path}[${i}]`, 'must be a mapping with a name');
    });
  }

  #entry(item: Mapping, path: string): void {
    this.#known(item, NODE_FIELDS, path);
    const name = this.#name(item['name'], `${path}.name`);
    const count = item['count'] === undefined ? undefined : this.#count(item['count'], `${path}.count`, 1);
    const zones = this.#zones(item['zone'], `${path}.zone`);
    const template = this.#template(item, path);
    const wanted = count ?? Math.max(1, zones.length);
    if (this.#nodes.length + wanted > MOST_NODES) {
      this.#fault(path, `a cluster has at most ${MOST_NODES} nodes`);
      return;
    }
    for (let i = 0; i < wanted; i += 1) {
      const own = count === undefined && zones.length < 2 ? name : `${name}-${i + 1}`;
      this.#add(own, template, { zone: zones[i % Math.max(1, zones.length)], path });
    }
  }

  #add(
    nodeName: string,
    template: Template,
    { zone, path }: { readonly zone: string | undefined; readonly path: string },
  ): void {
    if (this.#names.has(nodeName)) this.#fault(`${path}.name`, `there is a node ${JSON.stringify(nodeName)} already`);
    this.#names.add(nodeName);
    const labels = { ...(zone === undefined ? {} : { [ZONE_LABEL]: zone }), ...template.labels };
    this.#nodes.push({ ...template, nodeName, index: this.#nodes.length, labels });
  }

  #pool(item: Mapping, path: string): void {
    this.#known(item, [...NODE_FIELDS.filter((field) => field !== 'count'), ...POOL_FIELDS], path);
    const name = this.#name(item['name'], `${path}.name`);
    const min = item['min'] === undefined ? 0 : this.#count(item['min'], `${path}.min`, 0);
    const max =
      item['max'] === undefined
        ? this.#fault(`${path}.max`, 'must say how many nodes it has at most')
        : this.#count(item['max'], `${path}.max`, 1);
    if (min !== undefined && max !== undefined && min > max)
      this.#fault(`${path}.min`, `must not be above max (${max})`);
    if (this.#pools.some((pool) => pool.name === name))
      this.#fault(`${path}.name`, `there is a pool ${JSON.stringify(name)} already`);
    const zones = this.#zones(item['zone'], `${path}.zone`);
    if (zones.length > 1) this.#fault(`${path}.zone`, 'a pool is in one zone');
    const template = this.#template(item, path);
    const labels = {
      ...(zones[0] === undefined ? {} : { [ZONE_LABEL]: zones[0] }),
      agentpool: name,
      ...template.labels,
    };
    const boot = this.#duration(item['boot'], `${path}.boot`);
    const idle = this.#duration(item['idle'], `${path}.idle`);
    this.#pools.push({
      name,
      min: min ?? 0,
      max: max ?? 1,
      template: { ...template, labels },
      ...(boot === undefined ? {} : { bootMillis: boot }),
      ...(idle === undefined ? {} : { idleMillis: idle }),
    });
  }

  #known(item: Mapping, fields: readonly string[], path: string): void {
    for (const key of Object.keys(item)) {
      if (!fields.includes(key))
        this.#fault(`${path}.${key}`, `there is no such field; known are ${fields.join(', ')}`);
    }
  }

  #name(value: unknown, path: string): string {
    if (typeof value === 'string' && /^[a-z0-9](?:[-a-z0-9.]{0,61}[a-z0-9])?$/.test(value)) return value;
    this.#fault(path, 'must be a name of lower case letters, digits, "-" and "."');
    return String(value);
  }

  #count(value: unknown, path: string, least: number): number | undefined {
    if (Number.isInteger(value) && Number(value) >= least && Number(value) <= MOST_NODES) return Number(value);
    return this.#fault(path, `must be a whole number from ${least} to ${MOST_NODES}`);
  }

  #zones(value: unknown, path: string): readonly string[] {
    const list = value === undefined ? [] : Array.isArray(value) ? (value as unknown[]) : [value];
    if (list.every((zone): zone is string => typeof zone === 'string' && zone !== '')) return list;
    this.#fault(path, 'must be the name of a zone, or a list of them');
    return [];
  }

  #duration(value: unknown, path: string): number | undefined {
    if (value === undefined) return undefined;
    const millis = typeof value === 'string' ? parseDuration(value) : undefined;
    return millis !== undefined && millis >= 0 ? millis : this.#fault(path, 'must be a duration such as 45s');
  }

  #template(item: Mapping, path: string): Template {
    const text = (key: string, label: string): Record<string, string> => {
      const value = item[key];
      if (value === undefined) return {};
      if (typeof value === 'string') return { [label]: value };
      this.#fault(`${path}.${key}`, 'must be a text');
      return {};
    };
    const labels = {
      ...text('region', 'topology.kubernetes.io/region'),
      ...text('instanceType', 'node.kubernetes.io/instance-type'),
      ...this.#texts(item['labels'], `${path}.labels`),
    };
    const allocatable = this.#amounts(item['allocatable'], `${path}.allocatable`);
    const taints = this.#taints(item['taints'], `${path}.taints`);
    const images = this.#images(item['images'], `${path}.images`);
    const version = this.#version(item['version'], `${path}.version`);
    return {
      capacity: this.#amounts(item['capacity'], `${path}.capacity`) ?? {},
      labels,
      annotations: this.#texts(item['annotations'], `${path}.annotations`),
      ...(allocatable === undefined ? {} : { allocatable }),
      ...(taints.length === 0 ? {} : { taints }),
      ...(images.length === 0 ? {} : { images }),
      ...(version === undefined ? {} : { version }),
    };
  }

  #version(value: unknown, path: string): string | undefined {
    if (value === undefined) return undefined;
    if (typeof value === 'string' && /^v\d+\.\d+\.\d+/.test(value)) return value;
    return this.#fault(path, 'must be the version of a kubelet such as v1.35.2');
  }

  #texts(value: unknown, path: string): Readonly<Record<string, string>> {
    if (value === undefined || value === null) return {};
    if (!isObject(value)) return this.#fault(path, 'must be a mapping of names to texts') ?? {};
    for (const [key, text] of Object.entries(value)) {
      if (typeof text !== 'string')
        this.#fault(`${path}.${key}`, 'must be a text; put numbers, true and false in quotes');
    }
    return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]));
  }

  #amounts(value: unknown, path: string): Readonly<Record<string, string | number>> | undefined {
    if (value === undefined || value === null) return undefined;
    if (!isObject(value)) return this.#fault(path, 'must be a mapping of resources to quantities');
    const amounts: Record<string, string | number> = {};
    for (const [key, amount] of Object.entries(value)) {
      if (isAmount(amount)) amounts[key] = amount;
      else this.#fault(`${path}.${key}`, 'must be a quantity such as 4, 500m or 16Gi');
    }
    return amounts;
  }

  #images(value: unknown, path: string): readonly string[] {
    const list = value === undefined ? [] : Array.isArray(value) ? (value as unknown[]) : undefined;
    if (list?.every((image): image is string => typeof image === 'string' && image !== '') === true) return list;
    this.#fault(path, 'must be a list of images');
    return [];
  }

  #taints(value: unknown, path: string): readonly Taint[] {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) return this.#fault(path, 'must be a list of taints') ?? [];
    return value.flatMap((item: unknown, i) => {
      const taint = taintOf(item);
      if (taint === undefined)
        this.#fault(
          `${path}[${i}]`,
          'must be KEY=VALUE:EFFECT, or key, value and effect (NoSchedule, PreferNoSchedule, NoExecute)',
        );
      return taint ?? [];
    });
  }

  /** A Node as the API has it: what a kubelet tells of it by itself is left out. */
  #object(item: unknown, path: string): void {
    const at = (field: string): string => (path === '' ? field : `${path}.${field}`);
    if (!isObject(item) || item['kind'] !== 'Node' || !isObject(item['metadata'])) {
      this.#fault(path, 'must be a Node');
      return;
    }
    const metadata = item['metadata'];
    const [spec, status] = [item['spec'], item['status']].map((part) => (isObject(part) ? part : {}));
    const info = isObject(status?.['nodeInfo']) ? status['nodeInfo'] : {};
    const name = this.#name(metadata['name'], at('metadata.name'));
    const allocatable = this.#amounts(status?.['allocatable'], at('status.allocatable'));
    const taints = this.#taints(spec?.['taints'], at('spec.taints')).filter(
      ({ key }) => !key.startsWith('node.kubernetes.io/'),
    );
    const names = (Array.isArray(status?.['images']) ? (status['images'] as unknown[]) : []).flatMap((image) =>
      isObject(image) && Array.isArray(image['names'])
        ? (image['names'] as string[]).filter((each) => !each.includes('@'))
        : [],
    );
    const template: Template = {
      capacity: this.#amounts(status?.['capacity'], at('status.capacity')) ?? {},
      labels: this.#texts(metadata['labels'], at('metadata.labels')),
      annotations: {},
      ...(allocatable === undefined ? {} : { allocatable }),
      ...(taints.length === 0 ? {} : { taints }),
      ...(names.length === 0 ? {} : { images: names }),
      ...(typeof info['kubeletVersion'] === 'string' ? { version: info['kubeletVersion'] } : {}),
    };
    this.#add(name, template, { zone: undefined, path: at('metadata') });
  }
}

function isAmount(value: unknown): value is string | number {
  if (typeof value !== 'string' && typeof value !== 'number') return false;
  try {
    return quantityValue(parseQuantity(value)) >= 0;
  } catch {
    return false;
  }
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** `key=value:NoSchedule`, `key:NoExecute`, or a mapping. */
function taintOf(item: unknown): Taint | undefined {
  if (typeof item === 'string') {
    const [, key, value, effect = ''] = /^([^=:]+)(?:=([^:]*))?:(\w+)$/.exec(item) ?? [];
    if (key === undefined || !EFFECTS.includes(effect)) return undefined;
    return { key, effect, ...(value === undefined || value === '' ? {} : { value }) };
  }
  if (!isObject(item) || typeof item['key'] !== 'string' || !EFFECTS.includes(String(item['effect']))) return undefined;
  const { key, value, effect } = item;
  return { key, effect: String(effect), ...(typeof value === 'string' && value !== '' ? { value } : {}) };
}
