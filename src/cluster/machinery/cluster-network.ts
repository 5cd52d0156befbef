/** The range that the addresses of Services are given out of. */
export const SERVICE_RANGE = '10.96.0.0/12';
/** Of the Service `default/kubernetes`: the API server. */
export const API_SERVICE_ADDRESS = '10.96.0.1';
/** Of the Service `kube-system/kube-dns`: what pods find in their resolv.conf. */
export const DNS_SERVICE_ADDRESS = '10.96.0.10';
/** Of the machine on which the control plane runs, with the DNS. */
export const CONTROL_PLANE_ADDRESS = '172.18.0.2';
