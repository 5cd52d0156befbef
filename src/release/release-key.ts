/** The name of a revision's record. helm: pkg/storage/storage.go (makeKey). */
export function releaseKey(name: string, revision: number): string {
  return `sh.helm.release.v1.${name}.v${revision}`;
}
