// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzes the older configuration file of the iSCSI daemon.
 *
 * links: iscsi-scst/pure/legacy.c iscsi-scst/pure/keys.c
 */
#include <stdlib.h>

#include "legacy.h"

static void must(bool condition)
{
	if (!condition)
		abort();
}

/* Where something is lies inside the file, and behind what came before. */
static size_t place(const char *data, size_t size, const struct iscsi_legacy_item *item)
{
	size_t at = 0;
	u32 line;

	for (line = 1; line < item->line; line++) {
		const char *end = memchr(data + at, '\n', size - at);

		must(end);
		at = (size_t)(end - data) + 1;
	}
	must(item->column);
	at += item->column - 1;
	must(at <= size);
	return at;
}

static void look_at(const struct iscsi_legacy_item *item)
{
	const char *p;
	u32 value;

	must(item->name && strlen(item->value) <= ISCSI_LEGACY_VALUE_MAX && item->kind != ISCSI_LEGACY_IGNORED);
	for (p = item->value; *p; p++)
		must((u8)*p >= ' ' && *p != 0x7f && *p != ';' && *p != '=');
	must(item->in_target || item->kind == ISCSI_LEGACY_ACCOUNT || item->kind == ISCSI_LEGACY_ISNS_SERVER ||
	     item->kind == ISCSI_LEGACY_ISNS_ACCESS);
	if (iscsi_key_find(item->name))
		must(!iscsi_key_parse_value(iscsi_key_find(item->name), item->value, &value));
	if (item->kind == ISCSI_LEGACY_ACCOUNT)
		must(strchr(item->value, ' ') && strlen(strchr(item->value, ' ') + 1) >= ISCSI_LEGACY_SECRET_MIN);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1);	/* a byte read beyond it is seen */
	struct iscsi_legacy_item item;
	struct iscsi_legacy l;
	bool in_target = false;
	size_t at, before = 0;
	int ret;

	memcpy(copy, data, size);
	iscsi_legacy_init(&l, copy, size);
	while ((ret = iscsi_legacy_next(&l, &item))) {
		must(ret == 1 ? !item.error : ret == -EINVAL && item.error);
		at = place(copy, size, &item);
		must(at >= before);
		before = at;
		must(!in_target || l.in_target);	/* a target never ends in the global section */
		in_target = l.in_target;
		if (ret == 1)
			look_at(&item);
		if (ret == 1 && item.kind == ISCSI_LEGACY_TARGET)
			l.skip = item.value[0] == 's';
	}
	must(l.pos == size);
	free(copy);
	return 0;
}
