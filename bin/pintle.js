#!/usr/bin/env node
// CommonJS (see package.json beside it): Node starts it faster than an ES module. For the same reason nothing here touches
// process.stdout and its like, which load Node's network and stream modules.
'use strict';
const fs = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const { Script } = require('node:vm');
const { programFor } = require('./programs.js');

const args = process.argv.slice(2);
const program = programFor(args, process.env);
const bundle = path.join(__dirname, '..', 'dist', `${program}.cjs`);
const requireNext = createRequire(bundle);
const loaded = new Map();

/** Loads a file of the build with V8's compiled code from the last build, which saves most of the time to start. */
function load(file) {
  const known = loaded.get(file);
  if (known !== undefined) return known.module.exports;
  const code = fs.readFileSync(file, 'latin1');
  let cachedData;
  try {
    cachedData = fs.readFileSync(`${file}.cache`);
  } catch {
    // Works without, only slower.
  }
  const script = new Script(code, { filename: file, cachedData });
  const module = { exports: {} };
  loaded.set(file, { script, module });
  script.runInThisContext()(module.exports, requireFrom, module, file, path.dirname(file));
  return module.exports;
}

/** Packages that most commands do without lie beside the bundle. */
function requireFrom(name) {
  return name.startsWith('./vendor/') ? load(path.join(path.dirname(bundle), name)) : requireNext(name);
}

function writeCaches() {
  for (const [file, { script }] of loaded) {
    const draft = `${file}.cache.${process.pid}`;
    fs.writeFileSync(draft, script.createCachedData());
    fs.renameSync(draft, `${file}.cache`);
  }
}

const { main, processIo } = load(bundle);
void main(args, processIo([process.execPath, __filename])).then((code) => {
  process.exitCode = code;
  if (process.env.PINTLE_WRITE_CODE_CACHE === '1') writeCaches();
  // All is written: nothing to wait for, and the heap need not be taken down.
  if (program !== 'pintle') process.exit();
});
