#!/usr/bin/env node
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

const folder = dirname(fileURLToPath(import.meta.url));
const bundle = join(folder, '..', 'dist', 'pintle.cjs');

/** Loads the bundle with V8's compiled code from the last build, which saves most of the time to start. */
function load() {
  const code = readFileSync(bundle, 'utf8');
  let cachedData;
  try {
    cachedData = readFileSync(`${bundle}.cache`);
  } catch {
    // Works without, only slower.
  }
  const wrapper = `(function (exports, require, module, __filename, __dirname) {${code}\n})`;
  const script = new Script(wrapper, { filename: bundle, cachedData, importModuleDynamically: undefined });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(bundle), module, bundle, dirname(bundle));
  return { main: module.exports.main, script };
}

async function stdin() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const { main, script } = load();
const code = await main(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  platform: process.platform,
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  stdin,
  columns: process.stderr.isTTY ? process.stderr.columns : undefined,
  interactive: process.stdout.isTTY === true,
  now: () => Date.now(),
  pid: process.pid,
});
process.exitCode = code;
if (process.env.PINTLE_WRITE_CODE_CACHE === '1') writeFileSync(`${bundle}.cache`, script.createCachedData());
