/** Examples about files: credentials, what is below /etc, and programs that run with more rights than their caller. */
import { linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Example, testExamples } from './harness/index.ts';

const DENIED = 'EACCES';
/** What they end with, whatever the error. */
const CAT_FAILED = 1;
const CHMOD_FAILED = 1;
const rootKey = '/root/.ssh/id_ed25519';
const userKey = '/home/demo/.ssh/id_ed25519';
const login = '/home/demo/.aws/credentials';
const podDirectory = '/var/lib/kubelet/pods/demo/volumes/kubernetes.io~projected/kube-api-access-demo/..data_1';
const secrets = '/run/secrets/kubernetes.io/serviceaccount';
const opened = { hook: 'file_open', error: DENIED } as const;
/** Names that deeds make, on the file system of what they are about. */
const names = '/srv/examples';
/** Where files can have extended attributes. */
const programs = '/tmp/examples-files';

const credentials: Example = {
  policy: 'protect-credentials',
  deeds: [
    { title: 'a key of root', words: ['read', rootKey], denied: opened },
    { title: 'a key of a user', words: ['read', userKey], denied: opened },
    { title: 'a login of a cloud', words: ['read', login], denied: opened },
    { title: 'a key of the cluster', words: ['read', '/etc/kubernetes/pki/ca.key'], denied: opened },
    { title: 'the token of a pod, from the node', words: ['read', `${podDirectory}/token`], denied: opened },
    {
      title: 'the token of a pod, by a program of the image',
      program: '/usr/bin/cat',
      words: [`${secrets}/token`],
      free: 0,
      denied: { ...opened, error: CAT_FAILED },
    },
    { title: 'the public half of a key is public', words: ['read', `${userKey}.pub`] },
    { title: 'the namespace of a pod is no token', words: ['read', `${podDirectory}/namespace`] },
    { title: 'the application reads the token of its pod', words: ['read', `${secrets}/token`] },
    { title: 'ssh reads its key', as: '/usr/bin/ssh', words: ['read', userKey] },
    { title: 'variant: io_uring', words: ['read-by-uring', userKey], denied: opened },
    { title: 'variant: a symbolic link', words: ['read-by-symlink', userKey, `${names}/symlink`], denied: opened },
    {
      title: 'variant: a hard link is not made',
      words: ['link', userKey, `${names}/link`],
      denied: { hook: 'path_link', error: DENIED },
    },
    {
      title: 'variant: a hard link to a file that is known in full is of no use',
      words: ['read', `${names}/link-of-root`],
      denied: opened,
    },
    {
      title: 'variant: a bind mount of a file that is known in full is of no use',
      words: ['read-by-bind-mount', rootKey, `${names}/mount-of-root`],
      denied: opened,
    },
    {
      title: 'not seen: a bind mount of a file of which the end of the name is known',
      words: ['read-by-bind-mount', userKey, `${names}/mount`],
    },
  ],
};

const etc: Example = {
  policy: 'no-write-etc',
  deeds: [
    { title: 'writing', words: ['append', '/etc/demo.conf'], denied: { hook: 'security_file_permission' } },
    { title: 'a new file', words: ['create', '/etc/cron.d/demo', '644'], denied: { hook: 'security_path_mknod' } },
    {
      title: 'emptying',
      words: ['empty', '/etc/demo.conf'],
      denied: { hook: ['security_path_truncate', 'security_file_truncate'] },
    },
    { title: 'another mode', words: ['chmod', '/etc/demo.conf', '666'], denied: { hook: 'security_path_chmod' } },
    { title: 'deleting', words: ['remove', '/etc/demo-old.conf'], denied: { hook: 'security_path_unlink' } },
    { title: 'reading is allowed', words: ['read', '/etc/demo.conf'] },
    { title: 'a name that only begins alike', words: ['create', '/etcetera', '644'] },
    { title: 'visudo writes', as: '/usr/sbin/visudo', words: ['append', '/etc/demo.conf'] },
    {
      title: 'systemd enables a service',
      as: '/usr/lib/systemd/systemd',
      words: ['create', '/etc/systemd/system/demo.service', '644'],
    },
    {
      title: 'what systemd starts',
      as: '/usr/lib/systemd/systemd',
      words: ['run', '/usr/bin/chmod', '666', '/etc/demo.conf'],
      denied: { hook: 'security_path_chmod', error: CHMOD_FAILED },
    },
    {
      title: 'variant: io_uring',
      words: ['append-by-uring', '/etc/demo.conf'],
      denied: { hook: 'security_file_permission' },
    },
    {
      title: 'variant: a mapping',
      words: ['write-by-mapping', '/etc/demo.conf'],
      denied: { hook: 'security_mmap_file' },
    },
    {
      title: 'variant: a file that is prepared elsewhere',
      words: ['rename', `${names}/prepared`, '/etc/ld.so.preload'],
      denied: { hook: 'security_path_rename' },
    },
    {
      title: 'variant: a file that is open already',
      words: ['write-to-held'],
      held: '/etc/demo.conf',
      denied: { hook: 'security_file_permission' },
    },
    {
      title: 'variant: a bind mount of a file that is known in full',
      words: ['append-by-bind-mount', '/etc/profile', `${names}/mount-of-profile`],
      denied: { hook: 'security_file_permission' },
    },
    {
      title: 'not seen: a bind mount of another file',
      words: ['append-by-bind-mount', '/etc/demo.conf', `${names}/mount-of-demo`],
    },
  ],
};

