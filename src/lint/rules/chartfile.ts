import { decodeUtf8 } from '../../base/go-string.ts';
import { goQuote } from '../../base/go-quote.ts';
import { isObject, sortedKeys } from '../../base/json.ts';
import { parseConstraint } from '../../base/semver-constraint.ts';
import { parseStrictVersion, tryParseVersion } from '../../base/semver.ts';
import { METADATA } from '../../chart/chart-types.ts';
import { decodeStruct, type GoShape, type GoStruct } from '../../chart/decode-struct.ts';
import type { ChartMaintainer, ChartMetadata } from '../../chart/chart.ts';
import { fromYaml } from '../../yaml/index.ts';
import type { ChartFolder } from '../chart-folder.ts';
import { isEmail, isRequestUrl, isUrl } from '../go-validators.ts';
import type { LintFindings } from '../lint-message.ts';
import { messageOf } from '../message-of.ts';

/** Chart.yaml as it is written: nothing in it may be relied on. */
type Metadata = Omit<Partial<ChartMetadata>, 'maintainers'> & {
  readonly maintainers?: readonly (ChartMaintainer | null)[];
};

const FILE = 'Chart.yaml';

/** What Chart.yaml must and should say. helm: pkg/chart/v2/lint/rules/chartfile.go. */
export function lintChartfile(folder: ChartFolder, findings: LintFindings): void {
  const error = (message: string | undefined): boolean => findings.check('ERROR', FILE, message);
  error(folder.kind(FILE) === 'folder' ? 'should be a file, not a directory' : undefined);
  let text = '';
  let metadata: Metadata;
  try {
    text = decodeUtf8(folder.read(FILE));
    metadata = readMetadata(text);
  } catch (fault) {
    error(`unable to parse YAML\n\t${messageOf(fault)}`);
    return;
  }
  findings.check('WARNING', FILE, strictFault(text));
  const untyped = fromYaml(text);
  error(nameFault(metadata));
  error(apiVersionFault(metadata));
  error(stringFault(untyped, 'version'));
  error(versionFault(metadata));
  error(stringFault(untyped, 'appVersion'));
  error(maintainerFault(metadata));
  error(sourceFault(metadata));
  findings.check('INFO', FILE, (metadata.icon ?? '') === '' ? 'icon is recommended' : undefined);
  error(iconFault(metadata));
  error(typeFault(metadata));
  error(dependenciesFault(metadata));
  findings.check('WARNING', FILE, strictVersionFault(metadata));
}

const DECODING = 'error unmarshaling JSON: while decoding JSON: ';

function readMetadata(text: string): Metadata {
  const value = fromYaml(text, { numbers: 'exact' });
  try {
    return decodeStruct(value, METADATA);
  } catch (error) {
    throw new Error(DECODING + messageOf(error), { cause: error });
  }
}

const { engine: _, ...helmFields } = METADATA.fields;

/** Without the field that Helm has given up; Pintle takes it for one value alone. */
const HELM_METADATA: GoStruct = { ...METADATA, fields: helmFields };

function strictFault(text: string): string | undefined {
  const prefix = 'failed to strictly parse chart metadata file\n\t';
  try {
    const value = fromYaml(text, { numbers: 'exact', strict: true });
    const isOurs = isObject(value) && value['engine'] === 'handlebars';
    const unknown = unknownField(value, isOurs ? METADATA : HELM_METADATA);
    return unknown === undefined ? undefined : `${prefix}${DECODING}json: unknown field ${goQuote(unknown)}`;
  } catch (error) {
    return prefix + messageOf(error);
  }
}

/** The first key that Go's strict decoder has no field for. */
function unknownField(value: unknown, shape: GoShape): string | undefined {
  if (shape.kind === 'list' && Array.isArray(value)) {
    for (const item of value as unknown[]) {
      const found = unknownField(item, shape.element);
      if (found !== undefined) return found;
    }
  }
  if (shape.kind !== 'struct' || !isObject(value)) return undefined;
  for (const key of sortedKeys(value)) {
    const name = Object.keys(shape.fields).find((field) => field.toLowerCase() === key.toLowerCase());
    const field = name === undefined ? undefined : shape.fields[name];
    if (field === undefined) return key;
    const found = unknownField(value[key], field);
    if (found !== undefined) return found;
  }
  return undefined;
}

function nameFault({ name = '' }: Metadata): string | undefined {
  if (name === '') return 'name is required';
  return name.includes('/') ? `chart name ${goQuote(name)} is invalid` : undefined;
}

function apiVersionFault({ apiVersion = '' }: Metadata): string | undefined {
  if (apiVersion === '') return 'apiVersion is required. The value must be either "v1" or "v2"';
  if (apiVersion === 'v1' || apiVersion === 'v2') return undefined;
  return `apiVersion '${apiVersion}' is not valid. The value must be either "v1" or "v2"`;
}

function stringFault(untyped: unknown, key: string): string | undefined {
  if (!isObject(untyped) || !Object.hasOwn(untyped, key)) return undefined;
  const value = untyped[key];
  if (typeof value === 'string') return undefined;
  return `${key} should be of type string but it's of type ${goTypeName(value)}`;
}

function goTypeName(value: unknown): string {
  if (value === null) return '<nil>';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return 'float64';
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}

function versionFault({ version = '' }: Metadata): string | undefined {
  if (version === '') return 'version is required';
  const parsed = tryParseVersion(version);
  if (parsed === undefined) return `version '${version}' is not a valid SemVer`;
  if (parseConstraint('>0.0.0-0').check(parsed)) return undefined;
  return `version ${String(parsed)} is less than or equal to 0.0.0-0`;
}

function strictVersionFault({ version = '' }: Metadata): string | undefined {
  try {
    parseStrictVersion(version);
    return undefined;
  } catch {
    return `version '${version}' is not a valid SemVerV2`;
  }
}

function maintainerFault({ maintainers = [] }: Metadata): string | undefined {
  for (const maintainer of maintainers) {
    if (maintainer === null) return 'a maintainer entry is empty';
    const { name = '', email = '', url = '' } = maintainer;
    if (name === '') return 'each maintainer requires a name';
    if (email !== '' && !isEmail(email)) return `invalid email '${email}' for maintainer '${name}'`;
    if (url !== '' && !isUrl(url)) return `invalid url '${url}' for maintainer '${name}'`;
  }
  return undefined;
}

function sourceFault({ sources = [] }: Metadata): string | undefined {
  const wrong = sources.find((source) => !isRequestUrl(source));
  return wrong === undefined ? undefined : `invalid source URL '${wrong}'`;
}

function iconFault({ icon = '' }: Metadata): string | undefined {
  return icon === '' || isRequestUrl(icon) ? undefined : `invalid icon URL '${icon}'`;
}

function typeFault({ type = '', apiVersion = '' }: Metadata): string | undefined {
  if (type === '' || apiVersion === 'v2') return undefined;
  return `chart type is not valid in apiVersion '${apiVersion}'. It is valid in apiVersion 'v2'`;
}

function dependenciesFault({ dependencies = [], apiVersion = '' }: Metadata): string | undefined {
  if (dependencies.length === 0 || apiVersion === 'v2') return undefined;
  return `dependencies are not valid in the Chart file with apiVersion '${apiVersion}'. They are valid in apiVersion 'v2'`;
}
