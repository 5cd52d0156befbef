import { decodeUtf8 } from '../base/go-string.ts';
import type { CustomResourceFile } from '../chart/crds.ts';
import type { RenderedManifest } from './sort-manifests.ts';

/** What a text of manifests holds. */
export interface ManifestTextOptions {
  /** The files of `crds/` first (`--include-crds`). */
  readonly includeCrds?: boolean;
  /** Secrets without their content (`--hide-secret`). */
  readonly hideSecrets?: boolean;
}

/** Manifests one behind the other with their `# Source:` lines. helm: pkg/action/action.go, renderResources. */
export function manifestText(
  {
    manifests,
    crds,
  }: { readonly manifests: readonly RenderedManifest[]; readonly crds: readonly CustomResourceFile[] },
  { includeCrds = false, hideSecrets = false }: ManifestTextOptions,
): string {
  let text = '';
  if (includeCrds) for (const crd of crds) text += `---\n# Source: ${crd.filename}\n${decodeUtf8(crd.data)}\n`;
  for (const { name, kind, apiVersion, content } of manifests) {
    const hidden = hideSecrets && kind === 'Secret' && apiVersion === 'v1';
    text += `---\n# Source: ${name}\n${hidden ? '# HIDDEN: The Secret output has been suppressed' : content}\n`;
  }
  return text;
}
