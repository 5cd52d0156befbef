import type { FileEntry, FileOwner, FileTree } from './file-tree.ts';

/** A volume and where it is seen. */
export interface MountedTree {
  /** Absolute, without a slash at the end. */
  readonly path: string;
  readonly tree: FileTree;
  /** The part of the volume that is seen; default: all of it. */
  readonly subPath?: string;
  readonly readOnly?: boolean;
}

/** Who uses a {@link FileSystem}, and when. */
export interface FileSystemUse {
  readonly now: () => number;
  /** Whose new files are; default: root's. */
  readonly owner?: FileOwner;
  /** Nothing outside the volumes can be changed. */
  readonly readOnlyRoot?: boolean;
}

/** What a program hears when a file cannot be used, in libc's words. */
export class FileError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FileError';
  }
}

/** The bit of a folder that hands its group on. */
const SETGID = 0o2000;
const MISSING = 'No such file or directory';
const MOST_LINKS = 40;

/** An entry with where it lies, links followed. */
export interface Found {
  readonly path: string;
  readonly entry: FileEntry;
}

/** The files that a process in a container sees: its own layer with volumes mounted over it. */
export class FileSystem {
  readonly #root: FileTree;
  /** The deepest first. */
  readonly #mounts: readonly MountedTree[];
  readonly #now: () => number;

  readonly #use: FileSystemUse;

  constructor(root: FileTree, mounts: readonly MountedTree[], use: FileSystemUse) {
    this.#root = root;
    this.#mounts = [...mounts].sort((a, b) => b.path.length - a.path.length);
    this.#use = use;
    this.#now = use.now;
  }

  /** What lies at an absolute path, without following a link at its end. */
  lookUp(path: string): FileEntry | undefined {
    const parent = this.#resolveFolder(path);
    if (parent === undefined) return undefined;
    const { tree, inside } = this.#place(parent);
    const entry = tree.get(inside);
    if (entry !== undefined) return entry;
    // Folders that only lead to a mount.
    const leads = this.#mounts.some((mount) => mount.path.startsWith(`${parent}/`));
    return leads ? { kind: 'folder', mode: 0o755, modified: this.#now() } : undefined;
  }

  /** What lies at an absolute path, links followed. @throws FileError when there is nothing */
  find(path: string): Found {
    let at = normalizePath(path);
    for (let count = 0; count < MOST_LINKS; count += 1) {
      const entry = this.lookUp(at);
      if (entry === undefined) throw new FileError(MISSING);
      if (entry.kind !== 'link') return { path: at, entry };
      at = joinPath(parentOf(at), entry.target);
    }
    throw new FileError('Too many levels of symbolic links');
  }

  exists(path: string): boolean {
    try {
      this.find(path);
      return true;
    } catch {
      return false;
    }
  }

  isFolder(path: string): boolean {
    try {
      return this.find(path).entry.kind === 'folder';
    } catch {
      return false;
    }
  }

  /** @throws FileError */
  read(path: string): Uint8Array {
    const { entry } = this.find(path);
    if (entry.kind !== 'file') throw new FileError('Is a directory');
    return entry.bytes;
  }

  /** Names in a folder, sorted. @throws FileError */
  list(path: string): string[] {
    const found = this.find(path);
    if (found.entry.kind !== 'folder') throw new FileError('Not a directory');
    const { tree, inside } = this.#place(found.path);
    const names = new Set(tree.children(inside));
    const prefix = found.path === '/' ? '/' : `${found.path}/`;
    for (const mount of this.#mounts) {
      if (!mount.path.startsWith(prefix)) continue;
      const [name] = mount.path.slice(prefix.length).split('/');
      if (name !== undefined && name !== '') names.add(name);
    }
    return [...names].sort();
  }

  /** @throws FileError */
  write(path: string, bytes: Uint8Array, mode = 0o644): void {
    const at = this.#target(path);
    const old = this.lookUp(at);
    if (old?.kind === 'folder') throw new FileError('Is a directory');
    const owner = old?.owner === undefined ? {} : { owner: old.owner };
    this.#set(at, { kind: 'file', bytes, mode: old?.mode ?? mode, modified: this.#now(), ...owner });
  }

  /** @throws FileError */
  append(path: string, bytes: Uint8Array): void {
    const old = this.exists(path) ? this.read(path) : new Uint8Array();
    this.write(path, Buffer.concat([old, bytes]));
  }

  /** @throws FileError */
  makeFolder(path: string, mode = 0o755): void {
    if (this.lookUp(path) !== undefined) throw new FileError('File exists');
    this.#set(normalizePath(path), { kind: 'folder', mode, modified: this.#now() });
  }

  /** @throws FileError */
  link(path: string, target: string): void {
    if (this.lookUp(path) !== undefined) throw new FileError('File exists');
    this.#set(normalizePath(path), { kind: 'link', target, mode: 0o777, modified: this.#now() });
  }

  /** Gives an entry another mode or time. @throws FileError */
  change(path: string, more: { readonly mode?: number; readonly modified?: number }): void {
    const { path: at, entry } = this.find(path);
    this.#set(at, { ...entry, ...more });
  }

  /** Removes a file, a link, or a folder with all in it. @throws FileError */
  remove(path: string): void {
    const at = normalizePath(path);
    if (this.lookUp(at) === undefined) throw new FileError(MISSING);
    if (this.#mounts.some((mount) => mount.path === at || mount.path.startsWith(`${at}/`))) {
      throw new FileError('Resource busy');
    }
    const { tree, inside, readOnly } = this.#place(at);
    if (readOnly) throw new FileError('Read-only file system');
    tree.delete(inside);
  }

  /** Where a path leads when it is written: through a link at its end, if any. */
  #target(path: string): string {
    const at = normalizePath(path);
    return this.lookUp(at)?.kind === 'link' ? this.#throughLink(at) : at;
  }

