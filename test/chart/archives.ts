import { gzipSync } from 'node:zlib';
import { Header } from 'tar';

/** An entry of a tar archive. */
export interface Entry {
  readonly path: string;
  readonly text?: string;
  readonly type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'GlobalExtendedHeader';
  readonly linkpath?: string;
  /** What the header says, when it lies. */
  readonly size?: number;
}

const BLOCK = 512;

/** A .tgz archive of these entries, whatever they say. */
export function archiveOf(entries: readonly Entry[]): Uint8Array {
  return gzipSync(tarOf(entries));
}

/** The archive before it is compressed. */
export function tarOf(entries: readonly Entry[]): Buffer {
  const blocks: Uint8Array[] = [];
  for (const { path, text = '', type = 'File', linkpath, size } of entries) {
    const data = Buffer.from(text);
    const header = new Header({
      path,
      type,
      mode: 0o644,
      size: size ?? data.length,
      mtime: new Date(0),
      ...(linkpath === undefined ? {} : { linkpath }),
    });
    const block = Buffer.alloc(BLOCK);
    header.encode(block, 0);
    blocks.push(block, data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK));
  }
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

/** The Chart.yaml of a chart in an archive. */
export function chartEntry(name: string): Entry {
  return { path: `${name}/Chart.yaml`, text: `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n` };
}
