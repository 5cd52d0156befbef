import { randomBytes } from 'node:crypto';
import { formatListing } from './list-files.ts';
import { baseOf, FileError, joinPath, parentOf } from './file-system.ts';
import { complain, pathOf, print, type Process, splitOptions, type Tool } from './process.ts';
import { readAll } from './process-io.ts';

/** Runs something for each path; the exit code is 1 if one of them failed. */
async function each(
  name: string,
  paths: readonly string[],
  process: Process,
  run: (path: string, shown: string) => void | Promise<void>,
  message: (shown: string, cause: string) => string = (shown, cause) => `${shown}: ${cause}`,
): Promise<number> {
  let code = 0;
  for (const shown of paths) {
    try {
      await run(pathOf(process, shown), shown);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      code = complain(process, `${name}: ${message(shown, error.message)}`);
    }
  }
  return code;
}

const cat: Tool = async (args, process) => {
  const { rest } = splitOptions(args);
  for (const path of rest.length === 0 ? ['-'] : rest) {
    if (path !== '-') continue;
    for (let chunk = await process.input.read(); chunk !== undefined; chunk = await process.input.read()) {
      process.out(chunk);
    }
  }
  const files = rest.filter((path) => path !== '-');
  const refuse = (shown: string, cause: string): string =>
    cause === 'Is a directory' ? `read error: ${cause}` : `can't open '${shown}': ${cause}`;
  return await each('cat', files, process, (path) => process.out(process.world.files.read(path)), refuse);
};

const ls: Tool = (args, process) => {
  const { flags, rest } = splitOptions(args);
  const { files, clock } = process.world;
  let code = 0;
  const good: string[] = [];
  for (const path of rest.length === 0 ? ['.'] : rest) {
    if (files.lookUp(pathOf(process, path)) === undefined && !files.exists(pathOf(process, path))) {
      code = complain(process, `ls: ${path}: No such file or directory`);
    } else good.push(path);
  }
  print(process, formatListing(good, { files, flags, folder: process.folder, now: clock.now() }));
  return code;
};

const touch: Tool = (args, process) => {
  const { files, clock } = process.world;
  return each('touch', splitOptions(args, 'dtr').rest, process, (path) => {
    if (files.exists(path)) files.change(path, { modified: clock.now() });
    else files.write(path, new Uint8Array());
  });
};

const rm: Tool = async (args, process) => {
  const { flags, rest } = splitOptions(args);
  const { files } = process.world;
  const force = flags.has('f') || flags.has('force');
  const recursive = flags.has('r') || flags.has('R') || flags.has('recursive');
  return await each(
    'rm',
    rest.filter((path) => !force || files.lookUp(pathOf(process, path)) !== undefined),
    process,
    (path) => {
      if (files.lookUp(path)?.kind === 'folder' && !recursive) throw new FileError('is a directory');
      files.remove(path);
    },
    (shown, cause) => (cause === 'is a directory' ? `'${shown}' ${cause}` : `can't remove '${shown}': ${cause}`),
  );
};

const mkdir: Tool = (args, process) => {
  const { flags, rest } = splitOptions(args, 'm');
  const { files } = process.world;
  const make = (path: string): void => {
    if (flags.has('p')) {
      if (files.isFolder(path)) return;
      make(parentOf(path));
    }
    files.makeFolder(path);
  };
  return each('mkdir', rest, process, make, (shown, cause) => `can't create directory '${shown}': ${cause}`);
};

const rmdir: Tool = (args, process) => {
  const { files } = process.world;
  return each('rmdir', splitOptions(args).rest, process, (path) => {
    if (files.list(path).length > 0) throw new FileError('Directory not empty');
    files.remove(path);
  });
};

/** Copies a file, or a folder with all in it. */
function copyInto(process: Process, from: string, to: string): void {
  const { files } = process.world;
  const { entry } = files.find(from);
  if (entry.kind === 'file') {
    files.write(to, entry.bytes, entry.mode);
    return;
  }
  if (!files.isFolder(to)) files.makeFolder(to);
  for (const name of files.list(from)) copyInto(process, joinPath(from, name), joinPath(to, name));
}

function twoPaths(name: string, moves: boolean): Tool {
  return async (args, process) => {
    const { flags, rest } = splitOptions(args);
    const { files } = process.world;
    const target = rest.pop();
    if (target === undefined || rest.length === 0) return complain(process, `${name}: missing file operand`);
    const to = pathOf(process, target);
    const intoFolder = files.isFolder(to);
    if (rest.length > 1 && !intoFolder) return complain(process, `${name}: target '${target}' is not a directory`);
    return await each(name, rest, process, (from, shown) => {
      const { entry } = files.find(from);
      if (entry.kind === 'folder' && !moves && !['r', 'R', 'a', 'recursive'].some((flag) => flags.has(flag))) {
        throw new FileError(`omitting directory '${shown}'`);
      }
      copyInto(process, from, intoFolder ? joinPath(to, baseOf(from)) : to);
      if (moves) files.remove(from);
    });
  };
}

