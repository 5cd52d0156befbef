import { formatFloatValue } from '../base/go-float.ts';
import { goQuote } from '../base/go-quote.ts';
import { pointerOf } from './pointer.ts';
import { type Decimal, isNumber } from './rational.ts';

/** What is wrong, as data. */
export type FailureKind =
  | { readonly kind: 'schema'; readonly location: string }
  | { readonly kind: 'group' | 'reference' | 'false' | 'contains' }
  | { readonly kind: 'not' | 'allOf' | 'anyOf' }
  | { readonly kind: 'oneOf'; readonly matched: readonly number[] }
  | { readonly kind: 'cycle'; readonly url: string; readonly first: string; readonly second: string }
  | { readonly kind: 'type'; readonly got: string; readonly want: readonly string[] }
  | { readonly kind: 'enum'; readonly want: readonly unknown[] }
  | { readonly kind: 'const'; readonly want: unknown }
  | { readonly kind: 'format'; readonly got: unknown; readonly want: string; readonly reason: string }
  | { readonly kind: 'count'; readonly keyword: string; readonly got: number; readonly want: number }
  | { readonly kind: 'bound'; readonly keyword: string; readonly got: Decimal; readonly want: Decimal }
  | { readonly kind: 'additionalItems'; readonly count: number }
  | { readonly kind: 'required'; readonly missing: readonly string[] }
  | { readonly kind: 'dependency'; readonly property: string; readonly missing: readonly string[] }
  | { readonly kind: 'additionalProperties'; readonly properties: readonly string[] }
  | { readonly kind: 'propertyNames'; readonly property: string }
  | { readonly kind: 'uniqueItems'; readonly duplicates: readonly [number, number] }
  | { readonly kind: 'minContains' | 'maxContains'; readonly got: readonly number[]; readonly want: number }
  | { readonly kind: 'pattern'; readonly got: string; readonly want: string };

/** A place where a value breaks its schema, with what led to it. */
export interface Failure {
  /** Keys and indices that lead to the value. */
  readonly path: readonly string[];
  readonly kind: FailureKind;
  readonly causes: readonly Failure[];
}

/**
 * All that is wrong as Helm prints it: a line for each failure, its causes indented below it.
 * jsonschema: output.go, ValidationError.display.
 */
export function failureText(failure: Failure): string {
  const lines: string[] = [];
  display(failure, 0, lines);
  return lines.join('\n');
}

function display(failure: Failure, indent: number, lines: string[]): void {
  let next = indent;
  if (failure.kind.kind !== 'reference' || failure.causes.length !== 1) {
    const bullet = indent === 0 ? '' : `${'  '.repeat(indent - 1)}- `;
    const place = failure.kind.kind === 'schema' ? '' : `at ${quote(pointerOf(failure.path))}: `;
    lines.push(bullet + place + describe(failure.kind));
    next += 1;
  }
  for (const cause of failure.causes) display(cause, next, lines);
}

/** One failure in words. jsonschema: kind/kind.go. */
function describe(kind: FailureKind): string {
  switch (kind.kind) {
    case 'schema':
      return `jsonschema validation failed with ${quote(kind.location)}`;
    case 'group':
    case 'reference':
      return 'validation failed';
    case 'false':
      return 'false schema';
    case 'contains':
      return 'no items match contains schema';
    case 'not':
    case 'allOf':
    case 'anyOf':
      return `'${kind.kind}' failed`;
    case 'oneOf':
      return kind.matched.length === 0
        ? "'oneOf' failed, none matched"
        : `'oneOf' failed, subschemas ${kind.matched.map(grouped).join(', ')} matched`;
    case 'cycle':
      return `both ${kind.first} and ${kind.second} resolve to ${goQuote(kind.url)} causing reference cycle`;
    case 'type':
      return `got ${kind.got}, want ${kind.want.join(' or ')}`;
    case 'enum':
    case 'const':
      return describeChoice(kind);
    case 'format':
      return `${shown(kind.got)} is not valid ${kind.want}: ${kind.reason}`;
    case 'pattern':
      return `${quote(kind.got)} does not match pattern ${quote(kind.want)}`;
    case 'count':
      return `${kind.keyword}: got ${grouped(kind.got)}, want ${grouped(kind.want)}`;
    case 'bound':
      return `${kind.keyword}: got ${decimalText(kind.got)}, want ${decimalText(kind.want)}`;
    default:
      return describeMembers(kind);
  }
}

function describeChoice(kind: Extract<FailureKind, { kind: 'enum' | 'const' }>): string {
  if (kind.kind === 'const') {
    return isCompound(kind.want) ? "'const' failed" : `value must be ${shown(kind.want)}`;
  }
  if (kind.want.some(isCompound)) return "'enum' failed";
  const list = kind.want.map(shown).join(', ');
  return kind.want.length === 1 ? `value must be ${list}` : `value must be one of ${list}`;
}

type MemberKind = Extract<
  FailureKind,
  {
    kind:
      | 'additionalItems'
      | 'required'
      | 'dependency'
      | 'additionalProperties'
      | 'propertyNames'
      | 'uniqueItems'
      | 'minContains'
      | 'maxContains';
  }
>;

/** Failures of objects and arrays. */
function describeMembers(kind: MemberKind): string {
  switch (kind.kind) {
    case 'additionalItems':
      return `last ${grouped(kind.count)} additionalItem(s) not allowed`;
    case 'required':
      return `missing ${kind.missing.length === 1 ? 'property' : 'properties'} ${quoted(kind.missing)}`;
    case 'dependency':
      return `properties ${quoted(kind.missing)} required, if ${quote(kind.property)} exists`;
    case 'additionalProperties':
      return `additional properties ${quoted(kind.properties)} not allowed`;
    case 'propertyNames':
      return `invalid propertyName ${quote(kind.property)}`;
    case 'uniqueItems':
      return `items at ${kind.duplicates.map(grouped).join(' and ')} are equal`;
    case 'minContains':
      return kind.got.length === 0
        ? `min ${grouped(kind.want)} items required to match contains schema, but none matched`
        : `min ${grouped(kind.want)} items required to match contains schema, but matched ${itemList(kind.got)}`;
    default:
      return `max ${grouped(kind.want)} items required to match contains schema, but matched ${itemList(kind.got)}`;
  }
}

function itemList(indices: readonly number[]): string {
  return `${grouped(indices.length)} items at ${indices.join(' ')}`;
}

function isCompound(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !isNumber(value);
}

/** In single quotes, with Go's escapes. */
function quote(text: string): string {
  return `'${goQuote(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

function quoted(texts: readonly string[]): string {
  return texts.map(quote).join(', ');
}

function shown(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'number') return formatFloatValue(value);
  if (isNumber(value) || typeof value === 'boolean') return String(value);
  return 'value';
}

/** An integer with commas, as x/text prints it in English. */
function grouped(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

const SUPERSCRIPT = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** A float as x/text prints it in English: `1,234.5`, `1.5×10⁰⁸`. */
function decimalText(value: Decimal): string {
  const text = formatFloatValue(value.toNumber());
  const [mantissa = '', exponent] = text.split('e');
  if (exponent === undefined) {
    const [whole = '', fraction] = mantissa.split('.');
    const integer = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
    return fraction === undefined ? integer : `${integer}.${fraction}`;
  }
  const digits = exponent
    .replace('+', '')
    .replace('-', '⁻')
    .replace(/\d/g, (digit) => SUPERSCRIPT.charAt(Number(digit)));
  return `${mantissa}×10${digits}`;
}