  #throughLink(path: string): string {
    let at = path;
    for (let count = 0; count < MOST_LINKS; count += 1) {
      const entry = this.lookUp(at);
      if (entry?.kind !== 'link') return at;
      at = joinPath(parentOf(at), entry.target);
    }
    throw new FileError('Too many levels of symbolic links');
  }

  #set(path: string, entry: FileEntry): void {
    if (!this.isFolder(parentOf(path))) throw new FileError(MISSING);
    const { tree, inside, readOnly } = this.#place(this.#resolveFolder(path) ?? path);
    if (readOnly) throw new FileError('Read-only file system');
    tree.set(inside, entry.owner === undefined ? this.#owned(path, entry) : entry);
  }

  /** A new entry belongs to who makes it; in a folder that hands its group on, to that group. */
  #owned(path: string, entry: FileEntry): FileEntry {
    const { owner } = this.#use;
    const parent = this.find(parentOf(path)).entry;
    const group = (parent.mode & SETGID) === 0 ? undefined : parent.owner?.gid;
    if (owner === undefined && group === undefined) return entry;
    const { uid = 0, gid = 0 } = owner ?? {};
    return { ...entry, owner: { uid, gid: group ?? gid } };
  }

  /** A path whose folders, but not its end, have been followed through links; undefined when one is missing. */
  #resolveFolder(path: string): string | undefined {
    const at = normalizePath(path);
    const parent = parentOf(at);
    if (at === '/' || parent === '/') return at;
    let folder = '/';
    for (const name of parent.slice(1).split('/')) {
      let next = joinPath(folder, name);
      for (let count = 0; count < MOST_LINKS; count += 1) {
        const { tree, inside } = this.#place(next);
        const entry = tree.get(inside);
        if (entry?.kind !== 'link') break;
        next = joinPath(parentOf(next), entry.target);
      }
      folder = next;
    }
    return joinPath(folder, baseOf(at));
  }

  #place(path: string): { readonly tree: FileTree; readonly inside: string; readonly readOnly: boolean } {
    for (const { path: mount, tree, subPath = '', readOnly = false } of this.#mounts) {
      if (path === mount) return { tree, inside: subPath, readOnly };
      if (!path.startsWith(`${mount}/`)) continue;
      const inside = path.slice(mount.length + 1);
      return { tree, inside: subPath === '' ? inside : `${subPath}/${inside}`, readOnly };
    }
    return { tree: this.#root, inside: path.slice(1), readOnly: this.#use.readOnlyRoot === true };
  }
}

/** An absolute path without `.`, `..` and doubled slashes. */
export function normalizePath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** A path that may be relative to a folder. */
export function joinPath(folder: string, path: string): string {
  return normalizePath(path.startsWith('/') ? path : `${folder}/${path}`);
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

export function baseOf(path: string): string {
  return path === '/' ? '/' : path.slice(path.lastIndexOf('/') + 1);
}
