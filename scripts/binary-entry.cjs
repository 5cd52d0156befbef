// The executable of build-binary.mjs begins here.
'use strict';
const { processIo } = require('../bin/process-io.js');
const { renders } = require('../bin/renders.js');

const args = process.argv.slice(2);
const { main } = renders(args) ? require('./pintle-render.cjs') : require('./pintle.cjs');
void main(args, processIo([process.execPath])).then((code) => {
  process.exitCode = code;
});
