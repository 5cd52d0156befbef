import type { FlowSchema } from '../../kube/api/flowcontrol-v1.generated.ts';
import { copyMetadata } from '../../kube/deferred-managed-fields.ts';
import type { KubeObject } from '../../kube/object.ts';
import { danglingStatus } from '../registry/flowcontrol/flow-schema.ts';
import { commitPut } from './rest/commit.ts';
import type { Core, Operation } from './rest/core.ts';

const LEVELS = 'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations';
const SCHEMAS = 'flowcontrol.apiserver.k8s.io/flowschemas';

/**
 * Keeps what FlowSchemas say of their levels true when levels come and go; to be told of every write.
 * apiserver: pkg/util/flowcontrol/apf_controller.go (syncFlowSchemaStatus)
 */
export function tellFlowSchemas(core: Core, operation: Operation): void {
  if (operation.served.bucket !== LEVELS) return;
  for (const { value, name, modRevision } of core.store.list(SCHEMAS)) {
    const schema = value as KubeObject & FlowSchema;
    const level = schema.spec?.priorityLevelConfiguration.name ?? '';
    const isThere = core.store.get(LEVELS, '', level) !== undefined;
    const status = danglingStatus(schema.status, { level, isThere, now: core.clock.now() });
    if (status === schema.status) continue;
    const served = core.served.builtin(SCHEMAS);
    if (served === undefined) return;
    const draft = { ...schema, metadata: copyMetadata(schema.metadata), status };
    commitPut(core, { ...operation, served, name, namespace: '', subresource: 'status' }, draft, modRevision);
  }
}
