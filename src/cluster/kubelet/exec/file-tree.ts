/** A file, folder or symbolic link. */
export type FileEntry = FileMeta &
  (
    | { readonly kind: 'file'; readonly bytes: Uint8Array }
    | { readonly kind: 'folder' }
    | { readonly kind: 'link'; readonly target: string }
  );

/** What every entry has. */
export interface FileMeta {
  readonly mode: number;
  /** ms since the epoch */
  readonly modified: number;
  /** Absent: root's. */
  readonly owner?: FileOwner;
}

/** Whose a file is. */
export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/** The files of one volume, or of a container's own layer. Paths are relative; '' is the top. */
export class FileTree {
  readonly #entries = new Map<string, FileEntry>();

  constructor({ modified, mode = 0o755, owner }: Partial<FileMeta> & Pick<FileMeta, 'modified'>) {
    this.#entries.set('', { kind: 'folder', mode, modified, ...(owner === undefined ? {} : { owner }) });
  }

  get(path: string): FileEntry | undefined {
    return this.#entries.get(path);
  }

  /** Sets an entry and the folders above it. */
  set(path: string, entry: FileEntry): void {
    const { modified } = entry;
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      const folder = path.slice(0, slash);
      if (!this.#entries.has(folder)) this.#entries.set(folder, { kind: 'folder', mode: 0o755, modified });
    }
    this.#entries.set(path, entry);
  }

  /** Removes an entry with all below it. */
  delete(path: string): void {
    for (const key of this.#entries.keys()) {
      if (key === path || key.startsWith(`${path}/`)) this.#entries.delete(key);
    }
  }

  /** Names of what lies in a folder. */
  children(folder: string): string[] {
    const prefix = folder === '' ? '' : `${folder}/`;
    const names: string[] = [];
    for (const key of this.#entries.keys()) {
      if (key === '' || !key.startsWith(prefix)) continue;
      const name = key.slice(prefix.length);
      if (name !== '' && !name.includes('/')) names.push(name);
    }
    return names.sort();
  }
}

/** A text as a file. */
export function textFile(text: string, modified: number, mode = 0o644): FileEntry {
  return { kind: 'file', bytes: Buffer.from(text, 'utf8'), mode, modified };
}
