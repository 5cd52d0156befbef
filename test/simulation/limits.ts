/** How many pods a rolling update may add and miss; worked out anew here, since it is what is checked. */
export function resolveLimits(
  update:
    | { readonly maxSurge?: number | string | undefined; readonly maxUnavailable?: number | string | undefined }
    | undefined,
  replicas: number,
): { readonly maxSurge: number; readonly maxUnavailable: number } {
  const maxSurge = amount(update?.maxSurge ?? '25%', replicas, Math.ceil);
  const maxUnavailable = amount(update?.maxUnavailable ?? '25%', replicas, Math.floor);
  return { maxSurge, maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable };
}

function amount(value: number | string, replicas: number, round: (value: number) => number): number {
  return typeof value === 'number' ? value : round((Number.parseInt(value, 10) * replicas) / 100);
}
