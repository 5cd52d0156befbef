import { parseUrl } from '../../../base/go-url.ts';
import type { CustomResourceDefinition } from '../../../kube/api/apiextensions-v1.generated.ts';
import type { Faults } from '../faults.ts';
import type { Loose } from '../wire.ts';

type Definition = Loose<CustomResourceDefinition>;
type State = 'missing' | 'bypassed' | 'approved' | 'invalid';

const ANNOTATION = 'api-approved.kubernetes.io';
const POLICY = 'see https://github.com/kubernetes/enhancements/pull/1111';

/** Groups of Kubernetes itself need an approval. apiextensions: validateAPIApproval */
export function checkApproval(definition: Definition, old: Definition | undefined, faults: Faults): void {
  const group = definition.spec?.group ?? '';
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(group)) return;
  const state = stateOf(definition);
  if (old !== undefined && stateOf(old) === state) return;
  const path = `metadata.annotations[${ANNOTATION}]`;
  const needed = `protected groups must have approval annotation "${ANNOTATION}"`;
  if (state === 'missing') faults.required(path, `${needed}, ${POLICY}`);
  else if (state === 'invalid') {
    const detail = `${needed} with either a URL or a reason starting with "unapproved", ${POLICY}`;
    faults.invalid(path, approvalOf(definition), detail);
  }
}

function approvalOf({ metadata }: Definition): string {
  return metadata?.annotations?.[ANNOTATION] ?? '';
}

function stateOf(definition: Definition): State {
  const text = approvalOf(definition);
  if (text === '') return 'missing';
  if (text.startsWith('unapproved')) return 'bypassed';
  try {
    const { host, scheme } = parseUrl(text);
    return host !== '' && scheme !== '' ? 'approved' : 'invalid';
  } catch {
    return 'invalid';
  }
}
