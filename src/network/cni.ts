/** Which network plugin the node has: by its configuration, the interfaces that it makes, and what it pins. */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

export type Cni = {
  /** Such as `Cilium`; the types of the plugins where none is known by name; `none`. */
  readonly name: string;
  /** What it was told by: files, interfaces, pins. */
  readonly evidence: readonly string[];
};

export type CniClues = {
  /** The directory of configurations, as the container runtime reads it. */
  readonly directory: string;
  readonly interfaces: readonly string[];
  /** At the top of the bpffs. */
  readonly pins: readonly string[];
};

type Known = { readonly name: string; readonly types: RegExp; readonly interfaces: RegExp; readonly pins: RegExp };

const NEVER = /^(?!)/;

const known: readonly Known[] = [
  { name: 'Cilium', types: /^cilium/, interfaces: /^(cilium_|lxc[0-9a-f]|lxc_health)/, pins: /^cilium/ },
  { name: 'Calico', types: /^calico/, interfaces: /^(cali[0-9a-f]|vxlan\.calico|tunl0$|bpfin\.cali)/, pins: /^calico/ },
  { name: 'Flannel', types: /^flannel/, interfaces: /^flannel/, pins: NEVER },
  { name: 'Antrea', types: /^antrea/, interfaces: /^antrea-/, pins: /^antrea/ },
  { name: 'Weave Net', types: /^weave/, interfaces: /^(weave|vethwe)/, pins: NEVER },
  { name: 'AWS VPC CNI', types: /^aws-cni/, interfaces: /^eni[0-9a-f]{11}/, pins: NEVER },
  { name: 'kube-router', types: NEVER, interfaces: /^kube-bridge$/, pins: NEVER },
  { name: 'OVN-Kubernetes', types: /^ovn-k8s/, interfaces: /^(ovn-k8s|genev_sys)/, pins: NEVER },
];

const FILES_MAX = 32;
const FILE_BYTES_MAX = 256 * 1024;
const EVIDENCE_MAX = 8;

/** A runtime takes the first of the files, so the first that names a plugin decides; then interfaces, then pins. */
export function detectCni({ directory, interfaces, pins }: CniClues): Cni {
  const files = configurations(directory);
  const configured = files.flatMap(({ types }) => types);
  const [first] = files.filter(({ types }) => types.length > 0);
  const found =
    known.find((each) => first?.types.some((type) => each.types.test(type))) ??
    known.find((each) => interfaces.some((name) => each.interfaces.test(name))) ??
    known.find((each) => pins.some((name) => each.pins.test(name)));
  if (found === undefined) {
    const name = configured.length === 0 ? 'none' : [...new Set(first?.types)].join(', ');
    return { name, evidence: files.filter(({ types }) => types.length > 0).map(({ path }) => path) };
  }
  const evidence = [
    ...files.filter(({ types }) => types.some((type) => found.types.test(type))).map(({ path }) => path),
    ...interfaces.filter((name) => found.interfaces.test(name)).map((name) => `interface ${name}`),
    ...pins.filter((name) => found.pins.test(name)).map((name) => `pins ${name}`),
  ];
  return { name: found.name, evidence: evidence.slice(0, EVIDENCE_MAX) };
}

type Configuration = { readonly path: string; readonly types: readonly string[] };

function configurations(directory: string): readonly Configuration[] {
  return namesIn(directory)
    .filter((name) => /\.(conf|conflist|json)$/.test(name))
    .toSorted()
    .slice(0, FILES_MAX)
    .map((name) => ({ path: join(directory, name), types: typesIn(join(directory, name)) }));
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Of a file that is no configuration: none. */
function typesIn(path: string): readonly string[] {
  try {
    const found: unknown = JSON.parse(beginning(path));
    if (typeof found !== 'object' || found === null) return [];
    const plugins: unknown = 'plugins' in found ? found.plugins : [found];
    if (!Array.isArray(plugins)) return [];
    return plugins
      .map((plugin: unknown) => (typeof plugin === 'object' && plugin !== null && 'type' in plugin ? plugin.type : ''))
      .filter((type): type is string => typeof type === 'string' && /^[\w.-]{1,64}$/.test(type));
  } catch {
    return [];
  }
}

/** What is longer is no configuration that anybody wrote. */
function beginning(path: string): string {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(FILE_BYTES_MAX);
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, FILE_BYTES_MAX, 0));
  } finally {
    closeSync(fd);
  }
}
