/** System calls on files, and the LSM hooks that they pass. */
import type { Copy, KernelCopyRow, LsmPlace } from './kernel-copies.ts';

const file0: Copy = { type: 'fd', reader: 'file', parameter: 0 };
const path0: Copy = { type: 'fd', reader: 'path', parameter: 0 };
const openName: Copy = { type: 'string', reader: 'open_name', parameter: undefined };

const at = (hook: string, copies: LsmPlace['copies'] = {}): LsmPlace => ({ hook, copies });

type Options = Partial<Pick<KernelCopyRow, 'take' | 'blind' | 'uring'>>;

function row(
  calls: readonly string[],
  places: readonly LsmPlace[],
  reason: string,
  options: Options = {},
): KernelCopyRow {
  return { calls, places, reason, take: 'first', blind: [], uring: false, ...options };
}

const renamed =
  'the file by another name: the name is compared as the process gave it, and may be relative or lead over links';
const opening = [
  'opens with O_PATH: they give no access to what is in the file, and pass no hook',
  'that a file was made: one that the open creates exists when the open is denied',
];
const PERMISSION = 'the kernel asks file_permission before each transfer, with the file that it uses';
const layered = ['on overlayfs the file of the layer below is asked for as well: an event may come twice'];
const transfer: Options = { blind: [...layered, 'transfers of no bytes: they have no effect'], uring: true };
const NAMES = 'the kernel asks the hook for the directory that it has found, before it changes it';
const OWNERSHIP = 'the kernel asks the hook for the file that it has found, before it changes it';

export const fileRows: readonly KernelCopyRow[] = [
  row(
    ['open', 'creat'],
    [at('file_open', { 0: openName })],
    'each open of a file passes file_open, with the name that the kernel has copied',
    {
      blind: [renamed, ...opening, ...layered],
    },
  ),
  row(
    ['openat', 'openat2'],
    [at('file_open', { 1: openName })],
    'each open of a file passes file_open, with the name that the kernel has copied',
    { blind: [renamed, ...opening, ...layered], uring: true },
  ),
  row(['open_by_handle_at'], [at('file_open')], 'each open of a file passes file_open', {
    blind: [...opening, ...layered],
  }),
  row(
    ['read', 'readv', 'pread64', 'preadv', 'preadv2', 'getdents', 'getdents64'],
    [at('file_permission', { 0: file0 })],
    PERMISSION,
    transfer,
  ),
  row(
    ['write', 'writev', 'pwrite64', 'pwritev', 'pwritev2', 'fallocate'],
    [at('file_permission', { 0: file0 })],
    PERMISSION,
    transfer,
  ),
  row(['ioctl'], [at('file_ioctl', { 0: file0 })], 'the first that the kernel does with an ioctl is to ask file_ioctl'),
  row(['fcntl'], [at('file_fcntl', { 0: file0 })], 'the kernel asks file_fcntl before it looks at the command'),
  row(
    ['mmap'],
    [at('mmap_file', { 4: file0 })],
    'the kernel asks mmap_file before it makes a mapping, with the file that it will map',
  ),
  row(
    ['mprotect', 'pkey_mprotect'],
    [at('file_mprotect')],
    'the kernel asks file_mprotect for each mapping in the range, before it changes it',
    { blind: ['calls for no bytes: they have no effect'] },
  ),
  row(['truncate'], [at('path_truncate')], OWNERSHIP),
  row(['ftruncate'], [at('file_truncate', { 0: file0 }), at('path_truncate', { 0: path0 })], OWNERSHIP),
  row(['mkdir', 'mkdirat'], [at('path_mkdir')], NAMES, { uring: true }),
  row(['rmdir'], [at('path_rmdir')], NAMES),
  row(['unlink'], [at('path_unlink')], NAMES),
  row(['unlinkat'], [at('path_unlink'), at('path_rmdir')], NAMES, { take: 'each', uring: true }),
  row(['rename', 'renameat', 'renameat2'], [at('path_rename')], NAMES, { uring: true }),
  row(['link', 'linkat'], [at('path_link')], NAMES, { uring: true }),
  row(
    ['symlink', 'symlinkat'],
    [at('path_symlink', { 0: { type: 'string', reader: 'string', parameter: 2 } })],
    'the kernel asks path_symlink before it makes the link, with its copy of what the link will say',
    { uring: true },
  ),
  row(['mknod', 'mknodat'], [at('path_mknod')], NAMES),
  row(['chmod', 'fchmodat', 'fchmodat2'], [at('path_chmod')], OWNERSHIP),
  row(['fchmod'], [at('path_chmod', { 0: path0 })], OWNERSHIP),
  row(['chown', 'lchown', 'fchownat'], [at('path_chown')], OWNERSHIP),
  row(['fchown'], [at('path_chown', { 0: path0 })], OWNERSHIP),
  row(['chroot'], [at('path_chroot')], 'the kernel asks path_chroot before it changes the root'),
  row(['pivot_root'], [at('sb_pivotroot')], 'the kernel asks sb_pivotroot before it moves a mount'),
  row(
    ['mount'],
    [
      at('sb_mount', {
        0: { type: 'string', reader: 'string', parameter: 0 },
        2: { type: 'string', reader: 'string', parameter: 2 },
      }),
    ],
    'the kernel asks sb_mount before it looks at what kind of mount it is, with its copies of device and type',
    { blind: ['mounts by the newer calls (fsopen, fsmount, move_mount)'] },
  ),
  row(['move_mount'], [at('move_mount')], 'the kernel asks move_mount before it moves or attaches a mount'),
  row(['umount2'], [at('sb_umount')], 'the kernel asks sb_umount before it takes a mount away'),
];
