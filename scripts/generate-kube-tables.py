"""Makes the tables and types of src/kube from a description of Kubernetes' types.

usage: python3 scripts/generate-kube-tables.py kubernetes-types.json

The description holds, by definition: the fields with type, list type, merge keys and protobuf numbers; the messages that have no
definition; the resources. It is read off the API's OpenAPI documents and proto files.
"""
import json
import os
import re
import sys


def write_table(path, name, text, comment):
    assert "'" not in text and '\\' not in text
    with open(path, 'w') as file:
        file.write(''.join('// ' + line + '\n' for line in comment) + '\nexport const ' + name + " =\n  '" + text + "';\n")


def types(d):
    defs=d['definitions']
    mods={'api.core.v1':'core-v1','api.apps.v1':'apps-v1','api.batch.v1':'batch-v1','api.networking.v1':'networking-v1','api.policy.v1':'policy-v1','api.rbac.v1':'rbac-v1','api.storage.v1':'storage-v1','api.autoscaling.v1':'autoscaling-v1','api.autoscaling.v2':'autoscaling-v2','api.coordination.v1':'coordination-v1','api.discovery.v1':'discovery-v1','api.events.v1':'events-v1','api.scheduling.v1':'scheduling-v1','api.admissionregistration.v1':'admissionregistration-v1','apiextensions-apiserver.pkg.apis.apiextensions.v1':'apiextensions-v1','api.certificates.v1':'certificates-v1','api.authentication.v1':'authentication-v1','api.authorization.v1':'authorization-v1','api.node.v1':'node-v1','api.flowcontrol.v1':'flowcontrol-v1','api.resource.v1':'resource-v1','apimachinery.pkg.apis.meta.v1':'meta-v1'}
    scal={'string':'string','boolean':'boolean','integer:int32':'number','integer:int64':'number','number:double':'number','string:byte':'string','string:date-time':'string','object':'Readonly<Record<string, unknown>>'}
    special={'apimachinery.pkg.api.resource.Quantity':'string | number','apimachinery.pkg.apis.meta.v1.Time':'string','apimachinery.pkg.apis.meta.v1.MicroTime':'string','apimachinery.pkg.util.intstr.IntOrString':'number | string','apimachinery.pkg.runtime.RawExtension':'unknown','apimachinery.pkg.apis.meta.v1.FieldsV1':'Readonly<Record<string, unknown>>','apimachinery.pkg.apis.meta.v1.Patch':'unknown'}
    for n in ('JSON','JSONSchemaPropsOrArray','JSONSchemaPropsOrBool','JSONSchemaPropsOrStringArray'):
        special['apiextensions-apiserver.pkg.apis.apiextensions.v1.'+n]='unknown'
    def tstype(t,mod,imports):
        if t.startswith('[]'):
            i=tstype(t[2:],mod,imports)
            return 'readonly '+('('+i+')' if ' ' in i else i)+'[]'
        if t.startswith('map:'): return 'Readonly<Record<string, '+tstype(t[4:],mod,imports)+'>>'
        if t in scal: return scal[t]
        if t in special: return special[t]
        p,n=t.rsplit('.',1)
        m=mods.get(p)
        if m is None: return 'unknown'
        if p==mod: return n
        imports.add(m)
        return m.replace('-v','_v').replace('-','')+'.'+n
    def alias(m): return m.replace('-v','_v').replace('-','')
    os.makedirs('src/kube/api',exist_ok=True)
    for mod,file in mods.items():
        imports=set(); body=[]
        for full,x in sorted(defs.items()):
            p,n=full.rsplit('.',1)
            if p!=mod or full in special or 'fields' not in x:
                if p==mod and full not in special: body.append(f"export type {n} = Readonly<Record<string, unknown>>;\n")
                continue
            root='gvk' in x and 'metadata' in x['fields']
            lines=[]
            for f,s in sorted(x['fields'].items()):
                req=s.get('required',False) or (root and f in('apiVersion','kind','metadata'))
                ts=tstype(s['type'],mod,imports)
                key=f if re.match(r'^[A-Za-z_]\w*$',f) else f"'{f}'"
                lines.append(f"  readonly {key}{'' if req else '?'}: {ts}{'' if req else ' | undefined'};")
            body.append(f"export interface {n} {{\n"+'\n'.join(lines)+"\n}\n")
        head="// Kubernetes "+d['kubernetes']+" API types, made from the type table by scripts/generate-kube-tables.py.\n\n"
        imp=''.join(f"import type * as {alias(m)} from './{m}.generated.ts';\n" for m in sorted(imports))
        open(f'src/kube/api/{file}.generated.ts','w').write(head+imp+('\n' if imp else '')+'\n'.join(body))
    s = json.dumps(d, separators=(',', ':'), ensure_ascii=True)
    write_table('src/kube/type-table.generated.ts', 'TYPE_TABLE_JSON', s, [
        'Field types, list types, merge keys, protobuf numbers and resources of Kubernetes 1.35, as one JSON text: parsed when first needed.'])



