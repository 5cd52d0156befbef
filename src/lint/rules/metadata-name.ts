import { goQuote } from '../../base/go-quote.ts';
import { isPathSegmentName, nameIsDns1035Label, nameIsDnsLabel, nameIsDnsSubdomain } from '../../kube/names.ts';
import type { ManifestHead } from '../manifest-head.ts';

/** The name of an object must be one that the API takes. helm: rules/template.go (validateMetadataName). */
export function metadataNameFault({ kind, name }: ManifestHead): string | undefined {
  const faults = [...new Set(rule(kind.toLowerCase())(name))].map(
    (fault) => `metadata.name: Invalid value: ${goQuote(name)}: ${fault}`,
  );
  if (faults.length === 0) return undefined;
  const text = faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`;
  return `object name does not conform to Kubernetes naming requirements: ${goQuote(name)}: ${text ?? ''}`;
}

function rule(kind: string): (name: string) => string[] {
  switch (kind) {
    case 'service':
      return nameIsDns1035Label;
    case 'namespace':
      return nameIsDnsLabel;
    case 'certificatesigningrequest':
      return () => [];
    case 'role':
    case 'clusterrole':
    case 'rolebinding':
    case 'clusterrolebinding':
      return isPathSegmentName;
    default:
      return nameIsDnsSubdomain;
  }
}
