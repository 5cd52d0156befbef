import { byteLength } from '../base/go-string.ts';
import { canonicalIp, parseCidr, parseIp } from './ip-address.ts';

/*
 * The rules that names and other short texts follow, each as a function that gives what is wrong, in Kubernetes' words, and
 * nothing for a text that is right. apimachinery: pkg/util/validation, pkg/api/validate/content, pkg/api/validation.
 */

const DNS_LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const DNS_SUBDOMAIN = `${DNS_LABEL}(\\.${DNS_LABEL})*`;
const DNS_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const UNDERSCORE_LABEL = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const UNDERSCORE_SUBDOMAIN = `${UNDERSCORE_LABEL}(\\.${UNDERSCORE_LABEL})*`;
const WILDCARD_SUBDOMAIN = `\\*\\.${DNS_SUBDOMAIN}`;
const LABEL_KEY = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = `(${LABEL_KEY})?`;
const C_IDENTIFIER = '[A-Za-z_][A-Za-z0-9_]*';
const ENV_VAR_NAME = '[-._a-zA-Z][-._a-zA-Z0-9]*';
const CONFIG_MAP_KEY = '[-._a-zA-Z0-9]+';
const PERCENT = '[0-9]+%';
const HTTP_HEADER = '[-A-Za-z0-9]+';
const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

const DNS_LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const DNS_SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const UNDERSCORE_SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character";
const DNS_1035_RULE =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
const WILDCARD_RULE =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
const LABEL_KEY_RULE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const LABEL_VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const C_IDENTIFIER_RULE =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'";
const ENV_VAR_RULE =
  "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit";
const RELAXED_ENV_VAR_RULE =
  "a valid environment variable name must consist only of printable ASCII characters other than '='";
const CONFIG_MAP_KEY_RULE = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
const PERCENT_RULE = "a valid percent string must be a numeric string followed by an ending '%'";
const HTTP_HEADER_RULE = "a valid HTTP header must consist of alphanumeric characters or '-'";
const DECIMAL_RULE = 'must be a valid decimal integer in canonical form';

const LABEL_LIMIT = 63;
const SUBDOMAIN_LIMIT = 253;

const patterns = new Map<string, RegExp>();

function matches(value: string, format: string): boolean {
  let pattern = patterns.get(format);
  if (pattern === undefined) {
    pattern = new RegExp(`^${format}$`);
    patterns.set(format, pattern);
  }
  return pattern.test(value) && !value.endsWith('\n');
}

/** `must be no more than N characters` */
export function maxLengthError(limit: number): string {
  return `must be no more than ${limit} characters`;
}

/** `must be between LOW and HIGH, inclusive` */
export function inclusiveRangeError(low: number, high: number): string {
  return `must be between ${low} and ${high}, inclusive`;
}

/** What to say of a text that does not match: the rule, examples and the expression. */
export function regexError(rule: string, format: string, ...examples: string[]): string {
  if (examples.length === 0) return `${rule} (regex used for validation is '${format}')`;
  const list = examples.map((example) => `'${example}', `).join(' or ');
  return `${rule} (e.g. ${list}regex used for validation is '${format}')`;
}

function limited(value: string, limit: number, rule: () => string | undefined, unit = 'characters'): string[] {
  const faults: string[] = [];
  if (value.length > limit || byteLength(value) > limit) faults.push(`must be no more than ${limit} ${unit}`);
  const fault = rule();
  if (fault !== undefined) faults.push(fault);
  return faults;
}

/** A DNS label, RFC 1123: `my-name`; 63 characters. */
export function isDns1123Label(value: string): string[] {
  return limited(value, LABEL_LIMIT, () => {
    if (matches(value, DNS_LABEL)) return undefined;
    if (matches(value, DNS_SUBDOMAIN)) return 'must not contain dots';
    return regexError(DNS_LABEL_RULE, DNS_LABEL, 'my-name', '123-abc');
  });
}

/** DNS labels with dots between them; 253 characters. */
export function isDns1123Subdomain(value: string): string[] {
  return subdomain(value, 'characters');
}

function subdomain(value: string, unit: string): string[] {
  return limited(
    value,
    SUBDOMAIN_LIMIT,
    () => (matches(value, DNS_SUBDOMAIN) ? undefined : regexError(DNS_SUBDOMAIN_RULE, DNS_SUBDOMAIN, 'example.com')),
    unit,
  );
}

/** As {@link isDns1123Subdomain}, but labels may hold underscores. */
export function isDns1123SubdomainWithUnderscore(value: string): string[] {
  return limited(value, SUBDOMAIN_LIMIT, () =>
    matches(value, UNDERSCORE_SUBDOMAIN)
      ? undefined
      : regexError(UNDERSCORE_SUBDOMAIN_RULE, UNDERSCORE_SUBDOMAIN, 'example.com'),
  );
}

