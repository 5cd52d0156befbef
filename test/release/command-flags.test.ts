import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { getCommand } from '../../src/cli/commands/get.ts';
import { historyCommand } from '../../src/cli/commands/history.ts';
import { installCommand } from '../../src/cli/commands/install.ts';
import { listCommand } from '../../src/cli/commands/list.ts';
import { rollbackCommand } from '../../src/cli/commands/rollback.ts';
import { statusCommand } from '../../src/cli/commands/status.ts';
import { testCommand } from '../../src/cli/commands/test.ts';
import { uninstallCommand } from '../../src/cli/commands/uninstall.ts';
import { upgradeCommand } from '../../src/cli/commands/upgrade.ts';
import { testIo } from '../cli/support.ts';

interface KnownCommand {
  readonly aliases: readonly string[];
  /** `-o, --output format`; no type for switches. */
  readonly flags: readonly string[];
}

const KNOWN = JSON.parse(readFileSync(new URL('helm-release-commands.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, KnownCommand>
>;

/** Flags that mean the same but are written otherwise: a switch in Helm that here also takes a mode. */
const ANOTHER_KIND: ReadonlySet<string> = new Set([
  // `--server-side=false` is a mode for every command here, as it is for upgrade and rollback there.
  'install --server-side',
  // `--dry-run=client|server` is taken for uninstall too.
  'uninstall --dry-run',
]);

const { io } = testIo();
const COMMANDS: readonly Command[] = [
  getCommand(io),
  historyCommand(io),
  installCommand(io),
  listCommand(io),
  rollbackCommand(io),
  statusCommand(io),
  testCommand(io),
  uninstallCommand(io),
  upgradeCommand(io),
];

function find(path: string): Command {
  let commands = COMMANDS;
  let found: Command | undefined;
  for (const name of path.split(' ')) {
    found = commands.find((each) => each.name() === name);
    commands = found?.commands ?? [];
  }
  if (found === undefined) throw new Error(`there is no command ${path}`);
  return found;
}

describe('release commands know every flag of Helm', () => {
  for (const [path, known] of Object.entries(KNOWN)) {
    test(path, () => {
      const command = find(path);
      expect(command.aliases()).toEqual(expect.arrayContaining([...known.aliases]));
      const missing: string[] = [];
      for (const text of known.flags) {
        const [names = '', type] = text.replace(', ', '+').split(' ');
        const [first = '', second] = names.split('+');
        const long = second ?? first;
        const option = command.options.find((each) => each.long === long || each.long === `--no-${long.slice(2)}`);
        const isSwitch = option !== undefined && !option.required && !option.optional;
        const wrongKind = option !== undefined && isSwitch !== (type === undefined);
        if (
          option === undefined ||
          (second !== undefined && option.short !== first) ||
          (wrongKind && !ANOTHER_KIND.has(`${path} ${long}`))
        ) {
          missing.push(text);
        }
      }
      expect(missing).toEqual([]);
    });
  }
});
