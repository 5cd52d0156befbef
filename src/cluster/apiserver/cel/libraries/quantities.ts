import type { Environment } from '@marcbachmann/cel-js';
import { type SemanticVersion, tryParseVersion } from '../../../../base/semver.ts';
import {
  addQuantities,
  compareQuantities,
  newQuantity,
  parseQuantity,
  type Quantity,
  subtractQuantities,
} from '../../../../kube/quantity.ts';

const NANO = 1_000_000_000n;
const MAX_INT = 2n ** 63n - 1n;

class CelQuantity {
  readonly value: Quantity;

  constructor(value: Quantity) {
    this.value = value;
  }
}

class CelSemver {
  readonly value: SemanticVersion;

  constructor(value: SemanticVersion) {
    this.value = value;
  }
}

/** Quantities and semantic versions. apiserver: pkg/cel/library/quantity.go, semverlib.go */
export function registerQuantities(env: Environment): void {
  const type = 'kubernetes.Quantity';
  const compared = (test: (sign: number) => unknown) => (a: CelQuantity, b: CelQuantity) =>
    test(compareQuantities(a.value, b.value));
  const whole = (amount: bigint): CelQuantity => new CelQuantity(newQuantity(amount * NANO, 'DecimalSI'));
  env
    .registerType(type, { ctor: CelQuantity, fields: {} })
    .registerFunction(`quantity(string): ${type}`, (text: string) => new CelQuantity(parseQuantity(text)))
    .registerFunction('isQuantity(string): bool', isQuantity)
    .registerFunction(`${type}.isInteger(): bool`, ({ value }: CelQuantity) => isInteger(value))
    .registerFunction(`${type}.asInteger(): int`, ({ value }: CelQuantity) => {
      if (!isInteger(value)) throw new Error('cannot convert value to integer');
      return value.nano / NANO;
    })
    .registerFunction(`${type}.asApproximateFloat(): double`, ({ value }: CelQuantity) => Number(value.nano) / 1e9)
    .registerFunction(`${type}.sign(): int`, ({ value: { nano } }: CelQuantity) =>
      nano > 0n ? 1n : nano < 0n ? -1n : 0n,
    )
    .registerFunction(
      `${type}.add(${type}): ${type}`,
      (a: CelQuantity, b: CelQuantity) => new CelQuantity(addQuantities(a.value, b.value)),
    )
    .registerFunction(
      `${type}.add(int): ${type}`,
      (a: CelQuantity, b: bigint) => new CelQuantity(addQuantities(a.value, whole(b).value)),
    )
    .registerFunction(
      `${type}.sub(${type}): ${type}`,
      (a: CelQuantity, b: CelQuantity) => new CelQuantity(subtractQuantities(a.value, b.value)),
    )
    .registerFunction(
      `${type}.sub(int): ${type}`,
      (a: CelQuantity, b: bigint) => new CelQuantity(subtractQuantities(a.value, whole(b).value)),
    )
    .registerFunction(
      `${type}.isLessThan(${type}): bool`,
      compared((sign) => sign < 0),
    )
    .registerFunction(
      `${type}.isGreaterThan(${type}): bool`,
      compared((sign) => sign > 0),
    )
    .registerFunction(
      `${type}.compareTo(${type}): int`,
      compared((sign) => BigInt(Math.sign(sign))),
    )
    .registerOperator(
      `${type} == ${type}`,
      compared((sign) => sign === 0),
    );
  registerVersions(env);
}

function isQuantity(text: string): boolean {
  try {
    parseQuantity(text);
    return true;
  } catch {
    return false;
  }
}

function isInteger({ nano }: Quantity): boolean {
  return nano % NANO === 0n && nano / NANO <= MAX_INT && nano / NANO >= -MAX_INT - 1n;
}

function registerVersions(env: Environment): void {
  const type = 'kubernetes.Semver';
  const read = (text: string, normalizes = false): CelSemver => {
    const found = versionOf(text, normalizes);
    if (found === undefined) throw new Error(`No Major.Minor.Patch elements found`);
    return new CelSemver(found);
  };
  const compared = (test: (sign: number) => unknown) => (a: CelSemver, b: CelSemver) => test(a.value.compare(b.value));
  env
    .registerType(type, { ctor: CelSemver, fields: {} })
    .registerFunction(`semver(string): ${type}`, (text: string) => read(text))
    .registerFunction(`semver(string, bool): ${type}`, (text: string, normalizes: boolean) => read(text, normalizes))
    .registerFunction('isSemver(string): bool', (text: string) => versionOf(text, false) !== undefined)
    .registerFunction(
      'isSemver(string, bool): bool',
      (text: string, normalizes: boolean) => versionOf(text, normalizes) !== undefined,
    )
    .registerFunction(`${type}.major(): int`, ({ value }: CelSemver) => value.major)
    .registerFunction(`${type}.minor(): int`, ({ value }: CelSemver) => value.minor)
    .registerFunction(`${type}.patch(): int`, ({ value }: CelSemver) => value.patch)
    .registerFunction(
      `${type}.isLessThan(${type}): bool`,
      compared((sign) => sign < 0),
    )
    .registerFunction(
      `${type}.isGreaterThan(${type}): bool`,
      compared((sign) => sign > 0),
    )
    .registerFunction(
      `${type}.compareTo(${type}): int`,
      compared((sign) => BigInt(Math.sign(sign))),
    )
    .registerOperator(
      `${type} == ${type}`,
      compared((sign) => sign === 0),
    );
}

/** Strict: three numbers without leading zeros. Normalized: without `v`, leading zeros dropped, missing numbers zero. */
function versionOf(text: string, normalizes: boolean): SemanticVersion | undefined {
  const STRICT = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;
  if (!normalizes) return STRICT.test(text) ? tryParseVersion(text) : undefined;
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?([-+].*)?$/.exec(text);
  if (match === null) return undefined;
  const numbers = [match[1], match[2], match[3]].map((part) => String(BigInt(part ?? '0')));
  return versionOf(numbers.join('.') + (match[4] ?? ''), false);
}
