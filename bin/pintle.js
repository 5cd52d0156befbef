#!/usr/bin/env node
// CommonJS (see package.json beside it): Node starts it faster than an ES module.
'use strict';
const { readFileSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

const bundle = join(__dirname, '..', 'dist', 'pintle.cjs');

/** Loads the bundle with V8's compiled code from the last build, which saves most of the time to start. */
function load() {
  const code = readFileSync(bundle, 'latin1');
  let cachedData;
  try {
    cachedData = readFileSync(`${bundle}.cache`);
  } catch {
    // Works without, only slower.
  }
  const script = new Script(code, { filename: bundle, cachedData });
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
main(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  platform: process.platform,
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  stdin,
  // Asking for the stream costs time; a terminal is asked for its width only when there is one.
  columns: require('node:tty').isatty(2) ? process.stderr.columns : undefined,
  interactive: require('node:tty').isatty(1),
  now: () => Date.now(),
  pid: process.pid,
}).then((code) => {
  process.exitCode = code;
  if (process.env.PINTLE_WRITE_CODE_CACHE === '1') writeFileSync(`${bundle}.cache`, script.createCachedData());
});
