// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The parts of an exec record that a new image and a running one have in common. */
#include <ringfence/maps.h>
#include <ringfence/facts.h>
#include <ringfence/path.h>
#include <ringfence/process.h>
#include <ringfence/record.h>
#include <ringfence/image.h>

#define TMPFS_MAGIC 0x01021994 /* include/uapi/linux/magic.h */

__hidden __noinline int rf_image_begin(struct rf_scratch *scratch, u32 ring)
{
	rf_record_begin(scratch, RF_RECORD_EXEC, ring, sizeof(struct rf_record_exec));
	return 0;
}

/* A memory file is on tmpfs, not mounted where anybody could see it, and named memfd:NAME. */
static __always_inline bool memory_file(const struct rf_path *path, struct file *file)
{
	u64 name = 0;
	u32 start = path->start;

	if (!(path->flags & RF_PATH_UNREACHABLE) || start >= RF_PATH_MAX)
		return false;
	if (file->f_inode->i_sb->s_magic != TMPFS_MAGIC)
		return false;
	bpf_probe_read_kernel(&name, 7, &path->text[start]);
	return name == 0x3a64666d656d2full; /* "/memfd:" */
}

/* As rf_read_object() does of an address: here the verifier knows the file, and plain loads do on every kernel. */
static __always_inline void fill_object(struct rf_record_exec *record, struct file *file)
{
	struct inode *inode = file ? file->f_inode : NULL;

	record->binary_inode = inode ? inode->i_ino : 0;
	record->binary_device = inode ? inode->i_sb->s_dev : 0;
	record->binary_links = inode ? inode->i_nlink : 0;
	record->binary_mode = inode ? inode->i_mode : 0;
}

/* Fills what the record and @process hold about the executable; uses path slot 1. */
__hidden __noinline int rf_image_file(struct rf_scratch *scratch, struct rf_process *process, struct file *file)
{
	struct rf_record_exec *record = (void *)scratch->record;
	struct rf_path *path = &scratch->paths[1];

	rf_path_of_file(scratch, 1, file);
	rf_process_binary(process, scratch, 1);
	record->binary_flags = path->flags;
	fill_object(record, file);
	if (file && memory_file(path, file))
		record->flags |= RF_EXEC_MEMFD;
	else if (path->flags & RF_PATH_DELETED)
		record->flags |= RF_EXEC_UNLINKED;
	return rf_record_append_path(scratch, 1, &record->binary);
}

__hidden __noinline int rf_image_cwd(struct rf_scratch *scratch, struct task_struct *task)
{
	struct rf_record_exec *record = (void *)scratch->record;
	struct fs_struct *fs = task->fs;
	struct rf_path *path = &scratch->paths[1];

	record->cwd_flags = RF_PATH_NONE;
	record->cwd.offset = 0;
	record->cwd.length = 0;
	if (!fs)
		return -1;
	rf_path_of_path(scratch, 1, __builtin_preserve_access_index(&fs->pwd));
	record->cwd_flags = path->flags;
	if (path->length == 1)
		record->flags |= RF_EXEC_CWD_ROOT;
	return rf_record_append_path(scratch, 1, &record->cwd);
}

__hidden __noinline int rf_image_credentials(struct rf_scratch *scratch, struct task_struct *task,
					     const struct cred *cred)
{
	struct rf_record_exec *record = (void *)scratch->record;

	if (!cred)
		return -1;
	rf_fill_credentials(&record->credentials, cred, rf_login_uid(task));
	return 0;
}

__hidden __noinline int rf_image_namespaces(struct rf_scratch *scratch, struct task_struct *task,
					    const struct cred *cred)
{
	struct rf_record_exec *record = (void *)scratch->record;

	if (!cred)
		return -1;
	rf_fill_namespaces(&record->namespaces, task, cred);
	return 0;
}
