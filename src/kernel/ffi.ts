/**
 * The C side of the house: every signature of libbpf and libc that is called, and nothing else knows of koffi.
 *
 * A pointer from C is a bigint, and using one that was freed kills the process: pointers leave this file branded by
 * what they point to, and only the handle classes of this folder hold them. libbpf's log callback belongs to the whole
 * process, so libbpf is called from one thread only; a worker may read rings, which takes no call into libbpf.
 */
import { constants } from 'node:os';
import koffi, { type LibraryHandle } from 'koffi';
import { EnvironmentError } from '#diagnostics';
import { assert, type Brand } from '#std';
import { refused } from './errno.ts';

export type ObjectPointer = Brand<bigint, 'struct bpf_object *'>;
export type ProgramPointer = Brand<bigint, 'struct bpf_program *'>;
export type MapPointer = Brand<bigint, 'struct bpf_map *'>;
export type LinkPointer = Brand<bigint, 'struct bpf_link *'>;
export type LinkerPointer = Brand<bigint, 'struct bpf_linker *'>;

/** What a struct of options holds besides its size; a field left out is zero. */
export type ProgramRunOptions = {
  ctx_in: Uint8Array | null;
  ctx_size_in: number;
  retval: number;
};
export type ProgramLoadOptions = {
  readonly expected_attach_type?: number;
  readonly prog_flags?: number;
  readonly attach_btf_id?: number;
  readonly log_size?: number;
  readonly log_buf?: Uint8Array;
};
/** Which filter is asked for; its program is filled in. */
export type TcOptions = { readonly handle: number; readonly priority: number; prog_id: number };
export type MapCreateOptions = { readonly map_flags?: number };

/** The functions of libbpf under their C names: int results are a value or -errno, a null pointer leaves errno. */
export type Libbpf = {
  libbpf_major_version(): number;
  libbpf_minor_version(): number;
  libbpf_set_print(callback: bigint | null): unknown;
  libbpf_num_possible_cpus(): number;
  libbpf_probe_bpf_prog_type(type: number, options: null): number;
  libbpf_probe_bpf_map_type(type: number, options: null): number;
  libbpf_probe_bpf_helper(programType: number, helper: number, options: null): number;

  bpf_object__open_mem(image: Uint8Array, bytes: number, options: object): ObjectPointer | null;
  bpf_object__load(object: ObjectPointer): number;
  bpf_object__close(object: ObjectPointer): void;
  bpf_object__next_program(object: ObjectPointer, previous: ProgramPointer | null): ProgramPointer | null;
  bpf_object__next_map(object: ObjectPointer, previous: MapPointer | null): MapPointer | null;
  bpf_object__find_map_by_name(object: ObjectPointer, name: string): MapPointer | null;

  bpf_program__name(program: ProgramPointer): string;
  bpf_program__section_name(program: ProgramPointer): string;
  bpf_program__fd(program: ProgramPointer): number;
  bpf_program__autoload(program: ProgramPointer): boolean;
  bpf_program__set_autoload(program: ProgramPointer, autoload: boolean): number;
  bpf_program__set_log_buf(program: ProgramPointer, buffer: bigint, bytes: number): number;
  bpf_program__set_log_level(program: ProgramPointer, level: number): number;
  bpf_program__attach(program: ProgramPointer): LinkPointer | null;
  bpf_program__attach_iter(program: ProgramPointer, options: null): LinkPointer | null;

  bpf_map__name(map: MapPointer): string;
  bpf_map__fd(map: MapPointer): number;
  bpf_map__set_max_entries(map: MapPointer, entries: number): number;
  bpf_map__reuse_fd(map: MapPointer, fd: number): number;
  bpf_map__type(map: MapPointer): number;
  bpf_map__key_size(map: MapPointer): number;
  bpf_map__value_size(map: MapPointer): number;
  bpf_map__max_entries(map: MapPointer): number;
  bpf_map__map_flags(map: MapPointer): number;
  bpf_map__initial_value(map: MapPointer, bytes: [number]): bigint | null;

  bpf_link__fd(link: LinkPointer): number;
  bpf_link__open(path: string): LinkPointer | null;
  bpf_link__destroy(link: LinkPointer): number;

  bpf_linker__new(path: string, options: null): LinkerPointer | null;
  bpf_linker__add_file(linker: LinkerPointer, path: string, options: null): number;
  bpf_linker__finalize(linker: LinkerPointer): number;
  bpf_linker__free(linker: LinkerPointer): void;

  bpf_map_create(
    type: number,
    name: string,
    keyBytes: number,
    valueBytes: number,
    entries: number,
    options: object,
  ): number;
  bpf_map_lookup_elem(fd: number, key: Uint8Array, value: Uint8Array): number;
  bpf_map_update_elem(fd: number, key: Uint8Array, value: Uint8Array, flags: number): number;
  bpf_map_delete_elem(fd: number, key: Uint8Array): number;
  bpf_map_get_next_key(fd: number, key: Uint8Array | null, next: Uint8Array): number;
  bpf_map_update_batch(fd: number, keys: Uint8Array, values: Uint8Array, count: [number], options: null): number;
  bpf_map_freeze(fd: number): number;
  bpf_obj_pin(fd: number, path: string): number;
  bpf_obj_get(path: string): number;
  bpf_obj_get_info_by_fd(fd: number, info: Uint8Array, bytes: Uint32Array): number;
  bpf_prog_get_fd_by_id(id: number): number;
  bpf_prog_get_next_id(id: number, next: [number]): number;
  bpf_link_get_fd_by_id(id: number): number;
  bpf_link_get_next_id(id: number, next: [number]): number;
  bpf_prog_query(
    target: number,
    attachType: number,
    flags: number,
    attachFlags: null,
    ids: Uint32Array,
    count: [number],
  ): number;
  bpf_xdp_query_id(interfaceIndex: number, flags: number, id: [number]): number;
  bpf_tc_query(hook: object, options: TcOptions): number;
  bpf_prog_load(
    type: number,
    name: string,
    license: string,
    instructions: Uint8Array,
    count: number,
    options: object,
  ): number;
  bpf_prog_test_run_opts(fd: number, options: object): number;
  bpf_raw_tracepoint_open(name: string | null, programFd: number): number;
  bpf_iter_create(linkFd: number): number;
};

