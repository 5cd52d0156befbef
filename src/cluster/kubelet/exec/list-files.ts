import { userName } from '../process/identity.ts';
import type { FileEntry } from './file-tree.ts';
import { type FileSystem, joinPath } from './file-system.ts';

/** How `ls` was asked. */
export interface ListingOptions {
  readonly files: FileSystem;
  /** Letters of its options. */
  readonly flags: ReadonlySet<string>;
  readonly folder: string;
  readonly now: number;
}

interface Item {
  readonly name: string;
  readonly entry: FileEntry;
}

const HALF_YEAR = 182 * 86_400_000;
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** What `ls` prints for paths that exist. */
export function formatListing(paths: readonly string[], options: ListingOptions): string {
  const { files, folder, flags } = options;
  const at = (path: string): string => joinPath(folder, path);
  const isFolder = (path: string): boolean => !flags.has('d') && files.isFolder(at(path));
  const plain = paths.filter((path) => !isFolder(path));
  const folders = paths.filter(isFolder);
  const parts: string[] = [];
  if (plain.length > 0) {
    const items = plain.map((path) => ({ name: path, entry: files.lookUp(at(path)) ?? files.find(at(path)).entry }));
    parts.push(lines(items, options));
  }
  const show = (path: string): void => {
    const title = paths.length > 1 || flags.has('R') ? `${path}:\n` : '';
    const items = itemsOf(at(path), options);
    const total = flags.has('l') ? `total ${items.reduce((sum, { entry }) => sum + blocks(entry), 0)}\n` : '';
    parts.push(title + total + lines(items, options));
    if (!flags.has('R')) return;
    for (const { name, entry } of items) {
      if (entry.kind === 'folder' && name !== '.' && name !== '..')
        show(path.endsWith('/') ? path + name : `${path}/${name}`);
    }
  };
  folders.forEach(show);
  return parts.join('\n');
}

function itemsOf(path: string, { files, flags }: ListingOptions): readonly Item[] {
  const hidden = flags.has('a') || flags.has('A');
  const names = files.list(path).filter((name) => hidden || !name.startsWith('.'));
  const all = flags.has('a') ? ['.', '..', ...names] : names;
  const items = all.map((name) => {
    const child = joinPath(path, name);
    return { name, entry: files.lookUp(child) ?? files.find(child).entry };
  });
  return flags.has('r') ? items.reverse() : items;
}

function blocks(entry: FileEntry): number {
  if (entry.kind === 'link') return 0;
  return entry.kind === 'folder' ? 4 : Math.ceil(entry.bytes.length / 4096) * 4;
}

function lines(items: readonly Item[], options: ListingOptions): string {
  if (!options.flags.has('l')) return items.map(({ name }) => `${name}\n`).join('');
  const sizes = items.map(({ entry }) => String(sizeOf(entry)));
  const width = Math.max(9, ...sizes.map((size) => size.length));
  return items
    .map(({ name, entry }, i) => {
      const links = entry.kind === 'folder' ? 2 : 1;
      const arrow = entry.kind === 'link' ? ` -> ${entry.target}` : '';
      const head = `${modeText(entry)} ${String(links).padStart(4)} ${ownerText(entry)} ${(sizes[i] ?? '').padStart(width)}`;
      return `${head} ${dateText(entry.modified, options.now)} ${name}${arrow}\n`;
    })
    .join('');
}

function sizeOf(entry: FileEntry): number {
  if (entry.kind === 'file') return entry.bytes.length;
  return entry.kind === 'link' ? entry.target.length : 4096;
}

function ownerText({ owner }: FileEntry): string {
  return `${userName(owner?.uid ?? 0).padEnd(8)} ${userName(owner?.gid ?? 0).padEnd(8)}`;
}

function modeText(entry: FileEntry): string {
  const first = { file: '-', folder: 'd', link: 'l' }[entry.kind];
  let text = '';
  for (let bit = 8; bit >= 0; bit -= 1) {
    text += (entry.mode >> bit) & 1 ? 'rwxrwxrwx'.charAt(8 - bit) : '-';
  }
  if ((entry.mode & 0o2000) !== 0) text = `${text.slice(0, 5)}${text.charAt(5) === 'x' ? 's' : 'S'}${text.slice(6)}`;
  if ((entry.mode & 0o1000) !== 0) text = `${text.slice(0, 8)}${text.endsWith('x') ? 't' : 'T'}`;
  return first + text;
}

function dateText(instant: number, now: number): string {
  const date = new Date(instant);
  const day = `${MONTHS[date.getUTCMonth()] ?? ''} ${String(date.getUTCDate()).padStart(2)}`;
  const two = (value: number): string => String(value).padStart(2, '0');
  const isOld = Math.abs(now - instant) > HALF_YEAR;
  return isOld ? `${day}  ${date.getUTCFullYear()}` : `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}
