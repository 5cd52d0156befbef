import { type FileSystem, joinPath } from './file-system.ts';

/** True when a text matches a pattern of `*`, `?` and `[…]`. */
export function matchesGlob(text: string, pattern: string): boolean {
  const source = pattern
    .replaceAll(/[\\^$.+()|{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
    .replaceAll('[!', '[^');
  try {
    return new RegExp(`^${source}$`, 's').test(text);
  } catch {
    return text === pattern;
  }
}

/** The paths that a pattern matches, sorted; the pattern itself when there are none. */
export function expandGlob(pattern: string, folder: string, files: FileSystem): readonly string[] {
  if (!/[*?[]/.test(pattern)) return [pattern];
  let found = [pattern.startsWith('/') ? '/' : ''];
  for (const part of pattern.split('/').filter((each) => each !== '')) {
    found = found.flatMap((base) => {
      const within = base === '' ? folder : joinPath(folder, base);
      const join = (name: string): string => (base === '' || base.endsWith('/') ? base + name : `${base}/${name}`);
      if (!/[*?[]/.test(part)) return files.exists(joinPath(within, part)) ? [join(part)] : [];
      if (!files.isFolder(within)) return [];
      return files
        .list(within)
        .filter((name) => matchesGlob(name, part) && (part.startsWith('.') || !name.startsWith('.')))
        .map(join);
    });
  }
  return found.length === 0 ? [pattern] : found;
}
