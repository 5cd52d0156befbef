import type { Command } from 'commander';

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
    .option('-f, --values <file>', 'specify values in a YAML file or a URL (can specify multiple)', collectList)
    .option(
      '--set <pair>',
      'set values on the command line (can specify multiple or separate values with commas: key1=val1,key2=val2)',
      collect,
    )
    .option('--set-string <pair>', 'set STRING values on the command line', collect)
    .option('--set-file <pair>', 'set values from respective files specified via the command line', collect)
    .option('--set-json <json>', 'set JSON values on the command line', collect)
    .option('--set-literal <pair>', 'set a literal STRING value on the command line', collect);
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

/** How a chart is rendered. */
export function addRenderFlags(command: Command): Command {
  return command
    .option('--version <constraint>', 'specify a version constraint for the chart version to use')
    .option('--skip-schema-validation', 'if set, disables JSON schema validation')
    .option('--render-subchart-notes', 'if set, render subchart notes along with the parent')
    .option('--dependency-update', 'update dependencies if they are missing before installing the chart');
}

export interface RenderFlags {
  readonly version?: string;
  readonly skipSchemaValidation?: boolean;
  readonly renderSubchartNotes?: boolean;
  readonly dependencyUpdate?: boolean;
}

/** How install and upgrade find and render a chart, besides {@link addRenderFlags}. */
export function addInstallRenderFlags(command: Command): Command {
  command
    .option('--enable-dns', 'enable DNS lookups when rendering templates')
    .option('--hide-secret', 'hide Kubernetes Secrets when also using the --dry-run flag')
    .option('--disable-openapi-validation', 'do not refuse objects with fields that their kind does not have')
    .option(
      '--crds <policy>',
      'definitions in crds/: skip, create those that are missing, or create-replace; install creates, upgrade skips',
    )
    .option('--post-renderer <program>', 'a program that reads the manifests and writes those to install', collect)
    .option('--post-renderer-args <argument>', 'an argument to the post-renderer (can specify multiple)', collect)
    .option('--devel', 'use development versions, too; of no effect on charts on disk')
    .option('--repo <url>', 'chart repository url where to locate the requested chart')
    .option('--verify', 'verify the package before using it');
  // Helm takes these with every chart; they matter for charts that are fetched.
  for (const name of ['username <name>', 'password <text>', 'cert-file <file>', 'key-file <file>', 'ca-file <file>']) {
    command.option(`--${name}`, 'for fetching the chart; of no effect on charts on disk');
  }
  for (const name of ['insecure-skip-tls-verify', 'plain-http', 'pass-credentials']) {
    command.option(`--${name}`, 'for fetching the chart; of no effect on charts on disk');
  }
  return command.option('--keyring <file>', 'location of public keys used for verification');
}

/** What {@link addInstallRenderFlags} gives, as far as it matters for charts on disk. */
export interface InstallRenderFlags {
  readonly enableDns?: boolean;
  readonly hideSecret?: boolean;
  readonly disableOpenapiValidation?: boolean;
  readonly crds?: string;
  readonly postRenderer?: readonly string[];
  readonly postRendererArgs?: readonly string[];
  readonly repo?: string;
  readonly verify?: boolean;
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
export function addOperationFlags(command: Command, serverSideDefault: string): Command {
  return addConcurrencyFlags(command)
    .option(
      '--timeout <duration>',
      'time to wait for any individual Kubernetes operation (like Jobs for hooks)',
      '5m0s',
    )
    .option(
      '--wait [strategy]',
      'wait until resources are ready: watcher, hookOnly or legacy; --wait alone means watcher',
    )
    .option('--wait-for-jobs', 'if set and --wait enabled, will wait until all Jobs have been completed')
    .option('--fail-fast', 'end a wait as soon as an object has failed or a pod will not become ready')
    .option('--fail-fast-after <duration>', 'how long a pod may be stuck before --fail-fast gives up; default 1m')
    .option('--no-hooks', 'prevent hooks from running')
    .option(
      '--server-side <when>',
      'object updates run in the server instead of the client: true, false or auto',
      serverSideDefault,
    )
    .option('--force-conflicts', 'if set server-side apply will force changes against conflicts')
    .option('--force-replace', 'force resource updates by replacement')
    .option('--force', 'deprecated: use --force-replace');
}

export interface OperationFlags extends ConcurrencyFlags {
  readonly timeout: string;
  readonly wait?: string;
  readonly waitForJobs?: boolean;
  readonly failFast?: boolean;
  readonly failFastAfter?: string;
  readonly hooks: boolean;
  readonly serverSide: string;
  readonly forceConflicts?: boolean;
  readonly forceReplace?: boolean;
  readonly force?: boolean;
}

/** `-o`. */
export function addOutputFlag(command: Command): Command {
  return command.option(
    '-o, --output <format>',
    'prints the output in the specified format. Allowed values: table, json, yaml',
    'table',
  );
}

/** Names of the flags without a value, of a command and all below it. */
export function switchesOf(command: Command): Set<string> {
  const out = new Set<string>();
  const visit = (each: Command): void => {
    for (const option of each.options) {
      if (!option.required && !option.optional && option.long !== undefined && option.long !== null) {
        out.add(option.long);
        if (option.short !== undefined && option.short !== null) out.add(option.short);
      }
    }
    for (const child of each.commands) visit(child);
  };
  visit(command);
  return out;
}
