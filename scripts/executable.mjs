// How a program becomes an executable with Bun's runtime inside.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The program of the package `bun`, or one on the path. */
export function findBun() {
  const name = process.platform === 'win32' ? 'bun.exe' : 'bun';
  for (const id of [`@oven/bun-${process.platform}-${process.arch}/bin/${name}`, 'bun/bin/bun.exe', 'bun/bin/bun']) {
    try {
      const path = require.resolve(id);
      if (existsSync(path) && works(path)) return path;
    } catch {
      // Installed in another form, or not at all.
    }
  }
  return works('bun') ? 'bun' : undefined;
}

function works(program) {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** What Bun is asked to make an executable of a bundle in CommonJS. */
export function compileArguments(entry, target) {
  return [
    'build',
    '--compile',
    '--bytecode',
    '--format=cjs',
    '--target=bun',
    // Short runs end before compiled code has paid for itself; long ones get it all the same.
    '--compile-jit-policy=30',
    // Neither the folder's .env nor its bunfig.toml is ours.
    '--no-compile-autoload-dotenv',
    '--no-compile-autoload-bunfig',
    entry,
    '--outfile',
    target,
  ];
}
