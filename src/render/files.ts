import { toBase64 } from '../base/base64.ts';
import { compileGlob } from '../base/glob.ts';
import { decodeUtf8 } from '../base/go-string.ts';
import { newObject, sortedKeys } from '../base/json.ts';
import type { ChartFile } from '../chart/chart.ts';
import { BYTES, mapOf, type GoType } from '../gotemplate/runtime/go-type.ts';
import { goStrings, GoTyped } from '../gotemplate/runtime/go-value.ts';
import { toYaml } from '../yaml/emit.ts';

type Files = GoTyped<Readonly<Record<string, Uint8Array>>>;

/** helm: engine.files, what `.Files` is. */
const FILES: GoType = {
  ...mapOf(BYTES),
  name: 'engine.files',
  methods: {
    GetBytes: { params: ['string'], call: bytesOf },
    Get: { params: ['string'], call: (files: Files, name: string) => decodeUtf8(bytesOf(files, name)) },
    Glob: { params: ['string'], call: glob },
    AsConfig: { params: [], call: (files: Files) => asYaml(files, decodeUtf8) },
    AsSecrets: {
      params: [],
      call: (files: Files) => asYaml(files, toBase64),
    },
    Lines: { params: ['string'], call: lines },
  },
};

/** The value of `.Files` for a chart's files. */
export function filesValue(files: readonly ChartFile[]): GoTyped {
  const content = newObject<Uint8Array>();
  for (const file of files) content[file.name] = file.data;
  return new GoTyped(FILES, content);
}

function bytesOf(files: Files, name: string): Uint8Array {
  return Object.hasOwn(files.value, name) ? (files.value[name] ?? new Uint8Array()) : new Uint8Array();
}

function glob(files: Files, pattern: string): Files {
  // A malformed pattern matches everything, as in Helm.
  const matcher = compileGlob(pattern);
  const content = newObject<Uint8Array>();
  for (const [name, data] of Object.entries(files.value)) {
    if (matcher?.matches(name) !== false) content[name] = data;
  }
  return new GoTyped(FILES, content);
}

function asYaml(files: Files, encode: (data: Uint8Array) => string): string {
  const map = newObject<string>();
  for (const name of sortedKeys(files.value)) {
    map[name.slice(name.lastIndexOf('/') + 1)] = encode(files.value[name] ?? new Uint8Array());
  }
  return toYaml(map).replace(/\n$/, '');
}

function lines(files: Files, name: string): GoTyped {
  if (!Object.hasOwn(files.value, name)) return goStrings([]);
  const text = decodeUtf8(bytesOf(files, name));
  if (text === '') throw new Error('runtime error: index out of range [-1]');
  return goStrings((text.endsWith('\n') ? text.slice(0, -1) : text).split('\n'));
}
