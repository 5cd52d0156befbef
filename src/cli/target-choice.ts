import type { AccessOverrides } from '../client/http/override-access.ts';

/** Beside the store of an embedded cluster while a process serves it. */
export const SERVER_FILE = 'server.json';

/** Which cluster the user asked for. */
export type TargetChoice =
  | { readonly kind: 'embedded'; readonly name: string }
  | {
      readonly kind: 'kubeconfig';
      readonly path: string | undefined;
      readonly context: string | undefined;
      readonly asked: string;
      /** What flags and variables say besides. */
      readonly overrides?: AccessOverrides | undefined;
    };