const setuid: Example = {
  policy: 'no-setuid-copies',
  deeds: [
    { title: 'chmod u+s', words: ['chmod', `${programs}/shell`, '4755'], denied: { hook: 'path_chmod' } },
    { title: 'setcap', words: ['set-capabilities', `${programs}/shell`], denied: { hook: 'inode_setxattr' } },
    { title: 'other bits', words: ['chmod', `${programs}/shell`, '2755'] },
    { title: 'other attributes', words: ['set-attribute', `${programs}/shell`] },
    { title: 'a package manager', as: '/usr/bin/dnf5', words: ['chmod', `${programs}/packaged`, '4755'] },
    {
      title: 'what a package manager starts',
      as: '/usr/bin/dnf5',
      words: ['run', '/usr/bin/chmod', '4755', `${programs}/packaged`],
    },
    {
      title: 'a container runtime unpacks',
      as: '/usr/bin/containerd',
      words: ['chmod', `${programs}/packaged`, '4755'],
    },
    {
      title: 'what a container runtime starts',
      as: '/usr/bin/containerd',
      words: ['run', '/usr/bin/chmod', '4755', `${programs}/packaged`],
      denied: { hook: 'path_chmod', error: CHMOD_FAILED },
    },
    { title: 'variant: fchmod', words: ['fchmod', `${programs}/shell`, '4755'], denied: { hook: 'path_chmod' } },
    {
      title: 'variant: made with the bit',
      words: ['create', `${programs}/made`, '4755'],
      denied: { hook: 'path_mknod' },
    },
    {
      title: 'variant: setcap by io_uring',
      words: ['set-capabilities-by-uring', `${programs}/shell`],
      denied: { hook: 'inode_setxattr' },
    },
    { title: 'not seen: made without a name, named later', words: ['create-nameless', `${programs}/nameless`, '4755'] },
  ],
};

const files = [
  ...[rootKey, userKey, `${userKey}.pub`, login, '/etc/kubernetes/pki/ca.key', `${podDirectory}/token`],
  ...[`${podDirectory}/namespace`, `${secrets}/token`, '/etc/demo.conf', '/etc/demo-old.conf'],
  ...[`${programs}/shell`, `${programs}/packaged`],
];
/** All that is made, by the tests and by the deeds. */
const made = [
  ...['/root/.ssh', '/home/demo', '/etc/kubernetes', '/var/lib/kubelet', '/run/secrets', '/etc/demo.conf'],
  ...['/etc/demo-old.conf', '/etc/cron.d', '/etc/systemd', '/etc/ld.so.preload', '/etcetera', names, programs],
];

testExamples([credentials, etc, setuid], () => {
  for (const file of files) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'demo\n');
  }
  for (const directory of ['/etc/cron.d', '/etc/systemd/system', names]) mkdirSync(directory, { recursive: true });
  linkSync(rootKey, `${names}/link-of-root`);
  return () => {
    for (const path of made) rmSync(path, { recursive: true, force: true });
  };
});
