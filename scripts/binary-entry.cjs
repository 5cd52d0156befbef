// The executable of build-binary.mjs begins here.
'use strict';
const { processIo } = require('../bin/process-io.js');
const { main } = require('../src/cli/main.ts');

void main(process.argv.slice(2), processIo([process.execPath])).then((code) => {
  process.exitCode = code;
});
