#!/usr/bin/env node
// CommonJS (see package.json beside it): Node starts it faster than an ES module. For the same reason nothing here touches
// process.stdout and its like, which load Node's network and stream modules.
'use strict';
const fs = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const { Script } = require('node:vm');
const { processIo } = require('./process-io.js');

const bundle = path.join(__dirname, '..', 'dist', 'pintle.cjs');

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
  script.runInThisContext()(module.exports, createRequire(bundle), module, bundle, path.dirname(bundle));
  return { main: module.exports.main, script };
}

const { main, script } = load();
void main(process.argv.slice(2), processIo()).then((code) => {
  process.exitCode = code;
  if (process.env.PINTLE_WRITE_CODE_CACHE !== '1') return;
  const draft = `${cache}.${process.pid}`;
  fs.writeFileSync(draft, script.createCachedData());
  fs.renameSync(draft, cache);
});
