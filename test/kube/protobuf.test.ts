import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import { decodeProtobuf, ProtobufError } from '../../src/kube/protobuf.ts';
import { fc } from '../support/property.ts';

type Build = (writer: BinaryWriter) => BinaryWriter;

/** A length-delimited field. */
function field(number: number, build: Build): Build {
  return (writer) => build(writer.tag(number, WireType.LengthDelimited).fork()).join();
}

function text(number: number, value: string): Build {
  return (writer) => writer.tag(number, WireType.LengthDelimited).string(value);
}

function integer(number: number, value: number): Build {
  return (writer) => writer.tag(number, WireType.Varint).int64(value);
}

function all(...parts: readonly Build[]): Build {
  return (writer) => parts.reduce((current, part) => part(current), writer);
}

function body(apiVersion: string, kind: string, content: Build): Uint8Array {
  const envelope = all(
    field(1, all(text(1, apiVersion), text(2, kind))),
    field(2, content),
  )(new BinaryWriter()).finish();
  return new Uint8Array([0x6b, 0x38, 0x73, 0x00, ...envelope]);
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe('decodeProtobuf', () => {
  it('reads metadata, maps, bytes and times', () => {
    const metadata = field(
      1,
      all(
        text(1, 'creds'),
        field(8, all(integer(1, 1_768_478_400), integer(2, 0))),
        field(11, all(text(1, 'app'), text(2, 'web'))),
        field(11, all(text(1, 'tier'), text(2, 'db'))),
      ),
    );
    const data = field(
      2,
      all(text(1, 'password'), (writer) => writer.tag(2, WireType.LengthDelimited).bytes(new Uint8Array([104, 105]))),
    );
    expect(plain(decodeProtobuf(body('v1', 'Secret', all(metadata, data, text(3, 'Opaque')))))).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'creds', creationTimestamp: '2026-01-15T12:00:00Z', labels: { app: 'web', tier: 'db' } },
      data: { password: 'aGk=' },
      type: 'Opaque',
    });
  });

  it('puts the fields of nested messages where JSON has them, and knows ints that may be texts', () => {
    const probe = all(
      field(1, field(2, all(text(1, '/ready'), field(2, all(integer(1, 1), text(3, 'http')))))),
      integer(4, 5),
    );
    const container = field(
      2,
      all(text(1, 'web'), field(11, probe), field(8, field(1, all(text(1, 'cpu'), field(2, text(1, '100m')))))),
    );
    const volume = field(1, all(text(1, 'data'), field(2, field(10, text(1, 'claim')))));
    expect(plain(decodeProtobuf(body('v1', 'Pod', field(2, all(volume, container)))))).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      spec: {
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'claim' } }],
        containers: [
          {
            name: 'web',
            readinessProbe: { httpGet: { path: '/ready', port: 'http' }, periodSeconds: 5 },
            resources: { limits: { cpu: '100m' } },
          },
        ],
      },
    });
  });

  it('skips fields of later versions', () => {
    expect(plain(decodeProtobuf(body('v1', 'ConfigMap', text(999, 'x'))))).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
    });
  });

  it('knows the options that every group has', () => {
    expect(plain(decodeProtobuf(body('v1', 'DeleteOptions', all(integer(1, 0), text(4, 'Background')))))).toEqual({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      gracePeriodSeconds: 0,
      propagationPolicy: 'Background',
    });
  });

  it.each([
    [new Uint8Array(), 'does not appear to be a protobuf message'],
    [body('v1', 'Nonsense', (writer) => writer), 'no kind "Nonsense" is registered for version "v1"'],
  ])('refuses what it cannot be', (bytes, message) => {
    expect(() => decodeProtobuf(bytes)).toThrow(message);
  });

  it('fails on garbage with its own error and nothing else', () => {
    const good = body('v1', 'Pod', field(1, text(1, 'web')));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        (changes) => {
          const bytes = Uint8Array.from(good);
          for (const [index, value] of changes) bytes[index] = value;
          try {
            decodeProtobuf(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(ProtobufError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
