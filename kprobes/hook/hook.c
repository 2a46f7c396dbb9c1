/*
 * ringfence-hook STAGE DIRECTORY [NAMESPACE...] - run by a container runtime before the first process of a container
 *
 * Tells the agent, whose socket is in DIRECTORY, of the container, and ends when the agent has it in the kernel's table:
 * policies are in force from the first instruction. When no agent answers, the rules that the last one left decide:
 * namespaces that fail closed do not start containers, the others do, and a line in a file says that one was missed.
 * Containers of NAMESPACE, where agents run, do not wait for one: it may be among them.
 *
 * STAGE says whose pid the state has. At createRuntime it is the pid on the node, and the hook runs beside the runtime.
 * At createContainer it is that in the container's own pid namespace; there the hook itself runs in the container's
 * cgroup, and /proc is still the node's.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>

#include "machine.h"
#include "rules.h"
#include "state.h"
#include "system.h"

enum {
	STATE_BYTES_MAX = 4 * 1024 * 1024, /* annotations of a pod may have 256 KiB, and CRI-O repeats them */
	CGROUP_BYTES_MAX = 16 * 1024,
	ANSWER_BYTES_MAX = 512,
	PATH_BYTES_MAX = 256,
	MISSED_BYTES_MAX = 64 * 1024,
	RETRY_MS = 20,
	STATE_MS_MAX = 60000, /* a runtime writes it at once, but the node may be slow */
};

enum outcome {
	NO_AGENT,
	LET_PASS,
	REFUSED,
};

static char state_bytes[STATE_BYTES_MAX];
static char cgroup_bytes[CGROUP_BYTES_MAX];
static char answer_bytes[ANSWER_BYTES_MAX];

struct path {
	char text[PATH_BYTES_MAX];
	size_t length;
};

static void append(struct path *path, struct text more)
{
	if (path->length + more.length >= sizeof(path->text))
		finish(1); /* its directory is the agent's to choose; a runtime shows the status */
	memcpy(path->text + path->length, more.at, more.length);
	path->length += more.length;
	path->text[path->length] = 0;
}

static struct path path_of(struct text first, struct text second, struct text third)
{
	struct path path = { .length = 0 };

	append(&path, first);
	append(&path, second);
	append(&path, third);
	return path;
}

static void append_number(struct path *line, u64 number)
{
	char digits[20];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	append(line, (struct text){ digits + at, sizeof(digits) - at });
}

/* The kernel's line per hierarchy of the process, as the cgroup namespace of this one has it. */
static struct text cgroup_of(u64 pid)
{
	struct path path = path_of(TEXT("/proc/"), TEXT(""), TEXT(""));
	long file, bytes;

	append_number(&path, pid);
	append(&path, TEXT("/cgroup"));
	file = bytes = open_file(path.text, O_RDONLY);
	if (file >= 0) {
		bytes = read_whole((int)file, cgroup_bytes, sizeof(cgroup_bytes), now_ms() + STATE_MS_MAX);
		close_file((int)file);
	}
	if (bytes < 0)
		bytes = 0;
	return (struct text){ cgroup_bytes, (size_t)bytes < sizeof(cgroup_bytes) ? (size_t)bytes : sizeof(cgroup_bytes) };
}

/* "ringfence-hook 1 PID BYTES BYTES", then what the two count: the cgroups, and the state. */
static int send(int socket, u64 pid, struct text cgroup, struct text state, u64 deadline_ms)
{
	struct path line = path_of(TEXT("ringfence-hook 1 "), TEXT(""), TEXT(""));
	int error;

	append_number(&line, pid);
	append(&line, TEXT(" "));
	append_number(&line, cgroup.length);
	append(&line, TEXT(" "));
	append_number(&line, state.length);
	append(&line, TEXT("\n"));
	error = write_whole(socket, (struct text){ line.text, line.length }, deadline_ms);
	if (!error)
		error = write_whole(socket, cgroup, deadline_ms);
	return error ? error : write_whole(socket, state, deadline_ms);
}

/* The first word of the answer decides; what follows "refused " is for people. */
static enum outcome outcome_of(struct text answer)
{
	const struct text refused = TEXT("refused ");

