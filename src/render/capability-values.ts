import { pointerTo, sliceOf, STRING, type GoField, type GoMethod, type GoType } from '../gotemplate/runtime/go-type.ts';
import { GoStruct, GoTyped } from '../gotemplate/runtime/go-value.ts';
import type { Capabilities, KubeVersion } from './capabilities.ts';

function strings(...names: string[]): GoField[] {
  return names.map((name) => ({ name, type: STRING }));
}

function textOf(version: GoStruct): string {
  const normalized = version.field('normalizedVersion');
  return String(normalized === '' ? version.field('Version') : normalized);
}

/** helm: common.VersionSet. */
const VERSION_SET: GoType = {
  ...sliceOf(STRING),
  name: 'common.VersionSet',
  methods: {
    Has: {
      params: ['string'],
      call: (set: GoTyped<readonly string[]>, version: string) => set.value.includes(version),
    },
  },
};

/** helm: common.KubeVersion. Its String method needs the address, which actions have and printf has not. */
const KUBE_VERSION: GoType = {
  name: 'common.KubeVersion',
  kind: 'struct',
  fields: [
    ...strings('Version'),
    { name: 'normalizedVersion', type: STRING, hidden: true },
    ...strings('Major', 'Minor'),
  ],
  methods: {
    String: { params: [], call: textOf },
    GitVersion: { params: [], call: (version: GoStruct) => version.field('Version') },
  },
  pointerString: textOf,
};

/** helm: version.BuildInfo. */
const BUILD_INFO: GoType = {
  name: 'version.BuildInfo',
  kind: 'struct',
  fields: [
    { name: 'Version', type: STRING, json: 'version' },
    { name: 'GitCommit', type: STRING, json: 'git_commit' },
    { name: 'GitTreeState', type: STRING, json: 'git_tree_state' },
    { name: 'GoVersion', type: STRING, json: 'go_version' },
    { name: 'KubeClientVersion', type: STRING, json: 'kube_client_version' },
  ],
};

const COPY: GoMethod = { params: [], call: (capabilities: GoStruct) => capabilities };

/** helm: *common.Capabilities. */
const CAPABILITIES: GoType = pointerTo({
  name: 'common.Capabilities',
  kind: 'struct',
  fields: [
    { name: 'KubeVersion', type: KUBE_VERSION },
    { name: 'APIVersions', type: VERSION_SET },
    { name: 'HelmVersion', type: BUILD_INFO },
  ],
  methods: { Copy: COPY },
});

/** The value of `.Capabilities`. */
export function capabilityValues(capabilities: Capabilities): GoStruct {
  const { kubeVersion, apiVersions, helmVersion } = capabilities;
  return new GoStruct(CAPABILITIES, {
    KubeVersion: kubeVersionValue(kubeVersion),
    APIVersions: new GoTyped(VERSION_SET, apiVersions),
    HelmVersion: new GoStruct(BUILD_INFO, {
      Version: helmVersion.version,
      GitCommit: helmVersion.gitCommit,
      GitTreeState: helmVersion.gitTreeState,
      GoVersion: helmVersion.goVersion,
      KubeClientVersion: helmVersion.kubeClientVersion,
    }),
  });
}

function kubeVersionValue({ version, normalized = version, major, minor }: KubeVersion): GoStruct {
  return new GoStruct(KUBE_VERSION, {
    Version: version,
    normalizedVersion: normalized,
    Major: major,
    Minor: minor,
  });
}