/** The functions of libc under their C names: -1 (or MAP_FAILED) and errno. */
type Libc = {
  getpagesize(): number;
  mmap(
    address: bigint | null,
    bytes: number,
    protection: number,
    flags: number,
    fd: number,
    offset: number,
  ): bigint | null;
  munmap(address: bigint, bytes: number): number;
  memfd_create(name: string, flags: number): number;
  klogctl(type: number, buffer: null, bytes: number): number;
  fcntl(fd: number, command: number, argument: number): number;
  syscall(number: number, first: number, second: number): number;
  flock(fd: number, operation: number): number;
  open_by_handle_at(mountFd: number, handle: Uint8Array, flags: number): number;
  mount(source: string, target: string, type: string, flags: number, data: null): number;
  vsnprintf(buffer: Uint8Array, bytes: number, format: bigint, values: bigint): number;
};

const DEFAULT_LIBBPF = 'libbpf.so.1';
const OLDEST_LIBBPF = [1, 1] as const;

// ---- types ----

for (const name of ['bpf_object', 'bpf_program', 'bpf_map', 'bpf_link', 'bpf_linker']) koffi.opaque(name);
// Options structs carry their own size: fields after the last one that is used are left out.
koffi.struct('rf_open_opts', { sz: 'size_t', object_name: 'const char *' });
koffi.struct('rf_run_opts', {
  sz: 'size_t',
  data_in: 'const void *',
  data_out: 'void *',
  data_size_in: 'uint32_t',
  data_size_out: 'uint32_t',
  ctx_in: 'const void *',
  ctx_out: 'void *',
  ctx_size_in: 'uint32_t',
  ctx_size_out: 'uint32_t',
  retval: 'uint32_t',
  repeat: 'int',
});
koffi.struct('rf_prog_opts', {
  sz: 'size_t',
  attempts: 'int',
  expected_attach_type: 'uint32_t',
  prog_btf_fd: 'uint32_t',
  prog_flags: 'uint32_t',
  prog_ifindex: 'uint32_t',
  kern_version: 'uint32_t',
  attach_btf_id: 'uint32_t',
  attach_prog_fd: 'uint32_t',
  attach_btf_obj_fd: 'uint32_t',
  fd_array: 'const void *',
  func_info: 'const void *',
  func_info_cnt: 'uint32_t',
  func_info_rec_size: 'uint32_t',
  line_info: 'const void *',
  line_info_cnt: 'uint32_t',
  line_info_rec_size: 'uint32_t',
  log_level: 'uint32_t',
  log_size: 'uint32_t',
  log_buf: 'void *',
});
koffi.struct('rf_tc_hook', { sz: 'size_t', ifindex: 'int', attach_point: 'uint32_t', parent: 'uint32_t' });
koffi.struct('rf_tc_opts', {
  sz: 'size_t',
  prog_fd: 'int',
  flags: 'uint32_t',
  prog_id: 'uint32_t',
  handle: 'uint32_t',
  priority: 'uint32_t',
});
koffi.struct('rf_map_opts', {
  sz: 'size_t',
  btf_fd: 'uint32_t',
  btf_key_type_id: 'uint32_t',
  btf_value_type_id: 'uint32_t',
  btf_vmlinux_value_type_id: 'uint32_t',
  inner_map_fd: 'uint32_t',
  map_flags: 'uint32_t',
});

