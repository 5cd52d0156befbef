import { compareStrings } from '../base/json.ts';
import { compareKinds, installOrder } from '../kube/resource-order.ts';
import { readHead, type ManifestHead } from './manifest-head.ts';
import { isPartial } from './renderables.ts';
import { splitManifests } from '../yaml/split.ts';
import { isBlank, trimSpace } from './trim-space.ts';

/** One rendered document that is no hook. */
export interface RenderedManifest {
  /** The template it comes from: `web/templates/service.yaml`. */
  readonly name: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly content: string;
  readonly head: ManifestHead;
}

/** A hook in the shape of a release record. */
export interface Hook {
  readonly name: string;
  readonly kind: string;
  readonly path: string;
  readonly manifest: string;
  readonly events: readonly string[];
  readonly last_run: { readonly phase: string };
  readonly weight?: number;
  readonly delete_policies?: readonly string[];
  readonly output_log_policies?: readonly string[];
}

const EVENTS: ReadonlyMap<string, string> = new Map([
  ...[
    'pre-install',
    'post-install',
    'pre-delete',
    'post-delete',
    'pre-upgrade',
    'post-upgrade',
    'pre-rollback',
    'post-rollback',
    'test',
  ].map((event): [string, string] => [event, event]),
  // As Helm 2 called it.
  ['test-success', 'test'],
]);

const HOOK = 'helm.sh/hook';

/** An object that is left out, for nobody knows when it is to be run. */
export interface SkippedHook {
  readonly kind: string;
  readonly name: string;
  /** The value of `helm.sh/hook`. */
  readonly hookTypes: string;
}

/**
 * Rendered files as manifests and hooks in the order of installation. Hooks of unknown events are left out: `skipped` has
 * what they asked for.
 * helm: release/v1/util.SortManifests. Throws PintleError `manifest-invalid`.
 */
export function sortManifests(files: ReadonlyMap<string, string>): {
  manifests: RenderedManifest[];
  hooks: Hook[];
  skipped: SkippedHook[];
} {
  const manifests: RenderedManifest[] = [];
  const hooks: Hook[] = [];
  const skipped: SkippedHook[] = [];
  for (const name of [...files.keys()].sort(compareStrings)) {
    const text = files.get(name) ?? '';
    if (isPartial(name) || isBlank(text)) continue;
    for (const content of splitManifests(text)) {
      const head = readHead(name, content);
      if (!Object.hasOwn(head.annotations, HOOK)) {
        manifests.push({ name, apiVersion: head.apiVersion, kind: head.kind, content, head });
        continue;
      }
      const hook = makeHook(name, content, head);
      if (hook === undefined)
        skipped.push({ name: head.name, kind: head.kind, hookTypes: head.annotations[HOOK] ?? '' });
      else hooks.push(hook);
    }
  }
  const byKind = (a: { kind: string }, b: { kind: string }): number => compareKinds(a.kind, b.kind, installOrder);
  return { manifests: manifests.sort(byKind), hooks: hooks.sort(byKind), skipped };
}

function makeHook(path: string, manifest: string, head: ManifestHead): Hook | undefined {
  const { annotations } = head;
  const events: string[] = [];
  for (const word of words(annotations[HOOK] ?? '')) {
    const event = EVENTS.get(word);
    if (event === undefined) return undefined;
    events.push(event);
  }
  const weight = parseWeight(annotations['helm.sh/hook-weight'] ?? '');
  const deletePolicies = annotations['helm.sh/hook-delete-policy'];
  const logPolicies = annotations['helm.sh/hook-output-log-policy'];
  return {
    name: head.name,
    kind: head.kind,
    path,
    manifest,
    events,
    last_run: { phase: '' },
    ...(weight === 0 ? {} : { weight }),
    ...(deletePolicies === undefined ? {} : { delete_policies: words(deletePolicies) }),
    ...(logPolicies === undefined ? {} : { output_log_policies: words(logPolicies) }),
  };
}

function words(list: string): string[] {
  return list.split(',').map((word) => trimSpace(word).toLowerCase());
}

/** Go's strconv.Atoi, 0 for what is no number. */
function parseWeight(text: string): number {
  return /^[+-]?[0-9]+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : 0;
}
