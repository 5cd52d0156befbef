import { formatFloat } from '../base/go-float.ts';

/**
 * What `sigs.k8s.io/yaml` puts into a string field of a struct (`version: 1.10` gives `1.1`); undefined for values that it
 * leaves to fail. Read the text with `numbers: 'exact'`, so that integers are bigint and floats JS numbers.
 */
export function coerceToString(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'number':
      return formatFloat(value, 'g', -1, 32);
    default:
      return undefined;
  }
}
