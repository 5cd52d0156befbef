import { Header, Parser, type ReadEntry } from 'tar';
import { baseOf, FileError, type FileSystem, joinPath, parentOf } from './file-system.ts';
import { complain, pathOf, print, type Process, type Tool } from './process.ts';
import { readAll } from './process-io.ts';

const BLOCK = 512;

/** `tar`: creates, lists and extracts archives, as far as `kubectl cp` and people do. */
export const tar: Tool = async (args, process) => {
  const options = readOptions(args);
  const folder = pathOf(process, options.folder);
  try {
    if (options.action === 'c') {
      const archive = pack(process.world.files, folder, options.paths);
      if (options.file === '-') process.out(archive);
      else process.world.files.write(pathOf(process, options.file), archive);
      return 0;
    }
    const bytes =
      options.file === '-' ? await readAll(process.input) : process.world.files.read(pathOf(process, options.file));
    if (options.action === 't') {
      await unpack(bytes, ({ path }) => print(process, `${path}\n`));
      return 0;
    }
    if (options.action === 'x') {
      await extract(process, folder, bytes);
      return 0;
    }
    return complain(process, 'tar: must specify one of -c, -x, -t');
  } catch (error) {
    if (error instanceof FileError) return complain(process, `tar: ${error.message}`);
    throw error;
  }
};

interface Options {
  readonly action: string;
  readonly file: string;
  readonly folder: string;
  readonly paths: readonly string[];
}

function readOptions(args: readonly string[]): Options {
  let [action, file, folder] = ['', '-', '.'];
  const paths: string[] = [];
  const queue = [...args];
  let isFirst = true;
  for (let arg = queue.shift(); arg !== undefined; arg = queue.shift()) {
    const isOptions = arg.startsWith('-') && arg !== '-' && !arg.startsWith('--');
    if (isOptions || (isFirst && /^[cxt][a-zA-Z]*$/.test(arg))) {
      for (const letter of arg.replace(/^-/, '')) {
        if (/[cxt]/.test(letter)) action = letter;
        else if (letter === 'f') file = queue.shift() ?? '-';
        else if (letter === 'C') folder = queue.shift() ?? '.';
      }
    } else if (!arg.startsWith('--')) paths.push(arg);
    isFirst = false;
  }
  return { action, file, folder, paths };
}

/** An archive of paths with all below them. @throws FileError */
function pack(files: FileSystem, folder: string, paths: readonly string[]): Buffer {
  const parts: Buffer[] = [];
  const add = (path: string, shown: string): void => {
    const entry = files.lookUp(path);
    if (entry === undefined) throw new FileError(`${shown}: No such file or directory`);
    const name = shown.replace(/^\/+/, '');
    const mtime = new Date(entry.modified);
    const common = { mode: entry.mode, uid: 0, gid: 0, uname: 'root', gname: 'root', mtime };
    if (entry.kind === 'folder') {
      if (name !== '') parts.push(head({ ...common, path: `${name.replace(/\/$/, '')}/`, type: 'Directory', size: 0 }));
      for (const child of files.list(path))
        add(joinPath(path, child), shown.endsWith('/') ? shown + child : `${shown}/${child}`);
    } else if (entry.kind === 'link') {
      parts.push(head({ ...common, path: name, type: 'SymbolicLink', size: 0, linkpath: entry.target }));
    } else {
      parts.push(head({ ...common, path: name, type: 'File', size: entry.bytes.length }), Buffer.from(entry.bytes));
      parts.push(Buffer.alloc((BLOCK - (entry.bytes.length % BLOCK)) % BLOCK));
    }
  };
  for (const path of paths) add(joinPath(folder, path), path);
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function head(data: ConstructorParameters<typeof Header>[0]): Buffer {
  const block = Buffer.alloc(BLOCK);
  new Header(data).encode(block, 0);
  return block;
}

async function extract({ world }: Process, folder: string, bytes: Uint8Array): Promise<void> {
  const { files } = world;
  const makeFolders = (path: string): void => {
    if (files.isFolder(path)) return;
    makeFolders(parentOf(path));
    files.makeFolder(path);
  };
  await unpack(bytes, ({ path, type, linkpath, content, mode }) => {
    const at = joinPath(folder, path);
    if (type === 'Directory') {
      makeFolders(at);
      return;
    }
    makeFolders(parentOf(at));
    if (type === 'SymbolicLink') {
      if (files.lookUp(at) !== undefined) files.remove(at);
      files.link(at, linkpath);
    } else if (baseOf(at) !== '/') files.write(at, content, mode);
  });
}

interface Unpacked {
  readonly path: string;
  readonly type: string;
  readonly linkpath: string;
  readonly mode: number;
  readonly content: Uint8Array;
}

/** Reads an archive; gzip is seen by itself. */
async function unpack(bytes: Uint8Array, take: (entry: Unpacked) => void): Promise<void> {
  const entries: Promise<Unpacked>[] = [];
  const parser = new Parser({
    onReadEntry: (entry) => {
      const content = contentOf(entry);
      // Whoever waits for it hears of a failure; nobody does when the archive itself has failed.
      content.catch(() => {});
      entries.push(content);
    },
  });
  await new Promise<void>((resolve, reject) => {
    parser.on('end', () => resolve());
    parser.on('error', reject);
    parser.end(Buffer.from(bytes));
  });
  for (const entry of entries) take(await entry);
}

function contentOf(entry: ReadEntry): Promise<Unpacked> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    entry.on('data', (chunk: Buffer) => chunks.push(chunk));
    entry.on('error', reject);
    entry.on('end', () => {
      const { path, type, linkpath = '', mode = 0o644 } = entry;
      resolve({ path, type, linkpath, mode: mode & 0o7777, content: Buffer.concat(chunks) });
    });
  });
}
