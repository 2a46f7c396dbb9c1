/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The parts of an exec record that a new image and a running one have in common. */
#ifndef RINGFENCE_IMAGE_H
#define RINGFENCE_IMAGE_H

#include <ringfence/scratch.h>
#include <ringfence/identity.h>

int rf_image_begin(struct rf_scratch *scratch, u32 ring);
int rf_image_file(struct rf_scratch *scratch, struct rf_process *process, struct file *file);
int rf_image_cwd(struct rf_scratch *scratch, struct task_struct *task);
int rf_image_namespaces(struct rf_scratch *scratch, struct task_struct *task, const struct cred *cred);
int rf_image_credentials(struct rf_scratch *scratch, struct task_struct *task, const struct cred *cred);

#endif