def messages(d):
    defs=d['definitions']; extra=d['protobufMessagesWithoutDefinition']
    short=lambda n: re.sub(r'^k8s\.io\.','',n)
    out={}
    SC={'string':'s','boolean':'b','integer:int32':'i','integer:int64':'i','number:double':'d','string:byte':'y','string:date-time':'t'}
    def conv(t):
        if t=='map:[]string': return 'm:l'
        if t.startswith('[]'): return '[]'+conv(t[2:])
        if t.startswith('map:'): return 'm:'+conv(t[4:])
        if t in SC: return SC[t]
        return t
    PS={'string':'s','bool':'b','int32':'i','int64':'i','uint32':'i','uint64':'i','double':'d','bytes':'y'}
    def pconv(t,pkg,rep):
        m=re.match(r'map<\s*string\s*,\s*(.+)>',t)
        if m: return 'm:'+pconv(m.group(1).strip(),pkg,'')
        if t in PS: r=PS[t]
        elif t.startswith('.'): r=short(t[1:])
        else: r=pkg+'.'+t
        return ('[]' if rep=='repeated' else '')+r
    LOWER={'aPIGroup':'apiGroup','uID':'uid','port':'Port'}
    for n,v in defs.items():
        fields={}
        for f,x in v.get('fields',{}).items():
            if 'protobuf' in x: fields[x['protobuf']]=[f,conv(x['type'])]
        pkg=n.rsplit('.',1)[0]
        for f,(num,rep,t) in v.get('protobufOnly',{}).items():
            if num in fields: continue
            ty=pconv(t,pkg,rep)
            if n=='api.core.v1.DaemonEndpoint': fields[num]=['Port',ty]
            elif n=='api.networking.v1.IngressClassParametersReference': fields[num]=['apiGroup',ty]
            elif ty in('s','b','i','y') or ty.startswith('[]') or n.startswith('apiextensions') or n.startswith('apimachinery'):
                m={'schema':'$schema','ref':'$ref','xKubernetesPreserveUnknownFields':'x-kubernetes-preserve-unknown-fields','xKubernetesEmbeddedResource':'x-kubernetes-embedded-resource','xKubernetesIntOrString':'x-kubernetes-int-or-string','xKubernetesListMapKeys':'x-kubernetes-list-map-keys','xKubernetesListType':'x-kubernetes-list-type','xKubernetesMapType':'x-kubernetes-map-type','xKubernetesValidations':'x-kubernetes-validations'}
                fields[num]=[m.get(f,f) if n.endswith('JSONSchemaProps') else f,ty]
            else: fields[num]=['',ty]
        if fields: out[n]=fields
    for n,v in extra.items():
        s=short(n)
        if s in out or 'testapigroup' in s: continue
        pkg=s.rsplit('.',1)[0]
        fields={}
        for f,(num,rep,t) in v.items():
            fields[num]=[f,pconv(t,pkg,rep)]
        out[s]=fields
    out['api.admissionregistration.v1.Rule']={1:['apiGroups','[]s'],2:['apiVersions','[]s'],3:['resources','[]s'],4:['scope','s']}
    out['api.networking.v1.IngressRuleValue']={1:['http','api.networking.v1.HTTPIngressRuleValue']}
    for v in ('v1','v1beta1','v1beta2'): out['api.resource.%s.DeviceConfiguration'%v]={1:['opaque','api.resource.%s.OpaqueDeviceConfiguration'%v]}
    # names referenced
    ref=set()
    def base(t):
        while t.startswith('[]') or t.startswith('m:'): t=t[2:]
        return t
    for n,fs in out.items():
        for k,(f,t) in fs.items():
            b=base(t)
            if len(b)>1 and b not in out: ref.add(b)
    gv={}
    for n,v in defs.items():
        for g in v.get('gvk') or []:
            gv['%s/%s/%s'%tuple(g)]=n
    comp={n:' '.join(f'{k}{":"}{f}={t}' for k,(f,t) in sorted(fs.items())) for n,fs in out.items()}
    txt=json.dumps(comp,separators=(',',':'),sort_keys=True)
    write_table('src/kube/protobuf-table.generated.ts', 'PROTOBUF_TABLE_JSON', txt, [
        'The protobuf messages of Kubernetes 1.35 as one JSON text, parsed when first needed: by message, `NUMBER:FIELD=TYPE` for each field.',
        'Types: s string, l a message with a list of strings, b bool, i integer, d double, y bytes, t time, or a message; `[]` before them repeated, `m:` map by string. An empty FIELD is a',
        'message whose fields stand in the JSON of the one around it.'])



if __name__ == '__main__':
    with open(sys.argv[1]) as source:
        description = json.load(source)
    types(description)
    messages(description)
