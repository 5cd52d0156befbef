#!/usr/bin/env node
// CommonJS (see package.json beside it): Node starts it faster than an ES module. For the same reason nothing here touches
// process.stdout and its like, which load Node's network and stream modules.
'use strict';
const fs = require('node:fs');
const { createRequire } = require('node:module');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

const bundle = join(__dirname, '..', 'dist', 'pintle.cjs');

/** Commands that touch no cluster need a small part of the code; reading the compiled rest would cost them more than it saves. */
const RENDERING = new Set(['template', 'lint', 'show', 'create', 'package', 'version', 'dependency', 'help']);
const cache = `${bundle}.${RENDERING.has(process.argv[2] ?? 'help') ? 'render' : 'cluster'}.cache`;

/** Loads the bundle with V8's compiled code from the last build, which saves most of the time to start. */
function load() {
  const code = fs.readFileSync(bundle, 'latin1');
  let cachedData;
  try {
    cachedData = fs.readFileSync(cache);
  } catch {
    // Works without, only slower.
  }
  const script = new Script(code, { filename: bundle, cachedData });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(bundle), module, bundle, dirname(bundle));
  return { main: module.exports.main, script };
}

/** Writes all of it, also to a pipe whose reader is slow; ends the process when the reader has gone. */
function write(fd, text) {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : text;
  let done = 0;
  while (done < bytes.length) {
    try {
      done += fs.writeSync(fd, bytes, done);
    } catch (error) {
      if (error.code === 'EPIPE') process.exit(141);
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** The stream if it is a terminal. */
function terminal(fd, stream) {
  try {
    if (!fs.fstatSync(fd).isCharacterDevice()) return undefined;
  } catch {
    return undefined;
  }
  const found = process[stream];
  return found.isTTY ? found : undefined;
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
  stdout: (text) => write(1, text),
  stderr: (text) => write(2, text),
  stdin,
  columns: terminal(2, 'stderr')?.columns,
  interactive: terminal(1, 'stdout') !== undefined,
  now: () => Date.now(),
  pid: process.pid,
}).then((code) => {
  process.exitCode = code;
  if (process.env.PINTLE_WRITE_CODE_CACHE !== '1') return;
  const draft = `${cache}.${process.pid}`;
  fs.writeFileSync(draft, script.createCachedData());
  fs.renameSync(draft, cache);
});
