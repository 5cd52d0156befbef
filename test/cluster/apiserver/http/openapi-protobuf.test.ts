import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import { openApiV2 } from '../../../../src/cluster/apiserver/http/openapi.ts';
import { isOpenApiProtobuf, openApiProtobuf } from '../../../../src/cluster/apiserver/http/openapi-protobuf.ts';
import { builtinStrategies } from '../../../../src/cluster/registry/builtins.ts';

/** The fields of a message by number: texts stay bytes. */
function fields(bytes: Uint8Array): Map<number, (Uint8Array | number | bigint | string)[]> {
  const reader = new BinaryReader(bytes);
  const out = new Map<number, (Uint8Array | number | bigint | string)[]>();
  while (reader.pos < bytes.length) {
    const [number, type] = reader.tag();
    const value =
      type === WireType.LengthDelimited ? reader.bytes() : type === WireType.Bit64 ? reader.double() : reader.int64();
    out.set(number, [...(out.get(number) ?? []), value]);
  }
  return out;
}

function only(bytes: Uint8Array, ...path: readonly number[]): Uint8Array {
  let at = bytes;
  for (const number of path) {
    const [value] = fields(at).get(number) ?? [];
    if (!(value instanceof Uint8Array)) throw new Error(`no field ${number}`);
    at = value;
  }
  return at;
}

const text = (bytes: Uint8Array, ...path: readonly number[]): string => new TextDecoder().decode(only(bytes, ...path));

/** The values of a message of pairs, by name. */
function pairs(bytes: Uint8Array, number: number): Map<string, Uint8Array> {
  return new Map(
    (fields(bytes).get(number) ?? []).map((pair) => {
      const bytesOf = pair as Uint8Array;
      return [text(bytesOf, 1), only(bytesOf, 2)];
    }),
  );
}

describe('OpenAPI v2 in protobuf', () => {
  it('writes schemas with what a strategic merge needs', () => {
    const types = [...builtinStrategies().values()].map(({ type }) => type);
    const bytes = openApiProtobuf(openApiV2(types));
    expect(text(bytes, 1)).toBe('2.0');
    const definitions = pairs(only(bytes, 9), 1);
    const pod = definitions.get('io.k8s.api.core.v1.PodSpec') ?? new Uint8Array();
    expect(text(pod, 22, 1)).toBe('object');
    expect(text(pod, 19)).toBe('containers');
    const containers = pairs(only(pod, 25), 1).get('containers') ?? new Uint8Array();
    expect(text(containers, 22, 1)).toBe('array');
    expect(text(containers, 23, 1, 1)).toBe('#/definitions/io.k8s.api.core.v1.Container');
    const extensions = pairs(containers, 31);
    expect(text(extensions.get('x-kubernetes-patch-merge-key') ?? new Uint8Array(), 2)).toBe('"name"');
    const paths = pairs(only(bytes, 8), 2);
    const patch = only(paths.get('/apis/apps/v1/namespaces/{namespace}/deployments/{name}') ?? new Uint8Array(), 8);
    const parameters = (fields(patch).get(8) ?? []).map((each) => text(each as Uint8Array, 1, 2, 3, 4));
    expect(parameters).toEqual(['dryRun', 'fieldManager', 'fieldValidation', 'force']);
    expect(text(pairs(patch, 13).get('x-kubernetes-action') ?? new Uint8Array(), 2)).toBe('"patch"');
  });

  it('writes what custom schemas hold', () => {
    const bytes = openApiProtobuf({
      definitions: {
        boat: {
          type: ['object', 'null'],
          description: 'floats',
          maximum: 2.5,
          maxLength: 300,
          enum: ['a', 1],
          default: { a: 1 },
          uniqueItems: true,
          additionalProperties: false,
          properties: { free: { type: 'object', additionalProperties: { type: 'string' } } },
          unheardOf: 1,
          'x-kubernetes-int-or-string': true,
        },
      },
    });
    const boat = pairs(only(bytes, 9), 1).get('boat') ?? new Uint8Array();
    const all = fields(boat);
    expect([...all.keys()].sort((a, b) => a - b)).toEqual([4, 5, 7, 11, 16, 20, 21, 22, 25, 31]);
    expect(all.get(7)).toEqual([2.5]);
    expect(all.get(11)).toEqual([300n]);
    expect(all.get(20)).toHaveLength(2);
    expect(text(boat, 5, 2)).toBe('{"a":1}');
    expect(fields(only(boat, 22)).get(1)).toHaveLength(2);
    expect(fields(only(boat, 21)).get(2)).toEqual([0n]);
    const free = pairs(only(boat, 25), 1).get('free') ?? new Uint8Array();
    expect(text(free, 21, 1, 22, 1)).toBe('string');
  });

  it('is asked for by two names', () => {
    expect(isOpenApiProtobuf('application/com.github.proto-openapi.spec.v2@v1.0+protobuf')).toBe(true);
    expect(isOpenApiProtobuf('application/com.github.proto-openapi.spec.v2.v1.0+protobuf')).toBe(true);
    expect(isOpenApiProtobuf('application/json')).toBe(false);
  });
});
