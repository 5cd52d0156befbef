import { DEPENDENCY, field, kept, type RecordStruct } from '../release/record-fields.ts';
import { writeStruct } from '../release/record-json.ts';
import { decodeJson } from '../yaml/json-decode.ts';
import { toYaml } from '../yaml/index.ts';

type Row = Readonly<Record<string, unknown>>;

/** A line of `list`. helm: pkg/cmd/list.go, releaseElement. */
export const LIST_ROW: RecordStruct = [
  kept('name', 'text'),
  kept('namespace', 'text'),
  kept('revision', 'text'),
  kept('updated', 'text'),
  kept('status', 'text'),
  kept('chart', 'text'),
  kept('app_version', 'text'),
];

/** A line of `history`. helm: pkg/cmd/history.go, releaseInfo. */
export const HISTORY_ROW: RecordStruct = [
  kept('revision', 'integer'),
  field('updated', 'time'),
  kept('status', 'text'),
  kept('chart', 'text'),
  kept('app_version', 'text'),
  kept('description', 'text'),
];

/** What `get metadata` shows. helm: pkg/action/get_metadata.go, Metadata. */
export const METADATA: RecordStruct = [
  kept('name', 'text'),
  kept('chart', 'text'),
  kept('version', 'text'),
  kept('appVersion', 'text'),
  field('annotations', 'labels'),
  field('labels', 'labels'),
  field('dependencies', { structs: DEPENDENCY }),
  kept('namespace', 'text'),
  kept('revision', 'integer'),
  kept('status', 'text'),
  kept('deployedAt', 'text'),
  field('applyMethod', 'text'),
];

/** One struct as `-o json` and `-o yaml` print it: JSON in the order of its fields, YAML in the order of names. */
export function formatStruct(format: 'json' | 'yaml', row: Row, struct: RecordStruct): string {
  return formatJsonText(format, writeStruct(row, struct));
}

/** Several structs as {@link formatStruct} prints one. */
export function formatStructs(format: 'json' | 'yaml', rows: readonly Row[], struct: RecordStruct): string {
  return formatJsonText(format, `[${rows.map((row) => writeStruct(row, struct)).join(',')}]`);
}

/** JSON as it stands, or as YAML. */
export function formatJsonText(format: 'json' | 'yaml', json: string): string {
  return format === 'json' ? `${json}\n` : toYaml(decodeJson(json, { numbers: 'int64-or-float' }));
}
