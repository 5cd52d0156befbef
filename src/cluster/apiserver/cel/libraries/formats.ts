import type { Environment, Optional } from '@marcbachmann/cel-js';
import { parseUrl } from '../../../../base/go-url.ts';
import {
  isDns1035Label,
  isDns1123Label,
  isDns1123Subdomain,
  isLabelValue,
  isQualifiedName,
  nameIsDns1035Label,
  nameIsDnsLabel,
  nameIsDnsSubdomain,
} from '../../../../kube/names.ts';
import { registerNamespace } from './lists.ts';

class CelFormat {
  readonly faults: (text: string) => readonly string[];

  constructor(faults: (text: string) => readonly string[]) {
    this.faults = faults;
  }
}

function shaped(pattern: RegExp, fault: string): (text: string) => readonly string[] {
  return (text) => (pattern.test(text) ? [] : [fault]);
}

function uriFaults(text: string): readonly string[] {
  try {
    const { scheme } = parseUrl(text);
    return scheme !== '' || text.startsWith('/') ? [] : [`parse ${JSON.stringify(text)}: invalid URI for request`];
  } catch (error) {
    return [(error as Error).message];
  }
}

const FORMATS: Readonly<Record<string, (text: string) => readonly string[]>> = {
  dns1123Label: isDns1123Label,
  dns1123Subdomain: isDns1123Subdomain,
  dns1035Label: isDns1035Label,
  qualifiedName: isQualifiedName,
  dns1123LabelPrefix: (text) => nameIsDnsLabel(text, true),
  dns1123SubdomainPrefix: (text) => nameIsDnsSubdomain(text, true),
  dns1035LabelPrefix: (text) => nameIsDns1035Label(text, true),
  labelValue: isLabelValue,
  uri: uriFaults,
  uuid: shaped(/^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i, 'does not match the UUID format'),
  byte: shaped(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, 'invalid base64'),
  date: shaped(/^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/, 'invalid date'),
  datetime: shaped(
    /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/,
    'invalid datetime',
  ),
};

/** Named formats of strings. apiserver: pkg/cel/library/format.go */
export function registerFormats(env: Environment, optional: typeof Optional): void {
  const type = 'kubernetes.NamedFormat';
  env.registerType(type, { ctor: CelFormat, fields: {} });
  env.registerFunction(`${type}.validate(string): optional<list<string>>`, (format: CelFormat, text: string) => {
    const faults = format.faults(text);
    return faults.length === 0 ? optional.none() : optional.of(faults);
  });
  const functions: Record<string, (...args: never[]) => unknown> = {
    [`named(string): optional<${type}>`]: (name: string) => {
      const faults = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
      return faults === undefined ? optional.none() : optional.of(new CelFormat(faults));
    },
  };
  for (const [name, faults] of Object.entries(FORMATS)) functions[`${name}(): ${type}`] = () => new CelFormat(faults);
  registerNamespace(env, 'format', functions);
}