/** `*.` and a subdomain. */
export function isWildcardDns1123Subdomain(value: string): string[] {
  return limited(value, SUBDOMAIN_LIMIT, () =>
    matches(value, WILDCARD_SUBDOMAIN) ? undefined : regexError(WILDCARD_RULE, WILDCARD_SUBDOMAIN, '*.example.com'),
  );
}

/** A DNS label, RFC 1035: starts with a letter. */
export function isDns1035Label(value: string): string[] {
  return limited(value, LABEL_LIMIT, () =>
    matches(value, DNS_1035) ? undefined : regexError(DNS_1035_RULE, DNS_1035, 'my-name', 'abc-123'),
  );
}

/** The key of a label, annotation or taint: a name, or a subdomain, a slash and a name. */
export function isQualifiedName(value: string): string[] {
  if (soundKeys.has(value)) return [];
  const faults = keyFaults(value);
  if (faults.length === 0) {
    if (soundKeys.size >= MOST_SOUND_KEYS) soundKeys.clear();
    soundKeys.add(value);
  }
  return faults;
}

/** Keys that are known to be sound: objects have the same ones over and over. */
const soundKeys = new Set<string>();
const MOST_SOUND_KEYS = 1024;

function keyFaults(value: string): string[] {
  const parts = value.split('/');
  const rule = regexError(LABEL_KEY_RULE, LABEL_KEY, 'MyName', 'my.name', '123-abc');
  if (parts.length > 2) {
    return [`a valid label key ${rule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const faults: string[] = [];
  const [prefix = ''] = parts;
  if (parts.length === 2) {
    if (prefix === '') faults.push('prefix part must be non-empty');
    else faults.push(...subdomain(prefix, 'bytes').map((fault) => `prefix part ${fault}`));
  }
  const name = parts.at(-1) ?? '';
  if (name === '') faults.push('name part must be non-empty');
  else if (byteLength(name) > LABEL_LIMIT) faults.push(`name part must be no more than ${LABEL_LIMIT} bytes`);
  if (!matches(name, LABEL_KEY)) faults.push(`name part ${rule}`);
  return faults;
}

/** The value of a label. */
export function isLabelValue(value: string): string[] {
  return limited(
    value,
    LABEL_LIMIT,
    () =>
      matches(value, LABEL_VALUE)
        ? undefined
        : regexError(LABEL_VALUE_RULE, LABEL_VALUE, 'MyValue', 'my_value', '12345'),
    'bytes',
  );
}

/** A qualified name that must have a prefix: `acme.io/foo`. */
export function isDomainPrefixedKey(value: string): string[] {
  const faults = isQualifiedName(value);
  if (faults.length > 0) return faults;
  return value.includes('/') ? [] : ['must be a domain-prefixed key (such as "acme.io/foo")'];
}

/** A subdomain, a slash and a path: `acme.io/foo/bar`. */
export function isDomainPrefixedPath(value: string): string[] {
  const slash = value.indexOf('/');
  if (slash <= 0 || slash === value.length - 1) return ['must be a domain-prefixed path (such as "acme.io/foo")'];
  const faults = isDns1123Subdomain(value.slice(0, slash));
  if (!matches(value.slice(slash + 1), HTTP_PATH)) faults.push(regexError('Invalid path', HTTP_PATH));
  return faults;
}

/** A subdomain of at least three labels. */
export function isFullyQualifiedName(value: string): string[] {
  const faults = isDns1123Subdomain(value);
  if (faults.length > 0) return [faults.join(',')];
  return value.split('.').length < 3 ? ['should be a domain with at least three segments separated by dots'] : [];
}

/** A C identifier. */
export function isCIdentifier(value: string): string[] {
  return matches(value, C_IDENTIFIER)
    ? []
    : [regexError(C_IDENTIFIER_RULE, C_IDENTIFIER, 'my_name', 'MY_NAME', 'MyName')];
}

/** The name of an environment variable as it was before Kubernetes 1.34. */
export function isEnvVarName(value: string): string[] {
  const faults = matches(value, ENV_VAR_NAME)
    ? []
    : [regexError(ENV_VAR_RULE, ENV_VAR_NAME, 'my.env-name', 'MY_ENV.NAME', 'MyEnvName1')];
  return [...faults, ...directoryFaults(value)];
}

/** The name of an environment variable: printable ASCII but `=`. */
export function isRelaxedEnvVarName(value: string): string[] {
  if (value === '') return ['environment variable name must be non-empty'];
  return matches(value, '[\\x20-\\x3c\\x3e-\\x7e]+') ? [] : [RELAXED_ENV_VAR_RULE];
}

/** A key of a ConfigMap or Secret. */
export function isConfigMapKey(value: string): string[] {
  const faults = limited(value, SUBDOMAIN_LIMIT, () =>
    matches(value, CONFIG_MAP_KEY)
      ? undefined
      : regexError(CONFIG_MAP_KEY_RULE, CONFIG_MAP_KEY, 'key.name', 'KEY_NAME', 'key-name'),
  );
  return [...faults, ...directoryFaults(value)];
}

function directoryFaults(value: string): string[] {
  if (value === '.' || value === '..') return [`must not be '${value}'`];
  return value.startsWith('..') ? ["must not start with '..'"] : [];
}

/** The name of a port: 15 characters with at least one letter. */
export function isValidPortName(value: string): string[] {
  const faults: string[] = [];
  if (byteLength(value) > 15) faults.push(maxLengthError(15));
  if (!matches(value, '[-a-z0-9]+')) {
    faults.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(value)) faults.push('must contain at least one letter (a-z)');
  if (value.includes('--')) faults.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) faults.push('must not begin or end with a hyphen');
  return faults;
}

/** 1 to 65535. */
export function isValidPortNumber(port: number): string[] {
  return isInRange(port, 1, 65535);
}

/** A number within bounds, both allowed. */
export function isInRange(value: number, low: number, high: number): string[] {
  return value >= low && value <= high ? [] : [inclusiveRangeError(low, high)];
}

/** A user or group id: 0 to 2147483647. */
export function isValidUserId(id: number): string[] {
  return isInRange(id, 0, 2_147_483_647);
}

/** `25%` */
export function isValidPercent(value: string): string[] {
  return matches(value, PERCENT) ? [] : [regexError(PERCENT_RULE, PERCENT, '1%', '93%')];
}

/** The name of an HTTP header. */
export function isHttpHeaderName(value: string): string[] {
  return matches(value, HTTP_HEADER) ? [] : [regexError(HTTP_HEADER_RULE, HTTP_HEADER, 'X-Header-Name')];
}

/** A decimal integer without leading zeros. */
export function isDecimalInteger(value: string): string[] {
  if (value === '') return ['must be non-empty'];
  return matches(value, '(0|-?[1-9][0-9]*)') ? [] : [DECIMAL_RULE];
}

/** An IP address; fields older than strict checks need not write it in canonical form. */
export function isValidIp(value: string, options: { readonly canonical?: boolean } = {}): string[] {
  const address = parseIp(value);
  if (address === undefined) return ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'];
  const faults: string[] = [];
  if (address.leadingZeros) faults.push('must not have leading 0s');
  if (address.mapped) faults.push('must not be an IPv4-mapped IPv6 address');
  if (faults.length > 0 || options.canonical !== true) return faults;
  const canonical = canonicalIp(address);
  return canonical === value ? [] : [`must be in canonical form ("${canonical}")`];
}

/** A network in CIDR form; fields older than strict checks need not write it in canonical form. */
export function isValidCidr(value: string, options: { readonly canonical?: boolean } = {}): string[] {
  const network = parseCidr(value);
  if (network === undefined) return ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'];
  if (network.leadingZeros) return ['must not have leading 0s in IP or prefix length'];
  if (network.mapped) return ['must not have an IPv4-mapped IPv6 address'];
  if (network.hostBits) return ['must not have bits set beyond the prefix length'];
  if (options.canonical !== true || network.canonical === value) return [];
  return [`must be in canonical form ("${network.canonical}")`];
}

/** What may not stand in a path: `.`, `..`, `/` and `%`. */
export function isPathSegmentName(name: string, isPrefix = false): string[] {
  if (!isPrefix && (name === '.' || name === '..')) return [`may not be '${name}'`];
  return ['/', '%'].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`);
}

/** The usual name of an object: a subdomain; a prefix for generated names may end in a dash. */
export function nameIsDnsSubdomain(name: string, isPrefix = false): string[] {
  return isDns1123Subdomain(isPrefix ? maskTrailingDash(name) : name);
}

/** The name of an object that becomes a DNS label. */
export function nameIsDnsLabel(name: string, isPrefix = false): string[] {
  return isDns1123Label(isPrefix ? maskTrailingDash(name) : name);
}

/** The name of a Service. */
export function nameIsDns1035Label(name: string, isPrefix = false): string[] {
  return isDns1035Label(isPrefix ? maskTrailingDash(name) : name);
}

function maskTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;
}
