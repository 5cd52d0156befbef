import type { BehaviourCondition } from './condition.ts';

/** How a command that is run in a container ends. */
export interface CommandResult {
  readonly exitCode: number;
  /** ms that it takes; default 0. */
  readonly millis?: number;
  /** What it writes. */
  readonly output?: string;
}

/** What changes while a container runs; each field has the meaning it has in {@link ImageBehaviour}. */
export interface ProbeAnswers {
  /** TCP ports that are listened on. Undefined: those that the pod declares or probes. */
  readonly ports?: readonly number[];
  /** HTTP status by path; a key that ends in `*` stands for all paths that begin so, the longest key wins. Other paths: 200. */
  readonly paths?: Readonly<Record<string, number>>;
  /** Health over gRPC; `none`: the server does not speak the health protocol. */
  readonly grpc?: 'SERVING' | 'NOT_SERVING' | 'none';
  /** Results of commands, by the whole command line or by the name of the program. */
  readonly commands?: Readonly<Record<string, CommandResult>>;
  /** ms until a request is answered. */
  readonly answerMillis?: number;
}

/** A change of the answers some time after the start of the container. */
export interface AnswersChange extends ProbeAnswers {
  readonly afterMillis: number;
}

/**
 * What a simulated image is and what its containers do. Absent fields: the image exists, is public, starts at once, serves
 * every port that its pod declares, answers every probe, and runs until it is told to stop.
 */
export interface ImageBehaviour extends ProbeAnswers {
  /** False: no registry has it. */
  readonly exists?: boolean;
  /** Tags that exist; undefined: those of a plausible form. */
  readonly tags?: readonly string[];
  /** The highest first number that a version of the image has. */
  readonly maxMajor?: number;
  /** Pulled only with credentials for its registry. */
  readonly private?: boolean;
  /** Bytes; decides how long a pull takes unless {@link pullMillis} says it. */
  readonly size?: number;
  readonly pullMillis?: number;
  /**
   * `serve`: runs until it is stopped; `exit`: ends after {@link runMillis} with {@link exitCode}; `shell`: a shell that ends
   * when it has nothing to do.
   */
  readonly entrypoint?: 'serve' | 'exit' | 'shell';
  /** The image's own program, to which arguments are given; one of those that are simulated. */
  readonly program?: 'agnhost';
  /** ms from the start of the container until ports and health commands answer. */
  readonly startMillis?: number;
  /** ms that an entrypoint which exits runs. */
  readonly runMillis?: number;
  readonly exitCode?: number;
  /** Lines written at the start. */
  readonly logs?: readonly string[];
  /** Whether it writes a line for each HTTP request, those of probes too; default: yes. */
  readonly accessLog?: boolean;
  /** Thousandths of a core in use; default 1. */
  readonly cpu?: number;
  /** Thousandths of a core that one request a second costs. */
  readonly requestCpu?: number;
  /** Bytes in use; above the container's limit it is killed. */
  readonly memory?: number;
  /** ms after the start at which the memory is in use; default 1000. */
  readonly memoryMillis?: number;
  /** Bytes a ms by which its memory grows from the start on, until the limit or the node ends it. */
  readonly leak?: number;
  /** Variables that must be set and not empty, else it exits with 1; `A|B` is met by either, `A=x` only by that value. */
  readonly needsEnv?: readonly string[];
  /** Files that must be mounted, else it exits with 1. */
  readonly needsFiles?: readonly string[];
  /** The lines written when {@link needsEnv} or {@link needsFiles} is not met; default: one that names what is missing. */
  readonly missingLogs?: readonly string[];
  /** Folders of its configuration: with something mounted there, or with its command given, the pod decides on ports and paths. */
  readonly configFolders?: readonly string[];
  /** Exit code on SIGTERM; default 143. */
  readonly stopCode?: number;
  /** ms from SIGTERM to the exit; default 0. */
  readonly stopMillis?: number;
  /** Runs on after SIGTERM, until it is killed. */
  readonly ignoresTerm?: boolean;
  /** Changes of the answers, by time. */
  readonly changes?: readonly AnswersChange[];
  /** What is different in the first, second, … run of a container; later runs are as the last one. */
  readonly runs?: readonly ImageBehaviour[];
  /** What is different under conditions; later ones that hold win. */
  readonly cases?: readonly BehaviourCase[];
}

/** A behaviour under a condition. */
export interface BehaviourCase extends ImageBehaviour {
  readonly if: BehaviourCondition;
}

/** The first with the second's fields put over it. */
export function mergeBehaviours(base: ImageBehaviour, over: ImageBehaviour): ImageBehaviour {
  return { ...base, ...over };
}

/** The behaviour of one run of a container; the first run is 0. */
export function behaviourOfRun(behaviour: ImageBehaviour, run: number): ImageBehaviour {
  const { runs } = behaviour;
  if (runs === undefined || runs.length === 0) return behaviour;
  const own = runs[Math.min(run, runs.length - 1)];
  return own === undefined ? behaviour : mergeBehaviours(behaviour, own);
}
