/*
 * Reads JSON in one pass and without recursion, as the agent reads it properly: here it is only to be known whose
 * container it is when no agent answers. Texts with escapes are left as they are, as names have none.
 */
#include "state.h"

struct cursor {
	const char *at;
	const char *end;
};

static void skip_blanks(struct cursor *cursor)
{
	while (cursor->at < cursor->end && (*cursor->at == ' ' || (*cursor->at >= '\t' && *cursor->at <= '\r')))
		cursor->at++;
}

static int take(struct cursor *cursor, char wanted)
{
	skip_blanks(cursor);
	if (cursor->at == cursor->end || *cursor->at != wanted)
		return 0;
	cursor->at++;
	return 1;
}

static int take_string(struct cursor *cursor, struct text *into)
{
	if (!take(cursor, '"'))
		return 0;
	into->at = cursor->at;
	for (; cursor->at < cursor->end; cursor->at++) {
		if (*cursor->at == '\\') {
			if (++cursor->at == cursor->end)
				return 0;
		} else if (*cursor->at == '"') {
			into->length = (size_t)(cursor->at++ - into->at);
			return 1;
		}
	}
	return 0;
}

/* A value of any kind; @into is all of it. */
static int take_value(struct cursor *cursor, struct text *into)
{
	size_t depth = 0;
	struct text ignored;

	skip_blanks(cursor);
	into->at = cursor->at;
	while (cursor->at < cursor->end) {
		char byte = *cursor->at;

		if (byte == '"') {
			if (!take_string(cursor, &ignored))
				return 0;
			continue;
		}
		if (depth == 0 && (byte == ',' || byte == '}' || byte == ']'))
			break;
		if (byte == '{' || byte == '[')
			depth++;
		if (byte == '}' || byte == ']')
			depth--;
		cursor->at++;
	}
	into->length = (size_t)(cursor->at - into->at);
	return depth == 0 && into->length > 0;
}

static struct text unquoted(struct text value)
{
	struct cursor cursor = { value.at, value.at + value.length };
	struct text string = { value.at, 0 };

	return take_string(&cursor, &string) ? string : (struct text){ value.at, 0 };
}

/* Calls @found with each member of an object. */
static int each_member(struct text object, struct container *into,
		       void (*found)(struct container *into, struct text key, struct text value))
{
	struct cursor cursor = { object.at, object.at + object.length };

	if (!take(&cursor, '{'))
		return 0;
	if (take(&cursor, '}'))
		return 1;
	do {
		struct text key, value;

		if (!take_string(&cursor, &key) || !take(&cursor, ':') || !take_value(&cursor, &value))
			return 0;
		found(into, key, value);
	} while (take(&cursor, ','));
	return take(&cursor, '}');
}

static void annotation(struct container *into, struct text key, struct text value)
{
	if (same_text(key, TEXT("io.kubernetes.cri.sandbox-namespace")))
		into->namespaces[0] = unquoted(value);
	else if (same_text(key, TEXT("io.kubernetes.pod.namespace")))
		into->namespaces[1] = unquoted(value);
}

static void member(struct container *into, struct text key, struct text value)
{
	if (same_text(key, TEXT("pid")))
		into->pid = number_of(value);
	else if (same_text(key, TEXT("id")))
		into->id = unquoted(value);
	else if (same_text(key, TEXT("annotations")))
		each_member(value, into, annotation);
}

int read_state(struct text state, struct container *into)
{
	*into = (struct container){ 0 };
	return each_member(state, into, member);
}
