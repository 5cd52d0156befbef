/** True for resources that are not Kubernetes' own: `nvidia.com/gpu`. kubernetes: pkg/apis/core/v1/helper IsExtendedResourceName */
export function isExtended(name: string): boolean {
  return name.includes('/') && !name.includes('kubernetes.io/') && !name.startsWith('requests.');
}

/** True for resources that come in whole pieces: extended ones, huge pages and the like. kubernetes: IsScalarResourceName */
export function isScalar(name: string): boolean {
  return (
    (name.includes('/') && !name.startsWith('requests.')) ||
    name.startsWith('hugepages-') ||
    name.startsWith('attachable-volumes-')
  );
}
