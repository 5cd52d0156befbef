// Which program a command line needs.
'use strict';

/** Commands that touch no cluster: their part of the program is a file of its own. */
const RENDERING = new Set(['template', 'lint', 'show', 'inspect', 'create', 'package', 'version', 'dependency', 'dep']);
/** Flags with which even they may ask a cluster. */
const ASKING = /^--(?:validate|dry-run)/;

/** True if the program for rendering can run these arguments. */
function renders(args) {
  return RENDERING.has(args[0]) && !args.some((arg) => ASKING.test(arg));
}

module.exports = { renders };