// ---- libraries ----

let libc: Libc | undefined;
let libbpf: Libbpf | undefined;
let printer: bigint | undefined;

/**
 * libbpf, loaded at the first call. `file` counts only then; without it RINGFENCE_LIBBPF names the file, and without
 * that the dynamic linker finds the one that the distribution installed.
 */
export function loadLibbpf(file?: string): Libbpf {
  if (libbpf !== undefined) return libbpf;
  const path = file ?? process.env.RINGFENCE_LIBBPF ?? DEFAULT_LIBBPF;
  const loaded = orNotLoaded(path, () => bindLibbpf(koffi.load(path)));
  const [major, minor] = [loaded.libbpf_major_version(), loaded.libbpf_minor_version()];
  if (major < OLDEST_LIBBPF[0] || (major === OLDEST_LIBBPF[0] && minor < OLDEST_LIBBPF[1])) {
    throw new EnvironmentError('RF3004', { version: `${major}.${minor}`, path });
  }
  const PrintCallback = koffi.proto('int rf_print(int level, void *format, void *values)');
  printer = koffi.register(print, koffi.pointer(PrintCallback));
  loaded.libbpf_set_print(null); // else libbpf writes to our standard error
  libbpf = loaded;
  return loaded;
}

/** A file that is missing, or lacks one of the functions. */
function orNotLoaded<Result>(path: string, load: () => Result): Result {
  try {
    return load();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EnvironmentError('RF3003', { path, reason }, { cause });
  }
}

