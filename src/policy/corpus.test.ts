/** Policies that others wrote: each is read, or refused for the reason that stands here. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Diagnostic, hasErrors, renderDiagnostic } from '#diagnostics';
import { parsePolicies } from './parse.ts';

const corpus = process.env.RINGFENCE_CORPUS ?? fileURLToPath(new URL('../../../shared/corpus', import.meta.url));
const skip = existsSync(corpus) ? false : `no policy corpus at ${corpus} (RINGFENCE_CORPUS names another place)`;

function textsUnder(folder: string): readonly (readonly [string, string])[] {
  const names = readdirSync(`${corpus}/${folder}`, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => [`${folder}/${name}`, readFileSync(`${corpus}/${folder}/${name}`, 'utf8')] as const);
}

/** Refused for another reason than that something is not supported yet; above each, why. */
const otherwiseRefused = {
  /** A placeholder that whoever installs the policy replaces. */
  'policies/policylibrary/egress.yaml': /^RF1323 \$\{\w+\} is neither an IP address/,
  'policies/quickstart/network_egress_cluster.yaml': /^RF1323 \$\{\w+\} is neither an IP address/,
  'policies/quickstart/network_egress_cluster_enforce.yaml': /^RF1323 \$\{\w+\} is neither an IP address/,
  /** The hook takes 1 for an answer, but no error is positive, and kernels from 6.12 on refuse a program that returns it. */
  'policies/tracingpolicy/cves/cve-2023-2640-overlayfs-ubuntu.yaml': /^RF1402 .* this is 1$/,
  /** The peer refuses it too: the number alone does not tell which table it is of. */
  'policies/tracingpolicy/list-syscalls-tracepoint.yaml': /^RF1322 .* of type uint64$/,
  /** `returnArgAction: Post` stood in policies once; the peer, too, takes only TrackSock and UntrackSock now. */
  'wild/003-fs-write-user-space.yaml': /^RF1106 Post is not a known value of returnArgAction$/,
  'wild/011-network-monitoring.yaml': /^RF1106 Post is not a known value of returnArgAction$/,
  'wild/013-privilege-escalation-detection.yaml': /^RF1106 Post is not a known value of returnArgAction$/,
  /** No process has a relative path as its binary: nothing was ever killed. */
  'wild/055-multi-miner-sigkill.yaml': /^RF1315 \.\/\w+ is not an absolute path/,
} as const satisfies Record<string, RegExp>;

function isOtherwiseRefused(name: string): name is keyof typeof otherwiseRefused {
  return Object.hasOwn(otherwiseRefused, name);
}

function errorsOf(name: string, text: string): readonly Diagnostic[] {
  const { policies, diagnostics } = parsePolicies(text, name);
  const errors = diagnostics.filter((each) => each.severity === 'error');
  assert.equal(policies.length > 0, errors.length === 0, name);
  return errors;
}

/** How many of the policies are read, and how many ask for each thing that is not supported yet. */
const expected = {
  read: 52,
  otherwiseRefused: 9,
  unsupported: {
    rateLimit: 10,
    rateLimitScope: 5,
    uprobes: 3,
    returnArgAction: 2,
    matchCapabilityChanges: 2,
    'the type sock of returnArg': 2,
    'the action UntrackSock': 2,
    'the argument type bpf_attr': 2,
    'the argument type perf_event': 2,
    'the argument type bpf_map': 2,
    'the argument type cap_effective': 1,
    'the argument type cap_inheritable': 1,
    'the argument type cap_permitted': 1,
    'the argument type load_info': 1,
    'the argument type module': 1,
    'the argument type socket': 1,
    'the action DnsLookup': 1,
    'the action GetUrl': 1,
    'the action NotifyEnforcer': 1,
    enforcers: 1,
    loader: 1,
    matchParentBinaries: 1,
    resolve: 1,
    usdts: 1,
  },
} as const;

test('policies of the corpus are read, or refused for a known reason', { skip }, () => {
  const unsupported: Record<string, number> = {};
  const counts = { read: 0, otherwiseRefused: 0, unsupported };
  for (const [name, text] of [...textsUnder('policies'), ...textsUnder('wild')]) {
    const errors = errorsOf(name, text);
    const others = errors.filter((each) => each.code !== 'RF1203');
    if (errors.length === 0) {
      counts.read += 1;
    } else if (isOtherwiseRefused(name)) {
      counts.otherwiseRefused += 1;
      const reason = otherwiseRefused[name];
      for (const each of others) assert.match(`${each.code} ${each.message}`, reason, name);
    } else {
      assert.equal(others.map(renderDiagnostic).join('\n'), '', name);
    }
    for (const what of new Set(errors.filter((each) => each.code === 'RF1203').map(subject))) {
      unsupported[what] = (unsupported[what] ?? 0) + 1;
    }
  }
  assert.deepEqual(counts, expected);
});

function subject({ message }: Diagnostic): string {
  return message.replace('not supported yet: ', '');
}

test('what is wrong in the corpus is refused, with its place', { skip }, () => {
  const invalid = textsUnder('invalid');
  assert.equal(invalid.length, 10);
  for (const [name, text] of invalid) {
    const { policies, diagnostics } = parsePolicies(text, name);
    assert.ok(hasErrors(diagnostics), name);
    assert.deepEqual(policies, [], name);
    for (const { span } of diagnostics) assert.ok(span !== undefined && span.line > 1 && span.column >= 1, name);
  }
});
