import { realTools } from './real-tools.ts';

/** Unpacks the real tools before the test files start, so that they do not race for it. */
export default function setup(): void {
  realTools();
}
