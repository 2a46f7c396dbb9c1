/** Manifests of the chart as values, and how to find something in them. */
import assert from 'node:assert/strict';
import { parseAllDocuments } from 'yaml';
import { LabUnavailable } from '../lab/unavailable.ts';
import { CHART, helm, helmOutput, provideHelm } from './helm.ts';

export type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [key: string]: unknown;
};

export const RELEASE = 'rf';
export const NAMESPACE = 'security';

/** The oldest that the chart takes, and one that is current. */
export const KUBERNETES = { oldest: '1.28.0', current: '1.34.0' } as const;

/** Where helm can not be had, why. */
export async function findHelm(): Promise<{ readonly program: string; readonly skip: string | false }> {
  try {
    return { program: await provideHelm(), skip: false };
  } catch (error) {
    if (!(error instanceof LabUnavailable)) throw error;
    return { program: '', skip: error.message };
  }
}

export type Values = { readonly [key: string]: unknown };

export async function render(
  program: string,
  values: Values = {},
  kubernetes: string = KUBERNETES.current,
): Promise<Manifests> {
  const output = await helmOutput(program, templateOf(values, kubernetes));
  const documents = parseAllDocuments(output).map((document) => document.toJS() as unknown);
  return new Manifests(documents.filter((each): each is Manifest => each !== null && each !== undefined));
}

/** What helm says of values that it refuses. */
export async function refusal(program: string, values: Values): Promise<string> {
  const { status, stderr } = await helm(program, templateOf(values, KUBERNETES.current));
  assert.notEqual(status, 0, `${JSON.stringify(values)} is taken`);
  return stderr;
}

function templateOf(values: Values, kubernetes: string): readonly string[] {
  const given = Object.entries(values).flatMap(([key, value]) => ['--set-json', `${key}=${JSON.stringify(value)}`]);
  return ['template', RELEASE, CHART, '--namespace', NAMESPACE, '--kube-version', kubernetes, ...given];
}

export class Manifests {
  readonly all: readonly Manifest[];

  constructor(all: readonly Manifest[]) {
    this.all = all;
  }

  of(kind: string): readonly Manifest[] {
    return this.all.filter((manifest) => manifest.kind === kind);
  }

  /** The one of that kind, or of that name where there are several. */
  one<Shape>(kind: string, name?: string): Manifest & Shape {
    const found = this.of(kind).filter(({ metadata }) => name === undefined || metadata.name === name);
    assert.equal(found.length, 1, `${kind} ${name ?? ''}: ${this.of(kind).map(({ metadata }) => metadata.name)}`);
    return found[0] as Manifest & Shape;
  }
}

export type Container = {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly securityContext: {
    readonly privileged?: boolean;
    readonly allowPrivilegeEscalation: boolean;
    readonly readOnlyRootFilesystem: boolean;
    readonly runAsUser?: number;
    readonly capabilities: { readonly add?: readonly string[]; readonly drop: readonly string[] };
    readonly seccompProfile?: object;
    readonly appArmorProfile?: object;
  };
  readonly lifecycle?: object;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
};

export type PodTemplate = {
  readonly metadata: Required<Pick<Manifest['metadata'], 'labels' | 'annotations'>>;
  readonly spec: {
    readonly hostPID?: boolean;
    readonly hostNetwork?: boolean;
    readonly hostIPC?: boolean;
    readonly automountServiceAccountToken?: boolean;
    readonly serviceAccountName?: string;
    readonly priorityClassName?: string;
    readonly tolerations: readonly object[];
    readonly nodeSelector: object;
    readonly initContainers?: readonly Container[];
    readonly containers: readonly Container[];
    readonly volumes: readonly {
      readonly name: string;
      readonly hostPath?: { readonly path: string; readonly type: string };
      readonly [source: string]: unknown;
    }[];
  };
};

export type Workload = {
  readonly spec: {
    readonly template: PodTemplate;
    readonly updateStrategy?: object;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  };
};

export type Rules = {
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly resourceNames?: readonly string[];
    readonly verbs: readonly string[];
  }[];
};

export const AGENT = `${RELEASE}-ringfence`;

export function agentOf(manifests: Manifests): { readonly pod: PodTemplate; readonly agent: Container } {
  const pod = manifests.one<Workload>('DaemonSet', AGENT).spec.template;
  const [agent] = pod.spec.containers;
  assert.ok(agent);
  return { pod, agent };
}
