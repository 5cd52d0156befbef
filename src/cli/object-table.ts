import { tableColumns } from '../cluster/apiserver/table/table-columns.ts';
import { groupResource, type KubeObject, type ResourceType } from '../kube/object.ts';
import { formatTable } from '../terminal/table.ts';

/** How objects are listed. */
export interface ObjectTableOptions {
  /** ms since the epoch, of the cluster's clock */
  readonly now: number;
  readonly wide: boolean;
  /** A first column with the namespace. */
  readonly namespaces: boolean;
  /** Names with their kind: `pod/web-1`. */
  readonly prefix: boolean;
}

/** Objects of one kind as kubectl lists them. */
export function objectTable(
  type: ResourceType,
  objects: readonly KubeObject[],
  { now, wide, namespaces, prefix }: ObjectTableOptions,
): string {
  const columns = tableColumns(type).filter((column) => wide || column.priority === 0);
  const header = [...(namespaces ? ['NAMESPACE'] : []), ...columns.map((column) => column.name.toUpperCase())];
  const rows = objects.map((object) => [
    ...(namespaces ? [object.metadata.namespace ?? ''] : []),
    ...columns.map((column) => {
      const cell = String(column.cell(object, { now }));
      return prefix && column.format === 'name'
        ? `${groupResource({ group: type.group, resource: type.singular })}/${cell}`
        : cell;
    }),
  ]);
  return `${formatTable([header, ...rows])}\n`;
}
