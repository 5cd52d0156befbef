import type { KubeList, KubeObject, ResourceType } from '../../../kube/object.ts';
import type { Cell, Column } from '../table/columns.ts';
import { tableColumns } from '../table/table-columns.ts';
import type { Negotiated } from './media-types.ts';

/** What a transformation needs to know. */
export interface TransformOptions {
  readonly type: ResourceType;
  /** ms since the epoch, of the cluster's clock */
  readonly now: number;
  /** Of a Table's rows: `Metadata` (default), `Object`, `None`. */
  readonly includeObject: string;
  /** Columns of custom resources; default: those of the built-in kind. */
  readonly columns?: readonly Column[] | undefined;
}

/** An object or list in the form that the client asked for. */
export function transform(body: object, negotiated: Negotiated, options: TransformOptions): object {
  switch (negotiated.as) {
    case 'Table':
      return tableOf(body, negotiated.version, options);
    case 'PartialObjectMetadata':
      return isList(body)
        ? partialList(body, negotiated.version)
        : partialObject(body as KubeObject, negotiated.version);
    case 'PartialObjectMetadataList':
      return isList(body) ? partialList(body, negotiated.version) : body;
    default:
      return body;
  }
}

function isList(body: object): body is KubeList {
  return 'items' in body && Array.isArray(body.items) && 'kind' in body && String(body.kind).endsWith('List');
}

/** kubernetes: pkg/printers/internalversion, apiserver: pkg/endpoints/handlers/response.go. */
export function tableOf(body: object, version: string, options: TransformOptions, withColumns = true): object {
  const columns = options.columns ?? tableColumns(options.type);
  const objects = isList(body) ? body.items : [body as KubeObject];
  const metadata = isList(body)
    ? body.metadata
    : { resourceVersion: (body as KubeObject).metadata.resourceVersion ?? '' };
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${version}`,
    metadata,
    columnDefinitions: withColumns ? columns.map(columnDefinition) : null,
    rows: objects.map((object) => ({
      cells: cellsOf(object, columns, options.now),
      ...rowObject(object, version, options),
    })),
  };
}

function columnDefinition({ name, type, format, priority }: Column): object {
  return { name, type, format, description: '', priority };
}

function cellsOf(object: KubeObject, columns: readonly Column[], now: number): Cell[] {
  return columns.map((column) => column.cell(object, { now }));
}

function rowObject(object: KubeObject, version: string, { includeObject }: TransformOptions): object {
  if (includeObject === 'None') return {};
  if (includeObject === 'Object') return { object };
  return { object: partialObject(object, version) };
}

function partialObject(object: KubeObject, version: string): object {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata };
}

function partialList(list: KubeList, version: string): object {
  return {
    kind: 'PartialObjectMetadataList',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: list.metadata,
    items: list.items.map((object) => partialObject(object, version)),
  };
}
