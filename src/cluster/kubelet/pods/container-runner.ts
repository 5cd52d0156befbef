import type { Timer } from '../../../base/clock.ts';
import type { LifecycleHandler } from '../../../kube/api/core-v1.generated.ts';
import type { Program } from '../process/program.ts';
import { type ProbeKind, ProbeRunner } from '../probes/probe-runner.ts';
import { messageOf } from '../../machinery/pod-control.ts';
import { containerBehaviour, type ContainerBehaviour } from './container-behaviour.ts';
import { subPathFault } from './container-mounts.ts';
import { ContainerImages } from './container-images.ts';
import type { ContainerRecord, Instance } from './container-record.ts';
import { ContainerStopper } from './container-stopper.ts';
import { makeEnvironment } from './environment.ts';
import { runHook } from './hooks.ts';
import { accountOf, madeSecret, makeSecret, REFUSED_CODE, servedSecrets, type MadeSecret } from './made-secret.ts';
import {
  expanded,
  newInstance,
  programOn,
  RELIST_MILLIS,
  type RunInput,
  type RunnerHost,
  surroundingsOf,
} from './runner-host.ts';
import { earlierWrites } from './restore.ts';
import { terminationMessage } from './termination-message.ts';

/** ms after which a container that could not be made is tried again. kubernetes: pkg/kubelet/kubelet.go syncFrequency */
const CONFIG_RETRY_MILLIS = 60_000;

/** Starts the containers of a pod, one at a time, and watches over them. kubernetes: pkg/kubelet/kuberuntime/kuberuntime_container.go */
export class ContainerRunner {
  readonly #host: RunnerHost;
  readonly #images: ContainerImages;
  readonly stopper: ContainerStopper;
  /** Containers that wait for something in the network. */
  readonly #waiting = new Set<ContainerRecord>();
  /** Containers whose answers depend on more than time. */
  readonly #watching = new Set<ContainerRecord>();
  #pulling: Timer | undefined;
  #starting: ContainerRecord | undefined;

  constructor(host: RunnerHost) {
    this.#host = host;
    this.#images = new ContainerImages(host.node, host.events);
    this.stopper = new ContainerStopper(host);
  }

  /** True while a container is on its way, and others have to wait. */
  get busy(): boolean {
    return this.#starting !== undefined;
  }

  /** Gives up on the container that is on its way. */
  abandon(): void {
    this.#pulling?.stop();
    this.#pulling = undefined;
    this.#starting = undefined;
  }

  /** Starts a container, or sets out to; where that cannot be done, its state says why. */
  start(record: ContainerRecord): void {
    const image = this.#images.find(record);
    if (image === undefined) return;
    const behaviour = containerBehaviour(this.#host.pod, record.name, image.behaviour);
    const outcome = this.#images.ensure(this.#host.pod, record, image, behaviour);
    if (outcome.kind === 'ready') this.#create(record, behaviour);
    else if (outcome.kind === 'failed') this.#retryPull(record);
    else if (outcome.millis === 0) this.#pulled(record, behaviour, outcome.done);
    else {
      this.#starting = record;
      this.#pulling = this.#host.node.clock.setTimer(outcome.millis, () =>
        this.#pulled(record, behaviour, outcome.done),
      );
    }
  }

