/** How runtimes tell the agent of containers: what that puts on the node, with which rights, and that it goes again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AGENT, agentOf, findHelm, type Manifests, NAMESPACE, refusal, render, type Workload } from './render.ts';

const { program, skip } = await findHelm();

const renderHooks = (kind: string) => render(program, { 'rthooks.enabled': true, 'rthooks.interface': kind });

/** Mounts of directories of the node: path there, path in the container, whether it is only read. */
function mountsOf(manifests: Manifests, daemonSet: string, container: string) {
  const { spec } = manifests.one<Workload>('DaemonSet', daemonSet).spec.template;
  const found = [...(spec.initContainers ?? []), ...spec.containers].find(({ name }) => name === container);
  assert.ok(found, container);
  const paths = new Map(spec.volumes.map(({ name, hostPath }) => [name, hostPath?.path]));
  return found.volumeMounts.map(({ name, mountPath, readOnly }) => [paths.get(name), mountPath, readOnly === true]);
}

test('by NRI the agent sees the directory of the socket', { skip }, async () => {
  const manifests = await renderHooks('nri-hook');
  const { pod, agent } = agentOf(manifests);
  assert.equal(pod.spec.initContainers, undefined);
  assert.deepEqual(mountsOf(manifests, AGENT, agent.name).at(-1), ['/var/run/nri', '/var/run/nri', true]);
});

test('a hook is installed before the agent, by a container that may write two directories, and nothing else', {
  skip,
}, async () => {
  const manifests = await renderHooks('oci-hooks');
  const [install, ...others] = agentOf(manifests).pod.spec.initContainers ?? [];
  assert.deepEqual(others, []);
  assert.deepEqual(install?.args, [
    ...['hook', 'install', '--node-root=/host', '--program=/usr/local/lib/ringfence/ringfence-hook'],
    ...['--hooks-dir=/usr/share/containers/oci/hooks.d', `--agent-namespace=${NAMESPACE}`],
  ]);
  assert.deepEqual(install.securityContext.capabilities, { drop: ['ALL'] });
  assert.partialDeepStrictEqual(install.securityContext, {
    privileged: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    runAsUser: 0,
  });
  assert.deepEqual(mountsOf(manifests, AGENT, install.name), [
    ['/usr/local/lib/ringfence', '/host/usr/local/lib/ringfence', false],
    ['/usr/share/containers/oci/hooks.d', '/host/usr/share/containers/oci/hooks.d', false],
  ]);
});

test('it goes with the release, before the agents are waited for', { skip }, async () => {
  const manifests = await renderHooks('oci-hooks');
  const name = `${AGENT}-detach`;
  const { initContainers = [] } = manifests.one<Workload>('DaemonSet', name).spec.template.spec;
  assert.deepEqual(
    initContainers.map(({ args }) => args?.slice(0, 2)),
    [
      ['hook', 'uninstall'],
      ['detach', '--all'],
    ],
  );
  const places = (args: readonly string[] = []) => args.filter((arg) => /^--(node-root|program|hooks-dir)=/.test(arg));
  const [install] = agentOf(manifests).pod.spec.initContainers ?? [];
  assert.deepEqual(places(initContainers[0]?.args), places(install?.args));
  assert.deepEqual(mountsOf(manifests, name, 'uninstall-hook'), [
    ...mountsOf(manifests, AGENT, 'install-hook'),
    ['/run/ringfence', '/host/run/ringfence', false],
  ]);
});

test('who wants hooks says which', { skip }, async () => {
  assert.match(await refusal(program, { 'rthooks.enabled': true }), /rthooks\.interface: oci-hooks or nri-hook/);
});

test('a socket elsewhere is the one that the agent is told of', { skip }, async () => {
  const values = { 'rthooks.enabled': true, 'rthooks.interface': 'nri-hook' };
  const manifests = await render(program, { ...values, 'rthooks.nriHook.nriSocket': '/run/k3s/nri.sock' });
  const { data } = manifests.one<{ readonly data: Readonly<Record<string, string>> }>('ConfigMap', `${AGENT}-config`);
  assert.equal(data['nri-socket'], '/run/k3s/nri.sock');
  assert.deepEqual(mountsOf(manifests, AGENT, 'ringfence').at(-1), ['/run/k3s', '/run/k3s', true]);
});
