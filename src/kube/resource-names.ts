/*
 * What the names of resources tell. kubernetes: pkg/apis/core/v1/helper/helpers.go
 */

const NATIVE_DOMAIN = 'kubernetes.io/';

/** `hugepages-2Mi` and its like. */
export function isHugePages(name: string): boolean {
  return name.startsWith('hugepages-');
}

/** No prefix, or one of Kubernetes' own. */
export function isNativeResource(name: string): boolean {
  return !name.includes('/') || name.includes(NATIVE_DOMAIN);
}

/** True for resources that are not Kubernetes' own: `nvidia.com/gpu`. */
export function isExtendedResource(name: string): boolean {
  return !isNativeResource(name) && !name.startsWith('requests.');
}

/** True for resources that come in whole pieces: extended ones, huge pages and the like. */
export function isScalarResource(name: string): boolean {
  return (
    (name.includes('/') && !name.startsWith('requests.')) || isHugePages(name) || name.startsWith('attachable-volumes-')
  );
}
