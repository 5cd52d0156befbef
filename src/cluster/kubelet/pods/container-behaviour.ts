import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import { type ImageBehaviour, mergeBehaviours } from '../images/behaviour.ts';
import { parseBehaviour } from '../images/read-behaviour.ts';

/** Annotations of pods that say what a container does: `pintle.dev/behaviour.CONTAINER`, or `pintle.dev/behaviour` for all. */
const BEHAVIOUR_ANNOTATION = 'pintle.dev/behaviour';

/** What a container of a pod does. */
export interface ContainerBehaviour {
  readonly behaviour: ImageBehaviour;
  /** The pod says itself how the container ends or runs. */
  readonly forced: boolean;
  /** The pod's word has cases. */
  readonly forcedCases: boolean;
  /** What is wrong with the annotation. */
  readonly faults: readonly string[];
}

/** The image's behaviour with the pod's annotations over it. */
export function containerBehaviour(pod: Pod, container: string, image: ImageBehaviour): ContainerBehaviour {
  const { annotations } = pod.metadata;
  let behaviour = image;
  let forced = false;
  let forcedCases = false;
  const faults: string[] = [];
  if (annotations === undefined) return { behaviour, forced, forcedCases, faults };
  for (const key of [BEHAVIOUR_ANNOTATION, `${BEHAVIOUR_ANNOTATION}.${container}`]) {
    const text = Object.hasOwn(annotations, key) ? annotations[key] : undefined;
    if (text === undefined) continue;
    const read = parseBehaviour(text);
    faults.push(...read.faults.map((fault) => `annotation ${key}: ${fault}`));
    behaviour = mergeBehaviours(behaviour, read.behaviour);
    forced ||= decides(read.behaviour);
    forcedCases ||= read.behaviour.cases !== undefined;
  }
  return { behaviour, forced, forcedCases, faults };
}

function decides({ entrypoint, runs }: ImageBehaviour): boolean {
  return entrypoint !== undefined || runs?.some(decides) === true;
}