const ln: Tool = (args, process) => {
  const { flags, rest } = splitOptions(args);
  const [target = '', name = baseOf(target)] = rest;
  const { files } = process.world;
  const place = pathOf(process, name);
  const path = files.isFolder(place) ? joinPath(place, baseOf(target)) : place;
  return each('ln', [path], process, () => {
    if (flags.has('f') && files.lookUp(path) !== undefined) files.remove(path);
    if (flags.has('s')) files.link(path, target);
    else files.write(path, files.read(pathOf(process, target)));
  });
};

const tee: Tool = async (args, process) => {
  const { flags, rest } = splitOptions(args);
  const bytes = await readAll(process.input);
  process.out(bytes);
  const { files } = process.world;
  return await each('tee', rest, process, (path) => {
    if (flags.has('a')) files.append(path, bytes);
    else files.write(path, bytes);
  });
};

const find: Tool = (args, process) => {
  const firstTest = args.findIndex((arg) => arg.startsWith('-'));
  const roots = (firstTest === -1 ? args : args.slice(0, firstTest)).slice();
  const tests = firstTest === -1 ? [] : args.slice(firstTest);
  const after = (flag: string): string | undefined => {
    const at = tests.indexOf(flag);
    return at === -1 ? undefined : tests[at + 1];
  };
  const kinds: Readonly<Record<string, string>> = { f: 'file', d: 'folder', l: 'link' };
  const [name, type, depth] = [after('-name'), after('-type'), Number(after('-maxdepth') ?? 99)];
  const pattern =
    name === undefined
      ? undefined
      : new RegExp(
          `^${name
            .replaceAll(/[.+^$(){}|\\]/g, '\\$&')
            .replaceAll('*', '.*')
            .replaceAll('?', '.')}$`,
        );
  const { files } = process.world;
  const walk = (path: string, shown: string, level: number): void => {
    const entry = files.lookUp(path) ?? files.find(path).entry;
    const fits = (type === undefined || kinds[type] === entry.kind) && (pattern?.test(baseOf(shown)) ?? true);
    if (fits) print(process, `${shown}\n`);
    if (entry.kind !== 'folder' || level >= depth) return;
    for (const child of files.list(path)) {
      walk(joinPath(path, child), shown.endsWith('/') ? shown + child : `${shown}/${child}`, level + 1);
    }
  };
  return each('find', roots.length === 0 ? ['.'] : roots, process, (path, shown) => walk(path, shown, 0));
};

const stat: Tool = (args, process) => {
  const { files } = process.world;
  return each('stat', splitOptions(args, 'c').rest, process, (path, shown) => {
    const { entry } = files.find(path);
    const size = entry.kind === 'file' ? entry.bytes.length : 4096;
    const kind = entry.kind === 'folder' ? 'directory' : 'regular file';
    print(process, `  File: ${shown}\n  Size: ${size}\t${kind}\nAccess: (0${entry.mode.toString(8)})\n`);
  });
};

const readlink: Tool = (args, process) => {
  const { flags, rest } = splitOptions(args);
  const { files } = process.world;
  return each('readlink', rest, process, (path) => {
    const entry = files.lookUp(path);
    if (flags.has('f')) print(process, `${files.find(path).path}\n`);
    else if (entry?.kind === 'link') print(process, `${entry.target}\n`);
    else throw new FileError('Invalid argument');
  });
};

const chmod: Tool = (args, process) => {
  const [mode = '', ...paths] = splitOptions(args).rest;
  const { files } = process.world;
  return each('chmod', paths, process, (path) => {
    if (/^[0-7]+$/.test(mode)) files.change(path, { mode: Number.parseInt(mode, 8) });
    else files.find(path);
  });
};

const mktemp: Tool = (args, process) => {
  const { flags } = splitOptions(args, 'p');
  const path = `/tmp/tmp.${randomBytes(4).toString('hex')}`;
  if (flags.has('d')) process.world.files.makeFolder(path);
  else process.world.files.write(path, new Uint8Array(), 0o600);
  print(process, `${path}\n`);
  return 0;
};

/** Programs about files. */
export const FILE_TOOLS: Readonly<Record<string, Tool>> = {
  cat,
  ls,
  touch,
  rm,
  mkdir,
  rmdir,
  cp: twoPaths('cp', false),
  mv: twoPaths('mv', true),
  ln,
  tee,
  find,
  stat,
  readlink,
  realpath: (args, process) =>
    each('realpath', splitOptions(args).rest, process, (path) =>
      print(process, `${process.world.files.find(path).path}\n`),
    ),
  chmod,
  chown: (args, process) =>
    each('chown', splitOptions(args).rest.slice(1), process, (path) => void process.world.files.find(path)),
  mktemp,
  basename: ([path = '', suffix = ''], process) => {
    const name = baseOf(path.replace(/(.)\/+$/, '$1'));
    print(process, `${suffix !== '' && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name}\n`);
    return 0;
  },
  dirname: ([path = ''], process) => {
    print(process, `${path.includes('/') ? parentOf(path) : '.'}\n`);
    return 0;
  },
  pwd: (_args, process) => {
    print(process, `${process.folder}\n`);
    return 0;
  },
};
