import { type Command, Option } from 'commander';
import { DRY_RUN_ALONE } from './dry-run-flag.ts';
import { addFetchFlags, type FetchFlags } from './fetch-flags.ts';
import type { Io } from './io.ts';

/** Collects a flag that may be given several times. */
export function collect(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

/** Collects a flag that may be given several times or hold a list parted by commas. */
export function collectList(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), ...value.split(',')];
}

/** `-f`, `--set` and their family. */
export function addValueFlags(command: Command): Command {
  return command
    .option('-f, --values <file>', 'a file with values; may be given several times, later ones win', collectList)
    .option('--set <pair>', 'a value, or several parted by commas: a=1,b.c=2', collect)
    .option('--set-string <pair>', 'a value that stays a text', collect)
    .option('--set-file <pair>', 'a value read from a file: key=path', collect)
    .option('--set-json <json>', 'a value in JSON: key=json, or a whole object', collect)
    .option('--set-literal <pair>', 'a text, taken as it is to its last character', collect);
}

/** What {@link addValueFlags} gives. */
export interface ValueFlags {
  readonly values?: readonly string[];
  readonly set?: readonly string[];
  readonly setString?: readonly string[];
  readonly setFile?: readonly string[];
  readonly setJson?: readonly string[];
  readonly setLiteral?: readonly string[];
}

/** What templates may take and reach. */
export function addLimitFlags(command: Command): Command {
  return command
    .option('--max-steps <number>', 'loop iterations and template calls that a template may take; default 100000000')
    .option('--max-output <size>', 'characters that a template may write, such as 500k or 64M; default 256M')
    .option('--max-include-depth <number>', 'includes of one name inside of each other; default 1000')
    .option('--allow-remote-schemas', 'read schemas from the network that values.schema.json refers to');
}

/** What {@link addLimitFlags} gives. */
export interface LimitFlags {
  readonly maxSteps?: string;
  readonly maxOutput?: string;
  readonly maxIncludeDepth?: string;
  readonly allowRemoteSchemas?: boolean;
}

/** The programs that manifests go through. */
export function addPostRenderFlags(command: Command): Command {
  return command
    .option(
      '--post-renderer <program>',
      'a program that reads the manifests and writes those to use; several are run one after the other',
      collect,
    )
    .option('--post-renderer-args <argument>', 'an argument for the post-renderer before it', collect);
}

/** What {@link addPostRenderFlags} gives. */
export interface PostRenderFlags {
  readonly postRenderer?: readonly string[];
  readonly postRendererArgs?: readonly string[];
}

/** How a chart is rendered. */
export function addRenderFlags(command: Command): Command {
  return addLimitFlags(command)
    .option('--version <constraint>', 'the version of the chart, for charts of a repository')
    .option('--skip-schema-validation', 'do not check values against values.schema.json')
    .option('--render-subchart-notes', 'with the notes of subcharts')
    .option('--dependency-update', 'first bring dependencies that are missing');
}

export interface RenderFlags extends LimitFlags {
  readonly version?: string;
  readonly skipSchemaValidation?: boolean;
  readonly renderSubchartNotes?: boolean;
  readonly dependencyUpdate?: boolean;
}

/** How install and upgrade find and render a chart, besides {@link addRenderFlags}. */
export function addInstallRenderFlags(command: Command): Command {
  addPostRenderFlags(command)
    .option('--enable-dns', 'let templates look up host names')
    .option('--hide-secret', 'with --dry-run: leave out what Secrets hold')
    .option('--disable-openapi-validation', 'do not refuse objects with fields that their kind does not have')
    .option(
      '--crds <policy>',
      'definitions in crds/: skip, create those that are missing, or create-replace; install creates, upgrade skips',
    );
  return addFetchFlags(command, ['devel', 'pass-credentials', 'repo']);
}

/** What {@link addInstallRenderFlags} gives. */
export interface InstallRenderFlags extends PostRenderFlags, FetchFlags {
  readonly enableDns?: boolean;
  readonly hideSecret?: boolean;
  readonly disableOpenapiValidation?: boolean;
  readonly crds?: string;
}

/** How a command deals with others on the same release. */
export function addConcurrencyFlags(command: Command): Command {
  return command
    .option(
      '--on-interrupted <policy>',
      'what becomes of an operation whose client died: rollback (the default when it was atomic), resume (else) or fail',
    )
    .option('--lock-timeout <duration>', 'how long to wait for another operation on the release; default: not at all');
}

/** What {@link addConcurrencyFlags} gives. */
export interface ConcurrencyFlags {
  readonly onInterrupted?: string;
  readonly lockTimeout?: string;
}

/** How objects are applied and waited for; install, upgrade and rollback share them. */
export function addOperationFlags(io: Io, command: Command): Command {
  deprecate(io, command, 'force', '--force-replace');
  return addConcurrencyFlags(command)
    .option('--timeout <duration>', 'how long to wait for objects and hooks', '5m0s')
    .addOption(waitOption('wait until the objects are ready: watcher, hookOnly or legacy; --wait alone means watcher'))
    .option('--wait-for-jobs', 'with --wait: until Jobs have completed too')
    .option('--fail-fast', 'end a wait as soon as an object has failed or a pod will not become ready')
    .option('--fail-fast-after <duration>', 'how long a pod may be stuck before --fail-fast gives up; default 1m')
    .option('--readiness <file>', 'rules that say when objects of other kinds are ready')
    .option('--no-hooks', 'run no hooks')
    .option('--force-conflicts', 'take fields over that other managers own')
    .option('--force-replace', 'replace objects, and make those anew that cannot be changed')
    .option('--force', 'deprecated: use --force-replace');
}

/** `--server-side` of commands on a release that is there. */
export function addServerSideFlag(command: Command): Command {
  return command.option(
    '--server-side <when>',
    'apply in the server: true, false, or auto (as the release was applied before)',
    'auto',
  );
}

/** `--wait[=strategy]`. */
export function waitOption(description: string): Option {
  return new Option('--wait [strategy]', description).preset('watcher');
}

/** `--dry-run[=mode]`. */
export function dryRunOption(description: string): Option {
  return new Option('--dry-run [mode]', description).preset(DRY_RUN_ALONE);
}

/** `--rollback-on-failure` and its old name. */
export function addAtomicFlags(io: Io, command: Command, description: string): Command {
  deprecate(io, command, 'atomic', '--rollback-on-failure');
  return command
    .option('--rollback-on-failure', description)
    .option('--atomic', 'deprecated: use --rollback-on-failure');
}

/** Tells once that a flag has been deprecated, when it is given. */
export function deprecate(io: Io, command: Command, flag: string, instead: string): void {
  let told = false;
  command.on(`option:${flag}`, () => {
    if (!told) io.stderr(`Flag --${flag} has been deprecated, use ${instead} instead\n`);
    told = true;
  });
}

export interface OperationFlags extends ConcurrencyFlags {
  readonly timeout: string;
  readonly wait?: string;
  readonly waitForJobs?: boolean;
  readonly failFast?: boolean;
  readonly failFastAfter?: string;
  readonly readiness?: string;
  readonly hooks: boolean;
  readonly serverSide: string;
  readonly forceConflicts?: boolean;
  readonly forceReplace?: boolean;
  readonly force?: boolean;
}

/** `-o`. */
export function addOutputFlag(command: Command): Command {
  return command.option('-o, --output <format>', 'table, json or yaml', 'table');
}
