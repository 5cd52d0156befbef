import { GoInt } from '../base/go-int.ts';
import { isObject, newObject } from '../base/json.ts';
import { goTemplateEngine } from '../gotemplate/go-template-engine.ts';
import type { FieldKind, RecordStruct } from '../release/record-fields.ts';
import { RELEASE } from '../release/record-fields.ts';
import type { Release } from '../release/release.ts';

/** Words that Go writes in capitals. */
const CAPITALS: Readonly<Record<string, string>> = { api: 'API', url: 'URL' };

/** A release through a template of the user's, which knows it as `.Release` with Go's names of fields. */
export function releaseTemplate(release: Release, template: string): string {
  const data = newObject();
  const { labels, ...record } = release;
  data['Release'] = { ...goStruct(record, RELEASE), Labels: { ...labels } };
  const set = goTemplateEngine.compile([{ name: '_', text: template }], { functions: new Map() });
  return set.execute('_', data);
}

function goStruct(value: Readonly<Record<string, unknown>>, struct: RecordStruct): Record<string, unknown> {
  const out = newObject();
  for (const { name, kind } of struct) out[goName(name)] = goValue(value[name], kind);
  return out;
}

function goValue(value: unknown, kind: FieldKind): unknown {
  if (typeof kind === 'object') {
    if ('struct' in kind) return isObject(value) ? goStruct(value, kind.struct) : null;
    return Array.isArray(value) ? value.filter(isObject).map((item) => goStruct(item, kind.structs)) : [];
  }
  if (kind === 'integer') return new GoInt(typeof value === 'number' ? value : 0);
  if (value !== undefined) return value;
  return kind === 'flag' ? false : kind === 'text' || kind === 'time' ? '' : null;
}

/** `last_deployed`: `LastDeployed`, `apiVersion`: `APIVersion`. */
function goName(name: string): string {
  return name
    .split(/[-_]|(?=[A-Z])/)
    .map((word) => CAPITALS[word] ?? word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