function bindLibbpf(library: LibraryHandle): Libbpf {
  const bind = (signature: string) => library.func(signature);
  return {
    libbpf_major_version: bind('uint32_t libbpf_major_version()'),
    libbpf_minor_version: bind('uint32_t libbpf_minor_version()'),
    libbpf_set_print: bind('void *libbpf_set_print(void *callback)'),
    libbpf_num_possible_cpus: bind('int libbpf_num_possible_cpus()'),
    libbpf_probe_bpf_prog_type: bind('int libbpf_probe_bpf_prog_type(int type, const void *opts)'),
    libbpf_probe_bpf_map_type: bind('int libbpf_probe_bpf_map_type(int type, const void *opts)'),
    libbpf_probe_bpf_helper: bind('int libbpf_probe_bpf_helper(int type, int helper, const void *opts)'),

    bpf_object__open_mem: bind('bpf_object *bpf_object__open_mem(const void *b, size_t n, const rf_open_opts *opts)'),
    bpf_object__load: bind('int bpf_object__load(bpf_object *o)'),
    bpf_object__close: bind('void bpf_object__close(bpf_object *o)'),
    bpf_object__next_program: bind('bpf_program *bpf_object__next_program(const bpf_object *o, bpf_program *p)'),
    bpf_object__next_map: bind('bpf_map *bpf_object__next_map(const bpf_object *o, const bpf_map *m)'),
    bpf_object__find_map_by_name: bind('bpf_map *bpf_object__find_map_by_name(const bpf_object *o, const char *n)'),

    bpf_program__name: bind('const char *bpf_program__name(const bpf_program *p)'),
    bpf_program__section_name: bind('const char *bpf_program__section_name(const bpf_program *p)'),
    bpf_program__fd: bind('int bpf_program__fd(const bpf_program *p)'),
    bpf_program__autoload: bind('bool bpf_program__autoload(const bpf_program *p)'),
    bpf_program__set_autoload: bind('int bpf_program__set_autoload(bpf_program *p, bool autoload)'),
    bpf_program__set_log_buf: bind('int bpf_program__set_log_buf(bpf_program *p, void *b, size_t n)'),
    bpf_program__set_log_level: bind('int bpf_program__set_log_level(bpf_program *p, uint32_t level)'),
    bpf_program__attach: bind('bpf_link *bpf_program__attach(const bpf_program *p)'),
    bpf_program__attach_iter: bind('bpf_link *bpf_program__attach_iter(const bpf_program *p, const void *opts)'),

    bpf_map__name: bind('const char *bpf_map__name(const bpf_map *m)'),
    bpf_map__fd: bind('int bpf_map__fd(const bpf_map *m)'),
    bpf_map__set_max_entries: bind('int bpf_map__set_max_entries(bpf_map *m, uint32_t n)'),
    bpf_map__reuse_fd: bind('int bpf_map__reuse_fd(bpf_map *m, int fd)'),
    bpf_map__type: bind('uint32_t bpf_map__type(const bpf_map *m)'),
    bpf_map__key_size: bind('uint32_t bpf_map__key_size(const bpf_map *m)'),
    bpf_map__value_size: bind('uint32_t bpf_map__value_size(const bpf_map *m)'),
    bpf_map__max_entries: bind('uint32_t bpf_map__max_entries(const bpf_map *m)'),
    bpf_map__map_flags: bind('uint32_t bpf_map__map_flags(const bpf_map *m)'),
    bpf_map__initial_value: bind('void *bpf_map__initial_value(bpf_map *m, _Out_ size_t *n)'),

    bpf_link__fd: bind('int bpf_link__fd(const bpf_link *l)'),
    bpf_link__open: bind('bpf_link *bpf_link__open(const char *path)'),
    bpf_link__destroy: bind('int bpf_link__destroy(bpf_link *l)'),

    bpf_linker__new: bind('bpf_linker *bpf_linker__new(const char *path, void *opts)'),
    bpf_linker__add_file: bind('int bpf_linker__add_file(bpf_linker *l, const char *path, const void *opts)'),
    bpf_linker__finalize: bind('int bpf_linker__finalize(bpf_linker *l)'),
    bpf_linker__free: bind('void bpf_linker__free(bpf_linker *l)'),

    bpf_map_create: bind(
      'int bpf_map_create(int type, const char *name, uint32_t k, uint32_t v, uint32_t n, const rf_map_opts *opts)',
    ),
    bpf_map_lookup_elem: bind('int bpf_map_lookup_elem(int fd, const void *key, void *value)'),
    bpf_map_update_elem: bind('int bpf_map_update_elem(int fd, const void *key, const void *value, uint64_t flags)'),
    bpf_map_delete_elem: bind('int bpf_map_delete_elem(int fd, const void *key)'),
    bpf_map_get_next_key: bind('int bpf_map_get_next_key(int fd, const void *key, void *next)'),
    bpf_map_update_batch: bind(
      'int bpf_map_update_batch(int fd, const void *keys, const void *values, _Inout_ uint32_t *n, const void *opts)',
    ),
    bpf_map_freeze: bind('int bpf_map_freeze(int fd)'),
    bpf_obj_pin: bind('int bpf_obj_pin(int fd, const char *path)'),
    bpf_obj_get: bind('int bpf_obj_get(const char *path)'),
    bpf_obj_get_info_by_fd: bind('int bpf_obj_get_info_by_fd(int fd, void *info, void *n)'),
    bpf_prog_get_fd_by_id: bind('int bpf_prog_get_fd_by_id(uint32_t id)'),
    bpf_prog_get_next_id: bind('int bpf_prog_get_next_id(uint32_t id, _Out_ uint32_t *next)'),
    bpf_link_get_fd_by_id: bind('int bpf_link_get_fd_by_id(uint32_t id)'),
    bpf_link_get_next_id: bind('int bpf_link_get_next_id(uint32_t id, _Out_ uint32_t *next)'),
    bpf_prog_query: bind(
      'int bpf_prog_query(int fd, int type, uint32_t flags, void *attach_flags, void *ids, _Inout_ uint32_t *n)',
    ),
    bpf_xdp_query_id: bind('int bpf_xdp_query_id(int ifindex, int flags, _Out_ uint32_t *id)'),
    bpf_tc_query: bind('int bpf_tc_query(const rf_tc_hook *hook, _Inout_ rf_tc_opts *opts)'),
    bpf_prog_load: bind(
      'int bpf_prog_load(int type, const char *name, const char *license, const void *i, size_t n, const rf_prog_opts *o)',
    ),
    bpf_prog_test_run_opts: bind('int bpf_prog_test_run_opts(int fd, _Inout_ rf_run_opts *opts)'),
    bpf_raw_tracepoint_open: bind('int bpf_raw_tracepoint_open(const char *name, int fd)'),
    bpf_iter_create: bind('int bpf_iter_create(int fd)'),
  };
}

