/** Absolute paths of the real programs that tests and benchmarks compare with. */
export interface RealTools {
  /** helm v4.1.4 */
  readonly helm: string;
  /** kubectl v1.35.2 */
  readonly kubectl: string;
}

export function realTools(): RealTools;
