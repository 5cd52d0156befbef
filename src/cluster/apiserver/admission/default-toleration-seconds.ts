import type { Pod, Toleration } from '../../../kube/api/core-v1.generated.ts';
import type { Edit } from '../../registry/wire.ts';
import type { AdmissionPlugin } from './plugin.ts';

const SECONDS = 300;
const TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/**
 * Pods stay five minutes on nodes that are not ready, unless they say otherwise.
 * kubernetes: plugin/pkg/admission/defaulttolerationseconds/admission.go
 */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  resources: ['/pods'],
  admit({ operation, subresource, draft }) {
    if (operation !== 'CREATE' || subresource !== '' || draft === undefined) return;
    const pod = draft as unknown as Edit<Pod>;
    const spec = (pod.spec ??= {});
    const tolerations = [...(spec.tolerations ?? [])];
    for (const key of TAINTS) {
      if (tolerations.some((each) => tolerates(each, key))) continue;
      tolerations.push({ effect: 'NoExecute', key, operator: 'Exists', tolerationSeconds: SECONDS });
    }
    spec.tolerations = tolerations;
  },
};

function tolerates({ key = '', effect = '' }: Edit<Toleration>, taint: string): boolean {
  return (key === '' || key === taint) && (effect === '' || effect === 'NoExecute');
}
