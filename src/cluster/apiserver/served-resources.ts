import { apiVersionOf, type GroupVersionKind, type KubeObject, type ResourceType } from '../../kube/object.ts';
import type { StructType } from '../../kube/type-table.ts';
import { unknownPath } from '../registry/status.ts';
import type { Strategy } from '../registry/strategy.ts';
import type { Convert } from './custom-resources/conversion.ts';
import type { Column } from './table/columns.ts';
import { tableColumns } from './table/table-columns.ts';

/** A resource that requests can name. */
export interface Served {
  readonly type: ResourceType;
  readonly strategy: Strategy;
  /** Where the store keeps it: `group/resource`. */
  readonly bucket: string;
  /** For resources of a CustomResourceDefinition: brings a decoded object into the shape that the schema allows. */
  readonly prune?: (object: Record<string, unknown>) => readonly string[];
  /** For definitions with several versions: the object as this version shows it. */
  readonly convert?: Convert;
  /** The type of a custom resource, for server-side apply. */
  readonly applyType?: () => StructType | undefined;
  /** The columns that its definition declares. */
  readonly columns?: () => readonly Column[];
}

const bucketNames = new WeakMap<object, string>();

/** Group and plural name, as strategies and buckets are named. */
export function bucketOf(type: { readonly group: string; readonly resource: string }): string {
  let name = bucketNames.get(type);
  if (name === undefined) {
    name = `${type.group}/${type.resource}`;
    bucketNames.set(type, name);
  }
  return name;
}

/** Where custom resources come from. */
export interface CustomResourceSource {
  /** The resources of all established definitions, every served version of each; the same array until one changes. */
  list(): readonly Served[];
}

/** Finds resources: the built-in ones and those that definitions add. */
export class ServedResources {
  readonly #builtins: readonly Served[];
  readonly #custom: CustomResourceSource;
  readonly #byBucket = new Map<string, Served>();
  /** Other versions of built-in resources, by `group/resource/version`. */
  readonly #otherVersions = new Map<string, Served>();
  readonly #byKind = new Map<string, Served>();
  #customList: readonly Served[] = [];
  readonly #customByPath = new Map<string, Served>();
  readonly #customByKind = new Map<string, Served>();

  constructor(strategies: ReadonlyMap<string, Strategy>, custom: CustomResourceSource) {
    this.#builtins = [...strategies.values()].map(builtinServed);
    this.#custom = custom;
    for (const served of this.#builtins) {
      const { type } = served;
      const own = bucketOf(type);
      if (strategies.get(own) === served.strategy) this.#byBucket.set(own, served);
      else this.#otherVersions.set(`${own}/${type.version}`, served);
      this.#byKind.set(kindKey(served.type), served);
    }
  }

  /** All resources, built-in ones first. */
  all(): readonly Served[] {
    return [...this.#builtins, ...this.#custom.list()];
  }

  /**
   * The resource of a path; a version of '' means any.
   *
   * @throws StatusError 404
   */
  find(type: { readonly group: string; readonly version?: string; readonly resource: string }): Served {
    const found = this.lookUp(type);
    if (found === undefined) throw unknownPath();
    return found;
  }

  /** As {@link find}, undefined for what is not served. */
  lookUp(type: { readonly group: string; readonly version?: string; readonly resource: string }): Served | undefined {
    const { version = '' } = type;
    const builtin = this.#byBucket.get(bucketOf(type));
    if (builtin !== undefined) {
      if (version === '' || builtin.type.version === version) return builtin;
      return this.#otherVersions.get(`${bucketOf(type)}/${version}`);
    }
    this.#refresh();
    return this.#customByPath.get(`${bucketOf(type)}/${version}`);
  }

  /** The resource of a kind; undefined for unknown kinds. */
  ofKind(kind: GroupVersionKind): Served | undefined {
    const builtin = this.#byKind.get(kindKey(kind));
    if (builtin !== undefined) return builtin;
    this.#refresh();
    return this.#customByKind.get(kindKey(kind));
  }

  /** Every served version of what lies in a bucket. */
  versionsOf(bucket: string): readonly Served[] {
    const builtin = this.#byBucket.get(bucket);
    if (builtin === undefined) return this.#custom.list().filter((each) => each.bucket === bucket);
    const others = [...this.#otherVersions.values()].filter((each) => each.bucket === bucket);
    return others.length === 0 ? [builtin] : [builtin, ...others];
  }

  /** The built-in resource that lies in a bucket. */
  builtin(bucket: string): Served | undefined {
    return this.#byBucket.get(bucket);
  }

  #refresh(): void {
    const list = this.#custom.list();
    if (list === this.#customList) return;
    this.#customList = list;
    this.#customByPath.clear();
    this.#customByKind.clear();
    for (const served of list) {
      this.#customByPath.set(`${served.bucket}/${served.type.version}`, served);
      this.#customByKind.set(kindKey(served.type), served);
      const anyVersion = `${served.bucket}/`;
      if (!this.#customByPath.has(anyVersion)) this.#customByPath.set(anyVersion, served);
    }
  }
}

/** Conversions of built-in kinds need nobody else, and an object is converted once. */
function builtinServed(strategy: Strategy): Served {
  const { type, storedAs } = strategy;
  if (storedAs === undefined) return { type, strategy, bucket: bucketOf(type) };
  const apiVersion = apiVersionOf(type);
  const known = new WeakMap<KubeObject, KubeObject>();
  const show = (object: KubeObject): KubeObject => {
    if (object.apiVersion === apiVersion) return object;
    let shown = known.get(object);
    if (shown === undefined) {
      shown = storedAs.fromStored(object);
      known.set(object, shown);
    }
    return shown;
  };
  let columns: readonly Column[] | undefined;
  return {
    type,
    strategy,
    bucket: storedAs.bucket,
    convert: (objects) => objects.map(show),
    columns: () =>
      (columns ??= tableColumns(type).map((column) => ({
        ...column,
        cell: (object, context) => column.cell(storedAs.toStored(object), context),
      }))),
  };
}

function kindKey({ group, version, kind }: GroupVersionKind): string {
  return `${group}/${version}/${kind}`;
}
