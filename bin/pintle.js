#!/usr/bin/env node
// CommonJS (see package.json beside it): Node starts it faster than an ES module. For the same reason nothing here touches
// process.stdout and its like, which load Node's network and stream modules.
'use strict';
const fs = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const { Script } = require('node:vm');
const { renders: rendersAll } = require('./renders.js');

const args = process.argv.slice(2);
const renders = rendersAll(args);
const bundle = path.join(__dirname, '..', 'dist', renders ? 'pintle-render.cjs' : 'pintle.cjs');
const cache = `${bundle}.cache`;

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
  return { ...module.exports, script };
}

const { main, processIo, script } = load();
void main(args, processIo([process.execPath, __filename])).then((code) => {
  process.exitCode = code;
  if (process.env.PINTLE_WRITE_CODE_CACHE === '1') {
    const draft = `${cache}.${process.pid}`;
    fs.writeFileSync(draft, script.createCachedData());
    fs.renameSync(draft, cache);
  }
  // All is written: nothing to wait for, and the heap need not be taken down.
  if (renders) process.exit();
});
