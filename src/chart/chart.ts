/** A file of a chart; `name` is its path inside the chart with `/`. */
export interface ChartFile {
  readonly name: string;
  readonly data: Uint8Array;
  /** Last change, ms since the epoch, as far as known. */
  readonly modTime?: number;
}

/** A dependency as Chart.yaml or requirements.yaml declares it. */
export interface ChartDependency {
  readonly name: string;
  readonly version?: string;
  readonly repository?: string;
  readonly condition?: string;
  readonly tags?: readonly string[];
  readonly enabled?: boolean;
  readonly 'import-values'?: readonly unknown[];
  readonly alias?: string;
}

export interface ChartMaintainer {
  readonly name?: string;
  readonly email?: string;
  readonly url?: string;
}

/** Chart.yaml. */
export interface ChartMetadata {
  readonly name: string;
  readonly home?: string;
  readonly sources?: readonly string[];
  readonly version: string;
  readonly description?: string;
  readonly keywords?: readonly string[];
  readonly maintainers?: readonly ChartMaintainer[];
  readonly icon?: string;
  readonly apiVersion: string;
  readonly condition?: string;
  readonly tags?: string;
  readonly appVersion?: string;
  readonly deprecated?: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly kubeVersion?: string;
  readonly dependencies?: readonly ChartDependency[];
  readonly type?: string;
  /** Pintle's: the template language of files that do not end in `.hbs`; `gotemplate` (default) or `handlebars`. */
  readonly engine?: string;
}

/** Chart.lock or requirements.lock. */
export interface ChartLock {
  readonly generated: string;
  readonly digest: string;
  readonly dependencies: readonly ChartDependency[];
}

/** A loaded chart with its subcharts. Loading gives fresh objects: value processing replaces parts, never changes them. */
export interface Chart {
  readonly metadata: ChartMetadata;
  readonly lock?: ChartLock;
  /** values.yaml, parsed; objects without prototype. */
  readonly values: Readonly<Record<string, unknown>>;
  /** values.schema.json as it is. */
  readonly schema?: Uint8Array;
  /** Everything under templates/, in the order of loading. */
  readonly templates: readonly ChartFile[];
  /** Everything else but crds/, subcharts and the files named above; what `.Files` offers. */
  readonly files: readonly ChartFile[];
  /** Every file as it was loaded, for packaging and `show`. */
  readonly raw: readonly ChartFile[];
  readonly subcharts: readonly Chart[];
  /**
   * The path that its templates are called by, where it is not made of the names of its parents: below an alias Helm keeps
   * the names of some charts as they were.
   */
  readonly fullPath?: string;
  /** Where it came from, for messages (folder or archive). */
  readonly origin?: string;
}
