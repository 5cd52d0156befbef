import { equalityMatcher, type LabelMatcher, type Labels, matchesNothing } from '../../../kube/labels.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import type { Component, ComponentContext, InformerFactory } from '../../machinery/interfaces.ts';
import { createReplicaController } from '../replicaset/replica-controller.ts';
import type { ReplicaOwner } from '../replicaset/replica-owner.ts';

/** Creates and deletes pods until each ReplicationController has as many as it wants. */
export function createReplicationController(context: ComponentContext, informers: InformerFactory): Component {
  return createReplicaController(context, informers, {
    type: RESOURCES.replicationControllers,
    component: 'replication-controller',
    countsTerminating: false,
    matcher,
  });
}

function matcher(owner: ReplicaOwner): LabelMatcher {
  const selector = owner.spec?.selector as Labels | undefined;
  return selector === undefined || Object.keys(selector).length === 0 ? matchesNothing : equalityMatcher(selector);
}
