/** A Kubernetes version as `.Capabilities.KubeVersion` shows it. */
export interface KubeVersion {
  /** As given, with a leading `v`: `v1.33.4-gke.1245000`. */
  readonly version: string;
  /** What constraints are checked with: `v1.33.4`. Default: {@link version}. */
  readonly normalized?: string;
  readonly major: string;
  readonly minor: string;
}

/** What a cluster can do, as templates see it. */
export interface Capabilities {
  readonly kubeVersion: KubeVersion;
  /** Groups and versions (`apps/v1`), with a cluster at hand kinds too (`apps/v1/Deployment`). */
  readonly apiVersions: readonly string[];
  readonly helmVersion: HelmVersion;
}

/** The build of Helm that templates see. */
interface HelmVersion {
  readonly version: string;
  readonly gitCommit: string;
  readonly gitTreeState: string;
  readonly goVersion: string;
  readonly kubeClientVersion: string;
}

/** The build that renders are compared with; charts test `.Capabilities.HelmVersion.Version`. */
const HELM_VERSION: HelmVersion = {
  version: 'v4.1.4',
  gitCommit: '05fa37973dc9e42b76e1d2883494c87174b6074f',
  gitTreeState: 'clean',
  goVersion: 'go1.25.9',
  kubeClientVersion: 'v1.35',
};

const KUBE_VERSION: KubeVersion = { version: 'v1.35.0', major: '1', minor: '35' };

/** The versions that client-go 0.35 knows, in the order of its scheme. */
const API_VERSIONS: readonly (readonly [string, string])[] = [
  ['', 'v1'],
  ['admissionregistration.k8s.io', 'v1 v1alpha1 v1beta1'],
  ['internal.apiserver.k8s.io', 'v1alpha1'],
  ['apps', 'v1 v1beta1 v1beta2'],
  ['authentication.k8s.io', 'v1 v1alpha1 v1beta1'],
  ['authorization.k8s.io', 'v1 v1beta1'],
  ['autoscaling', 'v1 v2 v2beta1 v2beta2'],
  ['batch', 'v1 v1beta1'],
  ['certificates.k8s.io', 'v1 v1beta1 v1alpha1'],
  ['coordination.k8s.io', 'v1alpha2 v1beta1 v1'],
  ['discovery.k8s.io', 'v1 v1beta1'],
  ['events.k8s.io', 'v1 v1beta1'],
  ['extensions', 'v1beta1'],
  ['flowcontrol.apiserver.k8s.io', 'v1 v1beta1 v1beta2 v1beta3'],
  ['networking.k8s.io', 'v1 v1beta1'],
  ['node.k8s.io', 'v1 v1alpha1 v1beta1'],
  ['policy', 'v1 v1beta1'],
  ['rbac.authorization.k8s.io', 'v1 v1beta1 v1alpha1'],
  ['resource.k8s.io', 'v1 v1beta2 v1beta1 v1alpha3'],
  ['scheduling.k8s.io', 'v1alpha1 v1beta1 v1'],
  ['storage.k8s.io', 'v1beta1 v1 v1alpha1'],
  ['storagemigration.k8s.io', 'v1beta1'],
  ['apiextensions.k8s.io', 'v1beta1 v1'],
];

/** What Helm assumes without a cluster: `helm template`. helm: pkg/chart/common/capabilities.go. */
export function defaultCapabilities(): Capabilities {
  const apiVersions = API_VERSIONS.flatMap(([group, versions]) =>
    versions.split(' ').map((version) => (group === '' ? version : `${group}/${version}`)),
  );
  return { kubeVersion: KUBE_VERSION, apiVersions, helmVersion: HELM_VERSION };
}

/**
 * The value of `--kube-version`. Throws an Error with the text of Kubernetes' parser.
 * kubernetes: apimachinery/pkg/util/version/version.go, ParseGeneric.
 */
export function parseKubeVersion(text: string): KubeVersion {
  const match = /^[\t\n\f\r ]*v?([0-9]+(?:\.[0-9]+)*)/.exec(text);
  if (match === null) throw new Error(`could not parse ${JSON.stringify(text)} as version`);
  const components = (match[1] ?? '').split('.');
  const [major = '', minor] = components;
  if (minor === undefined) throw new Error(`illegal version string ${JSON.stringify(text)}`);
  if (major.startsWith('0') && major !== '0') {
    throw new Error(`illegal zero-prefixed version component "${major}" in ${JSON.stringify(text)}`);
  }
  const numbers = components.map((component) => BigInt(component).toString());
  return {
    version: text.startsWith('v') ? text : `v${text}`,
    normalized: `v${numbers.join('.')}`,
    major: numbers[0] ?? '',
    minor: numbers[1] ?? '',
  };
}