  #pulled(record: ContainerRecord, behaviour: ContainerBehaviour, done: () => boolean): void {
    this.#starting = undefined;
    this.#pulling = undefined;
    try {
      if (done()) this.#create(record, behaviour);
    } finally {
      this.#host.wake();
    }
  }

  #retryPull(record: ContainerRecord): void {
    const { reason } = record.waiting ?? {};
    if (reason === 'ErrImagePull') this.#host.wakeAt(record.pullFailedAt + RELIST_MILLIS);
    if (reason === 'ImagePullBackOff') this.#host.wakeAt(record.pullAfter);
  }

  #create(record: ContainerRecord, { behaviour, forced, forcedCases, faults }: ContainerBehaviour): void {
    const { node, pod, podIP, events } = this.#host;
    for (const fault of faults) events.warning('InvalidBehaviour', fault, record);
    const container = record.spec;
    const environment = makeEnvironment({
      pod,
      container,
      view: node.view,
      podIP,
      hostIP: node.hostIP,
      allocatable: node.allocatable,
    });
    if (environment.fault !== undefined) {
      record.blocked = true;
      this.#host.wakeOn(environment.dependencies, () => {
        record.blocked = false;
      });
      record.waiting = { reason: 'CreateContainerConfigError', message: environment.fault };
      events.warning('Failed', `Error: ${environment.fault}`, record);
      return;
    }
    const misplaced = subPathFault(container, () => environment.env);
    if (misplaced !== undefined) {
      record.waiting = { reason: 'CreateContainerConfigError', message: misplaced };
      events.warning('Failed', `Error: ${misplaced}`, record);
      this.#host.wakeAt(node.clock.now() + CONFIG_RETRY_MILLIS);
      return;
    }
    const surroundings = surroundingsOf(this.#host, record, {
      env: () => environment.env,
      left: () => earlierWrites(this.#host, record),
    });
    const run = record.ended === undefined ? record.restarts : record.restarts + 1;
    const startedAt = node.clock.now();
    const input = {
      startedAt,
      container: expanded(container, surroundings),
      behaviour,
      forced,
      forcedCases,
      run,
      surroundings,
    };
    events.normal('Created', 'Container created', record);
    this.#begin(record, input);
  }

  #begin(record: ContainerRecord, input: RunInput): void {
    const { node, events, podIP } = this.#host;
    const now = node.clock.now();
    const program = programOn(node, input);
    const target = { container: input.container, program, surroundings: input.surroundings, podIP };
    const id = `containerd://${Buffer.from(node.random.bytes(32)).toString('hex')}`;
    const instance = newInstance(id, now, target);
    if (record.ended !== undefined) record.crash.next(record.ended.finishedAt, now);
    record.begin(instance);
    if (program.startError !== undefined) {
      const message = program.startError;
      record.end(program.exitCode, now, { reason: 'StartError', message });
      record.waiting = { reason: 'RunContainerError', message };
      events.warning('Failed', `Error: ${message}`, record);
      this.#host.wake();
      return;
    }
    events.normal('Started', 'Container started', record);
    this.resume(record, instance, input);
    node.usageChanged(program.behaviour);
    if (program.serves) this.#beginSecrets(record, target);
    const hook = record.spec.lifecycle?.postStart;
    if (hook !== undefined) this.#postStart(record, instance, hook);
  }

  /** Sets the timers of a run: those of a new one, or of one that was taken over from an earlier process. */
  resume(record: ContainerRecord, instance: Instance, input: RunInput): void {
    instance.input = input;
    this.#plan(record, instance);
    this.#probe(record, instance);
    this.#follow(record, instance);
  }

  /** Notes what of the network a run depends on. */
  #follow(record: ContainerRecord, { target: { program, surroundings } }: Instance): void {
    if (program.waitsForNetwork) this.#waiting.add(record);
    else this.#waiting.delete(record);
    const steady = program.behaviour.cases === undefined && surroundings.diskDelay === undefined;
    if (steady) this.#watching.delete(record);
    else this.#watching.add(record);
  }

  /** A running container has got other resources: its limit may or may not end it now. */
  resized(record: ContainerRecord): void {
    const { instance } = record;
    if (instance?.input === undefined) return;
    const input = { ...instance.input, container: { ...instance.input.container, resources: record.spec.resources } };
    instance.input = input;
    const before = instance.target.program;
    const program = programOn(this.#host.node, input);
    if (program.reason === 'OOMKilled' || before.reason === 'OOMKilled') this.#replace(record, instance, program);
    this.#host.node.usageChanged(program.behaviour);
  }

  /** The network has changed: who waits for it looks again. */
  networkChanged(): void {
    for (const { instance } of this.#watching) instance?.probes.forEach((probe) => probe.lookAgain());
    for (const record of this.#waiting) {
      const { instance } = record;
      if (instance?.input === undefined) {
        this.#waiting.delete(record);
        continue;
      }
      const elapsed = this.#host.node.clock.now() - instance.startedAt;
      const input = { ...instance.input, elapsed, waited: elapsed };
      const program = programOn(this.#host.node, input);
      if (program.waitsForNetwork) continue;
      instance.input = input;
      this.#replace(record, instance, program);
    }
  }

  /** A running container goes on with another program. */
  #replace(record: ContainerRecord, instance: Instance, program: Program): void {
    const before = instance.target.program;
    instance.target = { ...instance.target, program };
    this.#follow(record, instance);
    const { runMillis } = program;
    const { startedAt, stopBy } = instance;
    // One that is being stopped ends at that time at the latest.
    if (stopBy === undefined || (runMillis !== undefined && startedAt + runMillis <= stopBy)) {
      instance.exitTimer?.stop();
      instance.exitTimer = undefined;
      this.#plan(record, instance);
    }
    if (program.serves && !before.serves) this.#beginSecrets(record, instance.target);
    for (const probe of instance.probes) probe.lookAgain();
  }

  /** The end that the program has by itself. */
  #plan(record: ContainerRecord, instance: Instance): void {
    const { program } = instance.target;
    if (program.runMillis === undefined) return;
    const { clock } = this.#host.node;
    const { exitCode, reason } = program;
    const end = (code: number): void => {
      const message = terminationMessage(record, instance, code, clock.now());
      this.stopper.end(record, code, { ...(reason === undefined ? {} : { reason }), message });
    };
    instance.exitTimer = clock.setTimer(Math.max(0, instance.startedAt + program.runMillis - clock.now()), () => {
      const secret = exitCode === 0 ? this.#secretOf(record, instance) : undefined;
      if (secret === undefined) {
        end(exitCode);
        return;
      }
      // What a job does to the cluster shows when it is done.
      void this.#make(secret).then((made) => {
        // In a timer's hands again: those tell of what fails.
        clock.setTimer(0, () => {
          if (record.instance === instance) end(made ? exitCode : REFUSED_CODE);
        });
      });
    });
  }

  #secretOf(record: ContainerRecord, { target }: Instance): MadeSecret | undefined {
    return madeSecret(record.spec.image ?? '', target.container, this.#host.pod.metadata.namespace ?? '');
  }

  #beginSecrets(record: ContainerRecord, { container, surroundings }: Instance['target']): void {
    const namespace = this.#host.pod.metadata.namespace ?? '';
    const read = (path: string): string | undefined => surroundings.files.read(path);
    for (const secret of servedSecrets(record.spec.image ?? '', container, { namespace, read })) {
      void this.#make(secret);
    }
  }

  /** Makes a Secret if the account of the pod may; false when it may not. */
  async #make(secret: MadeSecret): Promise<boolean> {
    const { node, pod } = this.#host;
    const tell = (error: string): void =>
      node.logger.log('debug', 'kubelet: a Secret was not written', { secret: secret.name, error });
    try {
      if (!(await node.mayMakeSecrets(accountOf(pod), secret.namespace))) {
        tell('its account may not make Secrets there');
        return false;
      }
      await makeSecret(node.client, secret);
    } catch (error) {
      tell(messageOf(error));
    }
    return true;
  }

  #postStart(record: ContainerRecord, instance: Instance, hook: LifecycleHandler): void {
    const { clock } = this.#host.node;
    const outcome = runHook(hook, instance.target, clock.now() - instance.startedAt);
    const done = (): void => {
      this.#starting = undefined;
      instance.hook = undefined;
      if (outcome.failure !== undefined && record.instance === instance) {
        this.#host.events.warning('FailedPostStartHook', 'PostStartHook failed', record);
        this.stopper.stop(record, this.stopper.graceMillis, 'FailedPostStartHook');
      }
      this.#host.wake();
    };
    if (outcome.millis === 0) done();
    else if (Number.isFinite(outcome.millis)) {
      // The containers behind it wait for the hook.
      this.#starting = record;
      instance.hook = clock.setTimer(outcome.millis, done);
    }
  }

  #probe(record: ContainerRecord, instance: Instance): void {
    const { startupProbe } = record.spec;
    if (startupProbe === undefined || instance.started) {
      instance.started = true;
      this.#probeFurther(record, instance);
      return;
    }
    const runner = this.#runner('startup', record, instance, false, (passed) => {
      if (!passed) {
        this.#restart(record, 'startup', startupProbe.terminationGracePeriodSeconds);
        return;
      }
      runner?.stop();
      instance.started = true;
      this.#probeFurther(record, instance);
      this.#host.wake();
    });
    runner?.start(instance.resumed);
  }

  #probeFurther(record: ContainerRecord, instance: Instance): void {
    const { readinessProbe, livenessProbe } = record.spec;
    if (readinessProbe !== undefined) {
      instance.readiness = this.#runner('readiness', record, instance, instance.wasReady, () => this.#host.wake());
    }
    const liveness =
      livenessProbe === undefined
        ? undefined
        : this.#runner('liveness', record, instance, true, (passed) => {
            if (!passed) this.#restart(record, 'liveness', livenessProbe.terminationGracePeriodSeconds);
          });
    instance.readiness?.start(instance.resumed);
    liveness?.start(instance.resumed);
  }

  #runner(
    kind: ProbeKind,
    record: ContainerRecord,
    instance: Instance,
    initial: boolean,
    onResult: (passed: boolean) => void,
  ): ProbeRunner | undefined {
    const probe = record.spec[`${kind}Probe`];
    if (probe === undefined) return undefined;
    const title = `${kind[0]?.toUpperCase() ?? ''}${kind.slice(1)}`;
    const runner = new ProbeRunner({
      kind,
      probe,
      target: () => instance.target,
      clock: this.#host.node.clock,
      startedAt: instance.startedAt,
      initial,
      onResult,
      onFailure: ({ message }) => this.#host.events.warning('Unhealthy', `${title} probe failed: ${message}`, record),
    });
    instance.probes.push(runner);
    return runner;
  }

  #restart(record: ContainerRecord, kind: ProbeKind, grace: number | undefined): void {
    const message = `Container ${record.name} failed ${kind} probe, will be restarted`;
    this.stopper.stop(record, grace === undefined ? this.stopper.graceMillis : grace * 1000, message);
  }
}
