import type { Clock } from '../../base/clock.ts';
import { PintleError } from '../../base/errors.ts';
import { goQuote } from '../../base/go-quote.ts';
import { isObject } from '../../base/json.ts';
import type { Random } from '../../base/random.ts';
import type { TemplateLimits } from '../../base/template-engine.ts';
import type { Chart } from '../../chart/chart.ts';
import { defaultCapabilities, type KubeVersion } from '../../render/capabilities.ts';
import { renderTemplates } from '../../render/render-chart.ts';
import type { FetchSchema } from '../../values/check-schemas.ts';
import { coalesceForRender } from '../../values/coalesce-for-render.ts';
import { warningText } from '../../values/warning.ts';
import { fromYaml } from '../../yaml/index.ts';
import type { ChartFolder } from '../chart-folder.ts';
import type { LintFindings } from '../lint-message.ts';
import { type ManifestHead, manifestHeads } from '../manifest-head.ts';
import { messageOf } from '../message-of.ts';
import { deprecationFault } from './deprecations.ts';
import { metadataNameFault } from './metadata-name.ts';

const FOLDER = 'templates/';

/** What templates are rendered with for their rules. */
export interface TemplateLintOptions {
  readonly values: Readonly<Record<string, unknown>>;
  readonly namespace: string;
  readonly kubeVersion?: KubeVersion | undefined;
  readonly skipSchemaValidation: boolean;
  readonly fetchSchema?: FetchSchema | undefined;
  readonly limits?: TemplateLimits | undefined;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Random;
  /** Hears what `required` and `fail` say: under lint they do not fail. */
  readonly warn: (message: string) => void;
}

/** Templates must render, to manifests that the API could take. helm: rules/template.go. */
export async function lintTemplates(
  folder: ChartFolder,
  findings: LintFindings,
  options: TemplateLintOptions,
): Promise<void> {
  const kind = folder.kind('templates');
  if (!findings.check('WARNING', FOLDER, kind === undefined ? 'directory does not exist' : undefined)) return;
  if (!findings.check('ERROR', FOLDER, kind === 'folder' ? undefined : 'not a directory')) return;
  const rendered = await render(folder, findings, options);
  if (rendered === undefined) return;
  for (const { name } of rendered.chart.templates) {
    findings.check('ERROR', name, extensionFault(name));
    const path = name.replace(/\.hbs$/, '');
    if (!/\.ya?ml$/i.test(path)) continue;
    const content = rendered.templates.get(`${rendered.chart.metadata.name}/${name}`) ?? '';
    if (content.trim() === '') continue;
    if (!lintManifest(findings, { name, content, kubeVersion: rendered.kubeVersion })) return;
  }
}

interface Rendered {
  readonly chart: Chart;
  readonly templates: ReadonlyMap<string, string>;
  readonly kubeVersion: KubeVersion;
}

async function render(
  folder: ChartFolder,
  findings: LintFindings,
  options: TemplateLintOptions,
): Promise<Rendered | undefined> {
  const failed = (error: unknown): undefined => {
    findings.check('ERROR', FOLDER, messageOf(error), error instanceof PintleError ? error.location : undefined);
    return undefined;
  };
  let chart: Chart;
  try {
    chart = await folder.load();
  } catch (error) {
    return failed(error);
  }
  let values: Record<string, unknown>;
  try {
    const coalesced = await coalesceForRender(chart, options.values, {
      skipSchemaValidation: options.skipSchemaValidation,
      twice: true,
      ...(options.fetchSchema === undefined ? {} : { fetchSchema: options.fetchSchema }),
    });
    ({ chart, values } = coalesced);
    for (const warning of coalesced.warnings) options.warn(`Warning: ${warningText(warning)}`);
  } catch (error) {
    // Values that do not go together are told of when they are rendered, not here.
    return error instanceof PintleError && error.code === 'values-schema' ? failed(error) : undefined;
  }
  const defaults = defaultCapabilities();
  const kubeVersion = options.kubeVersion ?? defaults.kubeVersion;
  try {
    const templates = renderTemplates({
      chart,
      values,
      release: {
        name: 'test-release',
        namespace: options.namespace,
        revision: 0,
        isInstall: false,
        isUpgrade: false,
        service: 'Helm',
      },
      capabilities: { ...defaults, kubeVersion },
      clock: options.clock,
      random: options.random,
      lenient: options.warn,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    });
    return { chart, templates, kubeVersion };
  } catch (error) {
    return failed(error);
  }
}

function extensionFault(name: string): string | undefined {
  const base = name.slice(name.lastIndexOf('/') + 1);
  // Handlebars templates carry their language behind the extension of what they become.
  const plain = base.replace(/\.hbs$/, '');
  const extension = plain.includes('.') ? plain.slice(plain.lastIndexOf('.')) : '';
  if (['.yaml', '.yml', '.tpl', '.txt'].includes(extension)) return undefined;
  return `file extension '${extension}' not valid. Valid extensions are .yaml, .yml, .tpl, or .txt`;
}

interface RenderedFile {
  readonly name: string;
  readonly content: string;
  readonly kubeVersion: KubeVersion;
}

/** False if the file cannot be read: then Helm looks at no further template. */
function lintManifest(findings: LintFindings, { name, content, kubeVersion }: RenderedFile): boolean {
  findings.check('WARNING', name, indentFault(content));
  try {
    for (const head of manifestHeads(content)) {
      if (head === undefined) continue;
      findings.check('WARNING', name, metadataNameFault(head));
      findings.check('WARNING', name, deprecationFault(head, kubeVersion));
      findings.check('ERROR', name, selectorFault(head, content));
      findings.check('ERROR', name, listFault(head, content));
    }
    return true;
  } catch (error) {
    return findings.check('ERROR', name, `unable to parse YAML: ${messageOf(error)}`);
  }
}

function indentFault(content: string): string | undefined {
  const line = content
    .split('\n')
    .find((each) => each.trim() !== '')
    ?.replace(/\r$/, '');
  if (line === undefined || !/^[ \t]/.test(line)) return undefined;
  return `document starts with an illegal indent: ${goQuote(line)}, which may cause parsing problems`;
}

function selectorFault({ kind, name }: ManifestHead, content: string): string | undefined {
  if (!['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet'].includes(kind)) return undefined;
  if (content.includes('matchLabels') || content.includes('matchExpressions')) return undefined;
  return `a ${kind} must contain matchLabels or matchExpressions, and ${goQuote(name)} does not`;
}

function listFault({ kind }: ManifestHead, content: string): string | undefined {
  if (kind !== 'List') return undefined;
  let list: unknown;
  try {
    list = fromYaml(content);
  } catch (error) {
    return `unable to parse YAML: ${messageOf(error)}`;
  }
  const items = isObject(list) && Array.isArray(list['items']) ? (list['items'] as unknown[]) : [];
  const marked = items.some((item) => {
    const metadata = isObject(item) && isObject(item['metadata']) ? item['metadata'] : {};
    const annotations = isObject(metadata['annotations']) ? metadata['annotations'] : {};
    return Object.hasOwn(annotations, 'helm.sh/resource-policy');
  });
  return marked ? "annotation 'helm.sh/resource-policy' within List objects are ignored" : undefined;
}