/** Adds the size that libbpf reads first; a library that knows fewer fields accepts the rest as long as it is zero. */
export function sized<Options extends object>(
  struct: 'rf_open_opts' | 'rf_run_opts' | 'rf_prog_opts' | 'rf_map_opts' | 'rf_tc_hook' | 'rf_tc_opts',
  options: Options,
): Options & { readonly sz: number } {
  return { ...options, sz: koffi.sizeof(struct) };
}

function loadLibc(): Libc {
  if (libc !== undefined) return libc;
  const library = koffi.load('libc.so.6'); // Node's official builds need glibc, so it is there
  libc = {
    getpagesize: library.func('int getpagesize()'),
    mmap: library.func('void *mmap(void *address, size_t n, int protection, int flags, int fd, int64_t offset)'),
    munmap: library.func('int munmap(void *address, size_t n)'),
    memfd_create: library.func('int memfd_create(const char *name, unsigned int flags)'),
    klogctl: library.func('int klogctl(int type, void *buffer, int n)'),
    fcntl: library.func('int fcntl(int fd, int command, int argument)'),
    syscall: library.func('long syscall(long number, int first, unsigned int second)'),
    flock: library.func('int flock(int fd, int operation)'),
    open_by_handle_at: library.func('int open_by_handle_at(int fd, void *handle, int flags)'),
    mount: library.func(
      'int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data)',
    ),
    vsnprintf: library.func('int vsnprintf(void *buffer, size_t n, void *format, void *values)'),
  };
  return libc;
}

// ---- results ----

/** The value of a libbpf call, or its error thrown. */
export function checked(call: string, result: number): number {
  if (result < 0) throw refused(call, -result, said);
  return result;
}

/** The pointer of a libbpf call, or its error thrown; nothing may be called between that call and this one. */
export function present<Pointer extends bigint>(call: string, pointer: Pointer | null): Pointer {
  if (pointer === null) throw refused(call, koffi.errno(), said);
  return pointer;
}

function checkedLibc(call: string, result: number): number {
  if (result === -1) throw refused(call, koffi.errno());
  return result;
}

// ---- what libbpf says ----

const MESSAGES_MAX = 64;
const MESSAGE_BYTES_MAX = 4096;
const LEVEL_INFO = 1; // enum libbpf_print_level: warn 0, info 1, debug 2

const messageBuffer = Buffer.alloc(MESSAGE_BYTES_MAX);
let said: string[] = [];
let collecting = false;

/**
 * Runs `work` with libbpf's messages collected, so that an error thrown within carries them as its cause.
 * The callback is in place only meanwhile: libbpf must never call into a thread that has ended.
 */
export function listening<Result>(work: (messages: readonly string[]) => Result): Result {
  const library = loadLibbpf();
  assert(!collecting, 'collecting messages does not nest');
  collecting = true;
  library.libbpf_set_print(printer ?? null);
  try {
    return work(said);
  } finally {
    library.libbpf_set_print(null);
    collecting = false;
    said = [];
  }
}

/** Called by libbpf; `values` is the va_list, which x86-64 and arm64 both hand over as a pointer. */
function print(level: number, format: bigint, values: bigint): number {
  if (level > LEVEL_INFO || said.length >= MESSAGES_MAX) return 0;
  const length = loadLibc().vsnprintf(messageBuffer, messageBuffer.length, format, values);
  said.push(messageBuffer.toString('utf8', 0, Math.min(length, messageBuffer.length - 1)).trimEnd());
  return length;
}

