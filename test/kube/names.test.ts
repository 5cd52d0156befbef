import { describe, expect, test } from 'vitest';
import {
  isCIdentifier,
  isConfigMapKey,
  isDecimalInteger,
  isDns1035Label,
  isDns1123Label,
  isDns1123Subdomain,
  isDns1123SubdomainWithUnderscore,
  isDomainPrefixedKey,
  isDomainPrefixedPath,
  isEnvVarName,
  isFullyQualifiedName,
  isHttpHeaderName,
  isLabelValue,
  isPathSegmentName,
  isQualifiedName,
  isRelaxedEnvVarName,
  isValidCidr,
  isValidIp,
  isValidPercent,
  isValidPortName,
  isValidPortNumber,
  isValidUserId,
  isWildcardDns1123Subdomain,
  nameIsDns1035Label,
  nameIsDnsLabel,
  nameIsDnsSubdomain,
} from '../../src/kube/names.ts';

type Rule = (value: string) => string[];

const long = (length: number) => 'a'.repeat(length);

describe('what is right has no faults', () => {
  test.each<[Rule, readonly string[]]>([
    [isDns1123Label, ['a', 'a-1', '1a', long(63)]],
    [isDns1123Subdomain, ['a', 'a.b-c.d', long(253)]],
    [isDns1123SubdomainWithUnderscore, ['_a.b_c']],
    [isDns1035Label, ['a', 'a-1']],
    [isWildcardDns1123Subdomain, ['*.example.com']],
    [isQualifiedName, ['a', 'A_b.c', 'example.com/Name']],
    [isLabelValue, ['', 'a', 'A.b_c-1', long(63)]],
    [isCIdentifier, ['_a', 'B1']],
    [isEnvVarName, ['A', 'a.b-c', '_x']],
    [isRelaxedEnvVarName, ['1 a', '/x']],
    [isConfigMapKey, ['a', '.env', 'A_b.c']],
    [isValidPortName, ['http', '8080-x']],
    [isValidPercent, ['0%', '150%']],
    [isHttpHeaderName, ['X-A']],
    [isDecimalInteger, ['0', '-1', '10']],
    [isDomainPrefixedKey, ['a.io/x']],
    [isDomainPrefixedPath, ['a.io/x/y']],
    [isFullyQualifiedName, ['a.b.c']],
    [isPathSegmentName, ['a', 'a..b']],
    [isValidIp, ['10.0.0.1', '::1', 'FE80::1']],
    [isValidCidr, ['10.0.0.0/8', '2001:db8::/64']],
  ])('%s', (rule, values) => {
    for (const value of values) expect([value, rule(value)]).toEqual([value, []]);
  });
});

describe('what is wrong is said in Kubernetes words', () => {
  test.each<[Rule, string, readonly string[]]>([
    [
      isDns1123Label,
      'A',
      [
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      ],
    ],
    [isDns1123Label, 'a.b', ['must not contain dots']],
    [isDns1123Label, long(64), ['must be no more than 63 characters']],
    [
      isDns1123Subdomain,
      'Web',
      [
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      ],
    ],
    [
      isDns1035Label,
      '1a',
      [
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
      ],
    ],
    [isQualifiedName, '/a', ['prefix part must be non-empty']],
    [isQualifiedName, `a/${long(64)}`, ['name part must be no more than 63 bytes']],
    [isLabelValue, long(64), ['must be no more than 63 bytes']],
    [isConfigMapKey, '..', ["must not be '..'"]],
    [isConfigMapKey, '..a', ["must not start with '..'"]],
    [
      isRelaxedEnvVarName,
      'a=b',
      ["a valid environment variable name must consist only of printable ASCII characters other than '='"],
    ],
    [isValidPortName, 'a--b', ['must not contain consecutive hyphens']],
    [isValidPortName, '80', ['must contain at least one letter (a-z)']],
    [isValidPortName, '-a', ['must not begin or end with a hyphen']],
    [isValidPortName, 'abcdefghijklmnop', ['must be no more than 15 characters']],
    [isPathSegmentName, '..', ["may not be '..'"]],
    [isPathSegmentName, 'a/b%', ["may not contain '/'", "may not contain '%'"]],
    [isValidIp, '1.2.3', ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
    [isValidIp, '010.0.0.1', ['must not have leading 0s']],
    [isValidIp, '::ffff:1.2.3.4', ['must not be an IPv4-mapped IPv6 address']],
    [isValidCidr, '10.0.0.1/8', ['must not have bits set beyond the prefix length']],
    [isValidCidr, '10.0.0.0', ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)']],
    [isDecimalInteger, '01', ['must be a valid decimal integer in canonical form']],
    [isDomainPrefixedKey, 'x', ['must be a domain-prefixed key (such as "acme.io/foo")']],
  ])('%s %s', (rule, value, faults) => {
    expect(rule(value)).toEqual(faults);
  });

  test('canonical addresses', () => {
    expect(isValidIp('FE80:0:0::1', { canonical: true })).toEqual(['must be in canonical form ("fe80::1")']);
    expect(isValidIp('1:0:0:2:0:0:0:3', { canonical: true })).toEqual(['must be in canonical form ("1:0:0:2::3")']);
    expect(isValidCidr('2001:DB8::/32', { canonical: true })).toEqual(['must be in canonical form ("2001:db8::/32")']);
  });

  test('ports and ids', () => {
    expect(isValidPortNumber(0)).toEqual(['must be between 1 and 65535, inclusive']);
    expect(isValidUserId(-1)).toEqual(['must be between 0 and 2147483647, inclusive']);
  });

  test('prefixes of generated names may end in a dash', () => {
    expect(nameIsDnsSubdomain('web-', true)).toEqual([]);
    expect(nameIsDnsLabel('web-')).not.toEqual([]);
    expect(nameIsDns1035Label('web-', true)).toEqual([]);
  });
});