	if (answer.length == 0 || answer.at[answer.length - 1] != '\n')
		return NO_AGENT; /* it ended in the middle */
	answer.length--;
	if (same_text(answer, TEXT("registered")) || same_text(answer, TEXT("passed")))
		return LET_PASS;
	if (answer.length > refused.length && memcmp(answer.at, refused.at, refused.length) == 0) {
		complain(TEXT("the agent does not let this container start: "),
			 (struct text){ answer.at + refused.length, answer.length - refused.length });
		return REFUSED;
	}
	return NO_AGENT;
}

static enum outcome ask(const char *path, u64 pid, struct text cgroup, struct text state, u64 deadline_ms)
{
	long socket = connect_to(path);
	enum outcome outcome = NO_AGENT;

	if (socket < 0)
		return NO_AGENT;
	if (!send((int)socket, pid, cgroup, state, deadline_ms)) {
		long bytes = read_whole((int)socket, answer_bytes, sizeof(answer_bytes), deadline_ms);

		if (bytes > 0 && (size_t)bytes <= sizeof(answer_bytes))
			outcome = outcome_of((struct text){ answer_bytes, (size_t)bytes });
	}
	close_file((int)socket);
	return outcome;
}

/* For the next agent to count; it takes the file away. */
static void note_missed(const char *path, struct text id)
{
	struct statx found;
	long file;

	if (stat_file(path, &found) == 0 && found.stx_size > MISSED_BYTES_MAX)
		return;
	file = open_file(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK);
	if (file < 0)
		return;
	if (id.length < PATH_BYTES_MAX - 1) {
		struct path line = path_of(id, TEXT("\n"), TEXT(""));

		write_some((int)file, line.text, line.length);
	}
	close_file((int)file);
}

/* Annotations are partly what users write: every family that names a namespace has to name one of these. */
static int of_agents(const struct container *container, const char **namespaces)
{
	int named = 0;

	for (size_t each = 0; each < 2; each++) {
		size_t at = 0;

		if (container->namespaces[each].length == 0)
			continue;
		while (namespaces[at] && !same_text(text_of(namespaces[at]), container->namespaces[each]))
			at++;
		if (!namespaces[at])
			return 0;
		named = 1;
	}
	return named;
}

static int run(struct text stage, struct text directory, const char **namespaces)
{
	struct path socket = path_of(directory, TEXT("/hook.sock"), TEXT(""));
	struct path rules_path = path_of(directory, TEXT("/hook.rules"), TEXT(""));
	struct path missed = path_of(directory, TEXT("/hook.missed"), TEXT(""));
	u64 begun_ms;
	char self[24];
	struct container container;
	struct rules rules;
	struct text state, cgroup;
	u64 pid;
	long bytes = read_whole(0, state_bytes, sizeof(state_bytes), now_ms() + STATE_MS_MAX);

	state = (struct text){ state_bytes, bytes > 0 ? (size_t)bytes : 0 };
	if (bytes <= 0 || (size_t)bytes > sizeof(state_bytes) || !read_state(state, &container)) {
		complain(TEXT("the runtime gave no state of a container that can be read"), TEXT(""));
		return 1;
	}
	begun_ms = now_ms();
	rules = rules_for(rules_path.text, &container);
	if (of_agents(&container, namespaces))
		rules.recent = rules.fail_closed = 0;
	pid = container.pid;
	if (same_text(stage, TEXT("createContainer")) && read_link("/proc/self", self, sizeof(self)) > 0)
		pid = number_of(text_of(self));
	cgroup = cgroup_of(pid);
	do {
		switch (ask(socket.text, pid, cgroup, state, begun_ms + rules.deadline_ms)) {
		case LET_PASS:
			return 0;
		case REFUSED:
			return 1;
		case NO_AGENT:
			break;
		}
		if (!rules.recent)
			break;
		pause_ms(RETRY_MS);
	} while (now_ms() < begun_ms + rules.deadline_ms);
	if (rules.fail_closed) {
		complain(TEXT("no agent answers, and the namespace starts no containers without one"), TEXT(""));
		return 1;
	}
	note_missed(missed.text, container.id);
	return 0;
}

__attribute__((used, noreturn)) void machine_main(long *stack)
{
	const char **arguments = (const char **)(stack + 1);

	if (stack[0] < 3) {
		complain(TEXT("usage: ringfence-hook createRuntime|createContainer DIRECTORY [NAMESPACE...]"), TEXT(""));
		finish(2);
	}
	finish(run(text_of(arguments[1]), text_of(arguments[2]), arguments + 3));
}

MACHINE_START;
