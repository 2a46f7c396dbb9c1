/** What both sides of node.test.ts have to agree on. */

/** Where the guest has the kubelet, the image of the agent, and a driver. */
export const NODE_AT = '/run/node-programs';
/** As values of the chart and Kubernetes have it. */
export const NRI_SOCKET = '/var/run/nri/nri.sock';
/** Its program, by the name that containers call it. */
export const JOB = '/bin/busybox-job';
export const BUSYBOX_IMAGE = 'ringfence.test/busybox:1';

/** In the environment of inside.ts: `NodeOfGuest` as JSON. */
export const NODE_VARIABLE = 'RINGFENCE_NODE_OF_GUEST';
export type NodeOfGuest = {
  readonly name: string;
  readonly address: string;
  readonly kubeconfig: string;
};
