import type {
  CustomResourceColumnDefinition,
  CustomResourceSubresources,
} from '../../../kube/api/apiextensions-v1.generated.ts';
import type { Faults } from '../faults.ts';
import type { Loose } from '../wire.ts';
import type { VersionParts } from './internal-spec.ts';
import { schemaAt } from './schema-walk.ts';

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const SELECTABLE_FIELDS_LIMIT = 8;

/** Refuses scale subresources whose paths lead nowhere. */
export function checkSubresources(
  subresources: Loose<CustomResourceSubresources> | undefined,
  path: string,
  faults: Faults,
): void {
  const scale = subresources?.scale;
  if (scale === undefined) return;
  const { specReplicasPath = '', statusReplicasPath = '', labelSelectorPath = '' } = scale;
  const spec = `${path}.scale.specReplicasPath`;
  if (specReplicasPath === '') faults.required(spec);
  else checkPath(specReplicasPath, ['.spec.'], 'should be a json path under .spec', spec, faults);
  const status = `${path}.scale.statusReplicasPath`;
  if (statusReplicasPath === '') faults.required(status);
  else checkPath(statusReplicasPath, ['.status.'], 'should be a json path under .status', status, faults);
  if (labelSelectorPath === '') return;
  const either = 'should be a json path under either .spec or .status';
  checkPath(labelSelectorPath, ['.spec.', '.status.'], either, `${path}.scale.labelSelectorPath`, faults);
}

function checkPath(path: string, roots: readonly string[], detail: string, at: string, faults: Faults): void {
  if (!path.startsWith('.')) faults.invalid(at, path, 'must be a simple json path starting with .');
  else if (!roots.some((root) => path.startsWith(root))) faults.invalid(at, path, detail);
}

/** Refuses columns without name, type or path. */
export function checkColumns(
  columns: readonly Loose<CustomResourceColumnDefinition>[] | undefined,
  path: string,
  faults: Faults,
): void {
  columns?.forEach(({ name = '', type = '', format = '', jsonPath = '' }, i) => {
    const at = `${path}[${i}]`;
    if (name === '') faults.required(`${at}.name`);
    const types = `must be one of ${COLUMN_TYPES.join(',')}`;
    if (type === '') faults.required(`${at}.type`, types);
    else if (!COLUMN_TYPES.includes(type)) faults.invalid(`${at}.type`, type, types);
    if (format !== '' && !COLUMN_FORMATS.includes(format)) {
      faults.invalid(`${at}.format`, format, `must be one of ${COLUMN_FORMATS.join(',')}`);
    }
    if (jsonPath === '') faults.required(`${at}.JSONPath`);
    else checkPath(jsonPath, ['.'], '', `${at}.JSONPath`, faults);
  });
}

/** Refuses fields to select by that are not there, or hold more than one value. */
export function checkSelectableFields(
  { selectableFields = [], schema }: VersionParts,
  at: string,
  faults: Faults,
): void {
  if (schema === undefined) return;
  const seen = new Set<string>();
  selectableFields.forEach(({ jsonPath = '' }, i) => {
    const path = `${at}[${i}].jsonPath`;
    if (jsonPath === '') {
      faults.required(path);
      return;
    }
    const found = schemaAt(schema, jsonPath);
    if (typeof found === 'string') {
      faults.invalid(path, jsonPath, `is an invalid path: ${found}`);
      return;
    }
    if (/^\.metadata(\.|$)/.test(jsonPath)) faults.invalid(path, jsonPath, 'must not point to fields in metadata');
    if (!['string', 'boolean', 'integer'].includes(found.type ?? '')) {
      const allowed = 'Enum string fields and strings with formats are allowed.';
      faults.invalid(path, jsonPath, `must point to a field of type string, boolean or integer. ${allowed}`);
    }
    if (seen.has(jsonPath)) faults.duplicate(path, jsonPath);
    seen.add(jsonPath);
  });
  if (seen.size > SELECTABLE_FIELDS_LIMIT) faults.tooMany(at, seen.size, SELECTABLE_FIELDS_LIMIT);
}