// ---- memory ----

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 0x01;
const MAP_PRIVATE = 0x02;
const MAP_FIXED = 0x10;
const MAP_ANONYMOUS = 0x20;
const MAP_NORESERVE = 0x4000;
const MAP_FAILED = 0xffff_ffff_ffff_ffffn;

export type Pages = { readonly address: bigint; readonly length: number; readonly memory: ArrayBuffer };

export function pageBytes(): number {
  return loadLibc().getpagesize();
}

/** Maps `length` bytes of what `fd` stands for. Writing into pages that are not writable kills the process. */
export function mapShared(fd: number, length: number, offset: number, writable: boolean): Pages {
  return mapPages(null, length, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, offset);
}

/** Private zero pages, which take no memory until written. */
export function mapAnonymous(length: number): Pages {
  return mapPages(null, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

function mapPages(at: bigint | null, length: number, protection: number, flags: number, fd: number, offset: number) {
  const address = loadLibc().mmap(at, length, protection, flags, fd, offset);
  if (address === null || address === MAP_FAILED) throw refused('mmap', koffi.errno());
  return { address, length, memory: koffi.view(address, length) };
}

const abandoned = new FinalizationRegistry<{ readonly address: bigint; readonly length: number }>((pages) => {
  loadLibc().munmap(pages.address, pages.length);
});

/**
 * Lets go of what is mapped. A view over it may still be held somewhere, and reading it must not kill the process:
 * zero pages take the place until the last view is collected.
 */
export function unmap({ address, length, memory }: Pages): void {
  const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
  const result = loadLibc().mmap(address, length, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (result === MAP_FAILED) throw refused('mmap', koffi.errno());
  abandoned.register(memory, { address, length });
}

/** The bytes at an address that libbpf lent; they live as long as what they belong to. */
export function borrowed(address: bigint, length: number): Uint8Array {
  return new Uint8Array(koffi.view(address, length));
}

// ---- the rest of libc ----

const MFD_CLOEXEC = 1;
const SYS_PIDFD_OPEN = 434; // the same on every architecture, include/uapi/asm-generic/unistd.h
const F_DUPFD_CLOEXEC = 1030;

export function memoryFile(name: string): number {
  return checkedLibc('memfd_create', loadLibc().memfd_create(name, MFD_CLOEXEC));
}

export function openPidDescriptor(pid: number, flags: number): number {
  return checkedLibc('pidfd_open', loadLibc().syscall(SYS_PIDFD_OPEN, pid, flags));
}

export function duplicateDescriptor(fd: number): number {
  return checkedLibc('fcntl(F_DUPFD_CLOEXEC)', loadLibc().fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

const LOCK_EX = 2;
const LOCK_NB = 4;

/** Takes the file's lock, which ends with the descriptor; false when somebody else has it. */
export function lockDescriptor(fd: number): boolean {
  if (loadLibc().flock(fd, LOCK_EX | LOCK_NB) === 0) return true;
  const errno = koffi.errno();
  if (errno === constants.errno.EWOULDBLOCK) return false;
  throw refused('flock', errno);
}

/** What the handle (struct file_handle) stands for in the file system of `mountFd`; undefined when it has gone. */
export function openByHandle(mountFd: number, handle: Uint8Array, flags: number): number | undefined {
  const fd = loadLibc().open_by_handle_at(mountFd, handle, flags);
  if (fd >= 0) return fd;
  const errno = koffi.errno();
  if (errno === constants.errno.ESTALE || errno === constants.errno.ENOENT) return undefined;
  throw refused('open_by_handle_at', errno);
}

export function mountFileSystem(type: string, target: string): void {
  checkedLibc(`mount(${type}, ${target})`, loadLibc().mount(type, target, type, 0, null));
}

/** Calls syslog(2) with a `type` of which nothing but a probe program knows; returns its errno, 0 for success. */
export function syslogErrno(type: number): number {
  return loadLibc().klogctl(type, null, 0) < 0 ? koffi.errno() : 0;
}

// ---- the event loop ----

export type Watch = { arm(): void; disarm(): void; close(): void };

/** Calls `onReadable` while armed and `fd` has something to read. An armed watch keeps the process alive. */
export function watchReadable(fd: number, onReadable: () => void): Watch {
  const handle = koffi.node.poll(fd, { readable: true }, onReadable);
  handle.stop();
  return {
    arm: () => handle.start({ readable: true }, onReadable),
    disarm: () => handle.stop(),
    close: () => handle.close(),
  };
}
