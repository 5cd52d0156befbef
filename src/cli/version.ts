/** Pintle's version; a test holds it to package.json. */
export const VERSION = '0.1.0';

/** The Helm whose behaviour is followed. */
export const HELM_VERSION = 'v4.1.4';

/** The Kubernetes that is simulated. */
export const KUBERNETES_VERSION = 'v1.35.2';
