import { sleep, type Timer } from '../base/clock.ts';
import { formatDuration } from '../base/duration.ts';
import { PintleError } from '../base/errors.ts';
import { reword } from '../base/reword.ts';
import { retryTransient } from '../client/retry.ts';
import type { KubeObject } from '../kube/object.ts';
import { RESOURCES } from '../kube/resources.ts';
import { isStatus, StatusError } from '../kube/status-error.ts';
import type { ActionContext, HeldLease, LeasedOperation } from './context.ts';

/** Who holds a lease without being heard of for this long is taken for dead, seconds. */
const DURATION = 45;
const RENEWALS = 3;
/** Between looks at a lease that somebody else holds, ms. */
const POLL = 1000;
/** A record that was begun so long after its lease was renewed last is of another operation, ms. */
const LATE = 300_000;
const PREFIX = 'pintle.dev/';
const FIELD_MANAGER = 'pintle';

/** What a lease is taken for. */
export interface LeaseRequest {
  readonly name: string;
  readonly verb: string;
  readonly atomic: boolean;
  /** How long to wait for another holder, ms. */
  readonly patience: number;
}

interface Lease extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

/**
 * A Lease object that says who works on a release and how far the work is. It expires when its holder dies; where nobody else
 * can be at work it never has to. Who may not write Leases works without.
 */
export class ReleaseLease implements HeldLease {
  readonly #context: ActionContext;
  readonly #request: LeaseRequest;
  readonly #holder: string;
  #object: Lease | undefined;
  #step = 'preparing';
  #timer: Timer | undefined;
  #busy: Promise<void> = Promise.resolve();
  #lost: PintleError | undefined;
  #isAbandoned = false;
  /** The lease of {@link interrupted}, as its holder left it. */
  #found: Lease | undefined;
  /** The operation that was under way when its holder died. */
  interrupted: LeasedOperation | undefined;

  private constructor(context: ActionContext, request: LeaseRequest) {
    this.#context = context;
    this.#request = request;
    this.#holder = `${context.holder ?? 'pintle'} ${Math.floor(context.random.next() * 2 ** 32).toString(36)}`;
  }

  /**
   * Takes the lease of a release, after waiting for its holder as long as the request allows.
   *
   * @throws PintleError `release-pending` that names the holder; `interrupted` while it waits
   */
  static async acquire(context: ActionContext, request: LeaseRequest): Promise<ReleaseLease> {
    const lease = new ReleaseLease(context, request);
    const deadline = context.clock.now() + request.patience;
    for (;;) {
      const other = await lease.#take();
      if (other === undefined) break;
      const held = heldBy(request.name, other, context);
      if (context.signal?.aborted === true) throw reword(held, 'interrupted while waiting', { code: 'interrupted' });
      if (context.clock.now() >= deadline) throw held;
      await context.clock.blockOn(sleep(context.clock, POLL));
    }
    lease.#keepAlive();
    return lease;
  }

