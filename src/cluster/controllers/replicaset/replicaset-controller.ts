import type { LabelSelector } from '../../../kube/api/meta-v1.generated.ts';
import { labelSelectorMatcher } from '../../../kube/labels.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import type { Component, ComponentContext, InformerFactory } from '../../machinery/interfaces.ts';
import { createReplicaController } from './replica-controller.ts';

/** Creates and deletes pods until each ReplicaSet has as many as it wants. */
export function createReplicaSetController(context: ComponentContext, informers: InformerFactory): Component {
  return createReplicaController(context, informers, {
    type: RESOURCES.replicaSets,
    component: 'replicaset-controller',
    countsTerminating: true,
    matcher: (owner) => labelSelectorMatcher(owner.spec?.selector as LabelSelector | undefined),
  });
}
