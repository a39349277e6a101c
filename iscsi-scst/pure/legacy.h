/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads the older configuration file of the iSCSI daemon: bytes in, one directive or one error after the other out. Pure.
 *
 * A directive ends with the line or with a semicolon; a line that begins with # is a comment; the name of a directive may be
 * written in any case, and white space or an equals sign parts words.
 */
#ifndef ISCSI_LEGACY_H
#define ISCSI_LEGACY_H

#include "scst_pure.h"
#include "keys.h"

#define ISCSI_LEGACY_VALUE_MAX	511	/* bytes of a value */
#define ISCSI_LEGACY_SECRET_MIN	12	/* bytes of a secret, RFC 7143 12.1.3 */

enum iscsi_legacy_kind {
	ISCSI_LEGACY_TARGET,		/* what follows belongs to this target */
	ISCSI_LEGACY_ACCOUNT,		/* of the target, or of discovery sessions */
	ISCSI_LEGACY_PORTAL,		/* allowed_portal of the target */
	ISCSI_LEGACY_ATTR,		/* an attribute of the target that is a file of its own */
	ISCSI_LEGACY_ISNS_SERVER,
	ISCSI_LEGACY_ISNS_ACCESS,	/* the value is Yes or No */
	ISCSI_LEGACY_IGNORED,		/* Alias; never given out */
};

/**
 * struct iscsi_legacy - a file that is being read
 * @data: its bytes
 * @size: how many
 * @pos: of the next directive
 * @line: it is in, from 1 on
 * @line_start: where that line begins
 * @in_target: there was a Target
 * @skip: nothing of this target is given out; set when its name is bad, and by the caller if he does not want it
 */
struct iscsi_legacy {
	const char *data;
	size_t size;
	size_t pos;
	u32 line;
	size_t line_start;
	bool in_target;
	bool skip;
};

/**
 * struct iscsi_legacy_item - a directive, or what is wrong with one
 * @kind: what it is
 * @in_target: it belongs to the last target; else it is global
 * @name: the attribute's as sysfs spells it
 * @value: its words with one blank in between
 * @error: what is wrong, or NULL
 * @line: where the directive, or what is wrong, begins
 * @column: likewise, from 1 on, in bytes
 */
struct iscsi_legacy_item {
	enum iscsi_legacy_kind kind;
	bool in_target;
	const char *name;
	char value[ISCSI_LEGACY_VALUE_MAX + 1];
	const char *error;
	u32 line;
	u32 column;
};

/**
 * iscsi_legacy_init - begin
 * @l: to be set up
 * @data: bytes of the file, which stay the caller's
 * @size: how many
 */
void iscsi_legacy_init(struct iscsi_legacy *l, const char *data, size_t size);

/**
 * iscsi_legacy_next - the next directive
 * @l: the file
 * @item: receives it; holds a secret perhaps
 *
 * Return: 1 a directive, 0 the end, -EINVAL one that is wrong: @error, @line and @column are set, and the next call goes on
 * behind it.
 */
int iscsi_legacy_next(struct iscsi_legacy *l, struct iscsi_legacy_item *item);

#endif /* ISCSI_LEGACY_H */