  /** Notes how far the operation is. @throws PintleError `release-pending` when somebody took the lease over */
  async step(text: string): Promise<void> {
    this.#step = text;
    await this.#renew();
    if (this.#lost !== undefined) throw this.#lost;
  }

  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  async retake(): Promise<void> {
    if (this.#object !== undefined || this.#lost !== undefined) return;
    const other = await this.#take();
    if (other !== undefined) throw heldBy(this.#request.name, other, this.#context);
    this.#keepAlive();
  }

  abandon(): void {
    this.#isAbandoned = true;
  }

  /**
   * Gives the lease back; whatever goes wrong here, it expires.
   *
   * @param unsettled what {@link interrupted} left is still there: its lease comes back, for whoever deals with it
   */
  async release({ unsettled = false }: { readonly unsettled?: boolean } = {}): Promise<void> {
    this.#timer?.stop();
    await this.#busy;
    const object = this.#object;
    if (object === undefined || this.#lost !== undefined || this.#isAbandoned) return;
    const { client, clock } = this.#context;
    const found = unsettled ? this.#found : undefined;
    try {
      await retryTransient(clock, async () => {
        if (found === undefined) {
          await client.delete(RESOURCES.leases, this.#key(), { preconditions: { uid: object.metadata.uid } });
          return;
        }
        const { resourceVersion } = object.metadata;
        const { annotations } = found.metadata;
        const { apiVersion, kind } = object;
        const body = { apiVersion, kind, metadata: { ...this.#key(), resourceVersion, annotations }, spec: found.spec };
        await client.update(RESOURCES.leases, body, MANAGER);
      });
    } catch (error) {
      this.#context.logger.log(
        'debug',
        `the lease of "${this.#request.name}" could not be given back: ${textOf(error)}`,
      );
    }
  }

  /** Takes the lease, or answers with the operation whose it is. */
  async #take(): Promise<LeasedOperation | undefined> {
    const { client, clock } = this.#context;
    try {
      this.#object = await retryTransient(clock, () => client.create<Lease>(RESOURCES.leases, this.#body(0), MANAGER));
      return undefined;
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) return this.#without(error);
    }
    try {
      const live = await retryTransient(clock, () => client.get<Lease>(RESOURCES.leases, this.#key()));
      if (live.spec?.holderIdentity === this.#holder) {
        this.#object = live;
        return undefined;
      }
      const other = operationOf(live);
      const isDead = this.#hasEnded(live) || this.#isExpired(live, other);
      if (!this.#context.exclusive && !isDead) return other;
      const transitions = (live.spec?.leaseTransitions ?? 0) + 1;
      const body = this.#body(transitions, live.metadata.resourceVersion);
      this.#object = await client.update<Lease>(RESOURCES.leases, body, MANAGER);
      this.interrupted = other;
      this.#found = live;
      return undefined;
    } catch (error) {
      // Somebody gave it back or took it meanwhile.
      if (isStatus(error, 'NotFound') || isStatus(error, 'Conflict')) return await this.#take();
      return this.#without(error);
    }
  }

  /** Works without a lease where there are none, or none may be written. */
  #without(error: unknown): undefined {
    const isRefused = error instanceof StatusError && (error.code === 403 || error.code === 404 || error.code === 405);
    if (!isRefused) throw error;
    this.#context.logger.log('debug', `working without a lease: ${error.message}`);
    return undefined;
  }

  /** Whoever held it was killed on this machine: its end need not be waited for. */
  #hasEnded({ metadata }: Lease): boolean {
    const identity = metadata.annotations?.[`${PREFIX}process`];
    return identity !== undefined && this.#context.process?.hasEnded(identity) === true;
  }

  #isExpired(lease: Lease, operation: LeasedOperation): boolean {
    const duration = (lease.spec?.leaseDurationSeconds ?? DURATION) * 1000;
    return this.#context.clock.now() > operation.renewed + duration;
  }

  #keepAlive(): void {
    // Where nobody else can be at work, no one looks whether the lease is renewed.
    if (this.#context.exclusive || this.#object === undefined) return;
    const again = (): void => {
      this.#timer = this.#context.clock.setTimer((DURATION * 1000) / RENEWALS, () => {
        void this.#renew().then(again);
      });
    };
    again();
  }

  /** One renewal after the other. */
  #renew(): Promise<void> {
    this.#busy = this.#busy.then(() => this.#write());
    return this.#busy;
  }

  async #write(): Promise<void> {
    const object = this.#object;
    if (object === undefined || this.#lost !== undefined) return;
    try {
      const body = this.#body(object.spec?.leaseTransitions ?? 0, object.metadata.resourceVersion);
      this.#object = await this.#context.client.update<Lease>(RESOURCES.leases, body, MANAGER);
    } catch (error) {
      // Of an update of what is not there a server says that it cannot create it (500). What did not answer may until the next renewal.
      if (error instanceof StatusError) await this.#reconsider();
    }
  }

  /** Somebody changed or deleted the lease, or an answer got lost. */
  async #reconsider(): Promise<void> {
    try {
      const live = await this.#context.client.get<Lease>(RESOURCES.leases, this.#key());
      if (live.spec?.holderIdentity === this.#holder) this.#object = live;
      else this.#lost = heldBy(this.#request.name, operationOf(live), this.#context);
    } catch (error) {
      if (isStatus(error, 'NotFound')) await this.#replace();
    }
  }

  /** The lease is gone: somebody deleted it, or took it over and gave it back. */
  async #replace(): Promise<void> {
    const { client } = this.#context;
    const { name } = this.#request;
    if (this.#object !== undefined && this.#isExpired(this.#object, operationOf(this.#object))) {
      this.#lost = new PintleError('release-pending', `another operation has taken "${name}" over, and has ended`, {
        hint: `this one was not heard of for more than ${DURATION} seconds; look at "history ${name}" before you run it again`,
      });
      return;
    }
    // Should somebody be faster, the next renewal tells.
    const created = client.create<Lease>(RESOURCES.leases, this.#body(0), MANAGER);
    this.#object = await created.catch(() => this.#object);
  }

  #key(): { namespace: string; name: string } {
    return { namespace: this.#context.namespace, name: `pintle.${this.#request.name}` };
  }

  #body(transitions: number, resourceVersion?: string): object {
    const identity = this.#context.process?.identity;
    const now = `${new Date(this.#context.clock.now()).toISOString().slice(0, -1)}000Z`;
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        ...this.#key(),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
        annotations: {
          [`${PREFIX}operation`]: this.#request.verb,
          [`${PREFIX}step`]: this.#step,
          [`${PREFIX}atomic`]: String(this.#request.atomic),
          ...(identity === undefined ? {} : { [`${PREFIX}process`]: identity }),
        },
      },
      spec: {
        holderIdentity: this.#holder,
        leaseDurationSeconds: DURATION,
        acquireTime: now,
        renewTime: now,
        leaseTransitions: transitions,
      },
    };
  }
}

