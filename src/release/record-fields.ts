/** What Go's encoder does with a field of one kind. */
export type FieldKind =
  | 'text'
  | 'integer'
  | 'flag'
  /** RFC 3339. */
  | 'time'
  /** A byte slice: base64. */
  | 'bytes'
  | 'texts'
  | 'list'
  | 'map'
  | 'labels'
  | { readonly struct: RecordStruct }
  | { readonly structs: RecordStruct };

/** One field of a struct; unless it is `kept` it is left out when it holds Go's zero value. */
export interface RecordField {
  readonly name: string;
  readonly kind: FieldKind;
  readonly kept: boolean;
}

/** The fields of a Go struct in the order in which they are written. */
export type RecordStruct = readonly RecordField[];

/** A field that is left out when it is empty. */
export function field(name: string, kind: FieldKind): RecordField {
  return { name, kind, kept: false };
}

/** A field that is always written. */
export function kept(name: string, kind: FieldKind): RecordField {
  return { name, kind, kept: true };
}

const MAINTAINER: RecordStruct = [field('name', 'text'), field('email', 'text'), field('url', 'text')];

/** A dependency of a chart. */
export const DEPENDENCY: RecordStruct = [
  kept('name', 'text'),
  field('version', 'text'),
  kept('repository', 'text'),
  field('condition', 'text'),
  field('tags', 'texts'),
  field('enabled', 'flag'),
  field('import-values', 'list'),
  field('alias', 'text'),
];

const METADATA: RecordStruct = [
  field('name', 'text'),
  field('home', 'text'),
  field('sources', 'texts'),
  field('version', 'text'),
  field('description', 'text'),
  field('keywords', 'texts'),
  field('maintainers', { structs: MAINTAINER }),
  field('icon', 'text'),
  field('apiVersion', 'text'),
  field('condition', 'text'),
  field('tags', 'text'),
  field('appVersion', 'text'),
  field('deprecated', 'flag'),
  field('annotations', 'labels'),
  field('kubeVersion', 'text'),
  field('dependencies', { structs: DEPENDENCY }),
  field('type', 'text'),
];

const LOCK: RecordStruct = [
  kept('generated', 'time'),
  kept('digest', 'text'),
  kept('dependencies', { structs: DEPENDENCY }),
];

const FILE: RecordStruct = [kept('name', 'text'), kept('data', 'bytes'), field('modtime', 'time')];

const CHART: RecordStruct = [
  kept('metadata', { struct: METADATA }),
  kept('lock', { struct: LOCK }),
  kept('templates', { structs: FILE }),
  kept('values', 'map'),
  kept('schema', 'bytes'),
  kept('schemamodtime', 'time'),
  kept('files', { structs: FILE }),
  field('modtime', 'time'),
];

const INFO: RecordStruct = [
  field('first_deployed', 'time'),
  field('last_deployed', 'time'),
  field('deleted', 'time'),
  field('description', 'text'),
  field('status', 'text'),
  field('notes', 'text'),
  field('resources', 'map'),
];

const HOOK_RUN: RecordStruct = [field('started_at', 'time'), field('completed_at', 'time'), kept('phase', 'text')];

const HOOK: RecordStruct = [
  field('name', 'text'),
  field('kind', 'text'),
  field('path', 'text'),
  field('manifest', 'text'),
  field('events', 'texts'),
  kept('last_run', { struct: HOOK_RUN }),
  field('weight', 'integer'),
  field('delete_policies', 'texts'),
  field('output_log_policies', 'texts'),
];

/** A release as Helm keeps it. helm: pkg/release/v1, pkg/chart/v2, pkg/chart/common/file.go. */
export const RELEASE: RecordStruct = [
  field('name', 'text'),
  field('info', { struct: INFO }),
  field('chart', { struct: CHART }),
  field('config', 'map'),
  field('manifest', 'text'),
  field('hooks', { structs: HOOK }),
  field('version', 'integer'),
  field('namespace', 'text'),
  field('apply_method', 'text'),
];

/** The fields of a release that lists show. */
export const SUMMARY: RecordStruct = [
  field('name', 'text'),
  field('info', { struct: INFO }),
  field('chart', { struct: [kept('metadata', { struct: METADATA })] }),
  field('version', 'integer'),
  field('namespace', 'text'),
];

/** Go's zero time. */
export const ZERO_TIME = '0001-01-01T00:00:00Z';
