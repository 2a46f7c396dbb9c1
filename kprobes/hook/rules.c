/*
 * Lines of a keyword and a value: "deadline-ms NUMBER", "fail-closed NAMESPACE", "fail-closed *". The agent writes the
 * file as a whole, and touches it every minute while it lives.
 */
#include "rules.h"

#include <linux/fcntl.h>

enum {
	RULES_BYTES_MAX = 64 * 1024, /* the agent writes "*" instead of more */
	DEADLINE_MS = 5000,
	DEADLINE_MS_MAX = 60000,
	RECENT_SECONDS = 600,
};

static struct text first_line(struct text *rest)
{
	struct text line = { rest->at, 0 };

	while (line.length < rest->length && line.at[line.length] != '\n')
		line.length++;
	rest->at += line.length;
	rest->length -= line.length;
	if (rest->length > 0) {
		rest->at++;
		rest->length--;
	}
	return line;
}

static int after(struct text line, struct text keyword, struct text *value)
{
	if (line.length <= keyword.length || memcmp(line.at, keyword.at, keyword.length) != 0)
		return 0;
	*value = (struct text){ line.at + keyword.length, line.length - keyword.length };
	return 1;
}

static int names(struct text value, const struct container *container)
{
	if (same_text(value, TEXT("*")))
		return 1;
	for (size_t each = 0; each < 2; each++) {
		if (container->namespaces[each].length > 0 && same_text(value, container->namespaces[each]))
			return 1;
	}
	return 0;
}

struct rules rules_for(const char *path, const struct container *container)
{
	static char buffer[RULES_BYTES_MAX];
	struct rules rules = { .deadline_ms = DEADLINE_MS };
	struct statx found;
	struct text rest, value;
	long file, bytes;

	file = open_file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
	if (file < 0)
		return rules;
	bytes = read_whole((int)file, buffer, sizeof(buffer), now_ms() + DEADLINE_MS);
	close_file((int)file);
	if (bytes < 0 || stat_file(path, &found) < 0)
		return rules;
	rules.recent = wall_seconds() < (u64)found.stx_mtime.tv_sec + RECENT_SECONDS;
	rest = (struct text){ buffer, (size_t)bytes < sizeof(buffer) ? (size_t)bytes : sizeof(buffer) };
	while (rest.length > 0) {
		struct text line = first_line(&rest);

		if (after(line, TEXT("deadline-ms "), &value))
			rules.deadline_ms = number_of(value);
		else if (after(line, TEXT("fail-closed "), &value) && names(value, container))
			rules.fail_closed = 1;
	}
	if (rules.deadline_ms > DEADLINE_MS_MAX)
		rules.deadline_ms = DEADLINE_MS_MAX;
	return rules;
}
