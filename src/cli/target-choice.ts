/** Which cluster the user asked for. */
export type TargetChoice =
  | { readonly kind: 'embedded'; readonly name: string }
  | {
      readonly kind: 'kubeconfig';
      readonly path: string | undefined;
      readonly context: string | undefined;
      readonly asked: string;
    };
