// The executable of build-binary.mjs begins here.
'use strict';
const { processIo } = require('../bin/process-io.js');
const { programFor } = require('../bin/programs.js');

const args = process.argv.slice(2);
// Compiled code is read as it is needed here: a program for releases would bring little.
const isRendering = programFor(args, process.env) === 'pintle-render';
const { main } = isRendering ? require('./pintle-render.cjs') : require('./pintle.cjs');
void main(args, processIo([process.execPath])).then((code) => {
  process.exitCode = code;
});