const MANAGER = { fieldManager: FIELD_MANAGER } as const;

function operationOf(lease: Lease): LeasedOperation {
  const { annotations = {} } = lease.metadata;
  return {
    // The last word tells runs apart.
    holder: (lease.spec?.holderIdentity ?? 'somebody').replace(/ \w+$/, ''),
    verb: annotations[`${PREFIX}operation`] ?? 'operation',
    step: annotations[`${PREFIX}step`] ?? 'unknown',
    atomic: annotations[`${PREFIX}atomic`] === 'true',
    renewed: Date.parse(lease.spec?.renewTime ?? lease.metadata.creationTimestamp ?? '') || 0,
  };
}

/** `upgrade by alice@host (pid 7), heard of 12s ago, at: waiting for objects` */
export function describeOperation(operation: LeasedOperation, now: number): string {
  const age = formatDuration(Math.max(0, Math.floor((now - operation.renewed) / 1000) * 1000));
  return `${operation.verb} by ${operation.holder}, heard of ${age} ago, at: ${operation.step}`;
}

/**
 * Whether an operation may have left a record: not when the record was begun long after the operation was heard of last, as by a client
 * that knows no leases.
 *
 * @param began RFC 3339
 */
export function mayHaveLeft(operation: LeasedOperation, began: string | undefined): boolean {
  const instant = Date.parse(began ?? '');
  return Number.isNaN(instant) || instant <= operation.renewed + LATE;
}

function heldBy(name: string, other: LeasedOperation, context: ActionContext): PintleError {
  return new PintleError('release-pending', 'another operation (install/upgrade/rollback) is in progress', {
    hint: `"${name}" is worked on: ${describeOperation(other, context.clock.now())}; wait for it with --lock-timeout, or until its lease expires`,
  });
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
