import type { Component, ComponentContext, InformerFactory } from '../machinery/interfaces.ts';
import { createCronJobController } from './cronjob/cron-job-controller.ts';
import { createDaemonSetController } from './daemonset/daemon-set-controller.ts';
import { createJobController } from './job/job-controller.ts';
import { createNodeIpamController } from './node-ipam/node-ipam-controller.ts';
import { createNodeLifecycleController } from './node-lifecycle/node-lifecycle-controller.ts';
import { createTaintEvictionController } from './node-lifecycle/taint-eviction-controller.ts';
import { createStatefulSetController } from './statefulset/stateful-set-controller.ts';
import { createTtlAfterFinishedController } from './ttl-after-finished/ttl-after-finished-controller.ts';
import { createAttachDetachController } from './volumes/attach-detach-controller.ts';
import { createCsiNodeController } from './volumes/csi-nodes.ts';
import { createEphemeralVolumeController } from './volumes/ephemeral-volumes.ts';
import { createVolumeController } from './volumes/volume-controller.ts';
import { createClaimProtectionController, createVolumeProtectionController } from './volumes/volume-protection.ts';

/** Controllers of Jobs, CronJobs, StatefulSets, DaemonSets, storage and nodes. */
export function workloadControllers(context: ComponentContext, informers: InformerFactory): Component[] {
  return [
    createJobController(context, informers),
    createCronJobController(context, informers),
    createTtlAfterFinishedController(context, informers),
    createStatefulSetController(context, informers),
    createDaemonSetController(context, informers),
    createVolumeController(context, informers),
    createCsiNodeController(context, informers),
    createAttachDetachController(context, informers),
    createEphemeralVolumeController(context, informers),
    createClaimProtectionController(context, informers),
    createVolumeProtectionController(context, informers),
    createNodeIpamController(context, informers),
    createNodeLifecycleController(context, informers),
    createTaintEvictionController(context, informers),
  ];
}
