// SPDX-License-Identifier: GPL-2.0
/*
 * Asymmetric access states, and the data of REPORT and SET TARGET PORT GROUPS (SPC-4 5.15, 6.37, 6.45).
 */
#include "alua.h"
#include "outbuf.h"
#include "sense.h"

#define FORMAT_MASK		0xe0	/* PARAMETER DATA FORMAT */
#define FORMAT_LENGTH_ONLY	0x00
#define FORMAT_EXTENDED		0x20
#define EXTENDED_HEADER_TYPE	0x10

#define PREF			0x80
#define SUPPORTED_STATES	0xcf	/* all but LBA dependent */
#define STATUS_IMPLICIT		0x02	/* the state was changed by the target, i.e. by its administrator */

#define STPG_HEADER		4
#define STPG_DESCRIPTOR		4

static const struct {
	u8 state;
	const char *name;
} states[] = {
	{ SCSI_ALUA_ACTIVE, "active" },
	{ SCSI_ALUA_NONOPTIMIZED, "nonoptimized" },
	{ SCSI_ALUA_STANDBY, "standby" },
	{ SCSI_ALUA_UNAVAILABLE, "unavailable" },
	{ SCSI_ALUA_OFFLINE, "offline" },
	{ SCSI_ALUA_TRANSITIONING, "transitioning" },
};

const char *scsi_alua_name(u8 state)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(states); i++)
		if (states[i].state == state)
			return states[i].name;
	return NULL;
}

int scsi_alua_parse(const char *word)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(states); i++)
		if (!strcmp(states[i].name, word))
			return states[i].state;
	return -EINVAL;
}

scsi_sense_code scsi_alua_admit(u8 state, u32 op_flags)
{
	switch (state) {
	case SCSI_ALUA_STANDBY:
		return op_flags & SCSI_OPF_ALUA_STANDBY ? 0 : SCSI_SENSE_ALUA_STANDBY;
	case SCSI_ALUA_UNAVAILABLE:
	case SCSI_ALUA_OFFLINE:
		return op_flags & SCSI_OPF_ALUA_UNAVAILABLE ? 0 : SCSI_SENSE_ALUA_UNAVAILABLE;
	case SCSI_ALUA_TRANSITIONING:
		return op_flags & SCSI_OPF_ALUA_TRANSITION ? 0 : SCSI_SENSE_ALUA_TRANSITION;
	default:
		return 0;
	}
}

static void put_group(struct scsi_outbuf *o, const struct scsi_tpg *g)
{
	unsigned int i;

	scsi_out_u8(o, g->state | (g->preferred ? PREF : 0));
	scsi_out_u8(o, SUPPORTED_STATES);
	scsi_out_be16(o, g->id);
	scsi_out_u8(o, 0);
	scsi_out_u8(o, STATUS_IMPLICIT);
	scsi_out_u8(o, 0);
	scsi_out_u8(o, g->nr_ports);
	for (i = 0; i < g->nr_ports; i++) {
		scsi_out_be16(o, 0);
		scsi_out_be16(o, g->ports[i]);
	}
}

int scsi_rtpg_build(const struct scsi_tpg *groups, unsigned int nr, const u8 *cdb, u8 *buf, unsigned int size,
		    struct scsi_sense *sense)
{
	struct scsi_outbuf o = { .buf = buf, .size = size };
	u8 format = cdb[1] & FORMAT_MASK;
	unsigned int i;

	if (format != FORMAT_LENGTH_ONLY && format != FORMAT_EXTENDED) {
		scsi_sense_cdb_field(sense, 1, 7);
		return -EINVAL;
	}
	scsi_out_be32(&o, 0);
	if (format == FORMAT_EXTENDED) {
		scsi_out_u8(&o, EXTENDED_HEADER_TYPE);
		scsi_out_zero(&o, 3);	/* IMPLICIT TRANSITION TIME unknown */
	}
	for (i = 0; i < nr; i++)
		put_group(&o, &groups[i]);
	scsi_out_patch_be32(&o, 0, o.len - 4);
	return o.len;
}

static int find_group(const struct scsi_tpg *groups, unsigned int nr, u16 id)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (groups[i].id == id)
			return i;
	return -EINVAL;
}

/* Is the group of descriptor @at named before it? */
static bool named_twice(const u8 *list, unsigned int at)
{
	unsigned int i;

	for (i = STPG_HEADER; i < at; i += STPG_DESCRIPTOR)
		if (!memcmp(list + i + 2, list + at + 2, 2))
			return true;
	return false;
}

int scsi_stpg_parse(const struct scsi_tpg *groups, unsigned int nr, const u8 *list, unsigned int len,
		    struct scsi_stpg want[SCSI_STPG_MAX], struct scsi_sense *sense)
{
	unsigned int at, n = 0;
	int group;
	u8 state;

	if (!len)
		return 0;
	if (len < STPG_HEADER || len > SCSI_STPG_MAX_LEN || (len - STPG_HEADER) % STPG_DESCRIPTOR)
		goto bad_length;
	for (at = STPG_HEADER; at < len; at += STPG_DESCRIPTOR) {
		state = list[at] & 0x0f;
		group = find_group(groups, nr, get_unaligned_be16(list + at + 2));
		/* Offline and transitioning cannot be asked for (SPC-4 table 329). */
		if (state > SCSI_ALUA_UNAVAILABLE) {
			scsi_sense_param_field(sense, at, 3);
			return -EINVAL;
		}
		if (group < 0 || named_twice(list, at)) {
			scsi_sense_param_field(sense, at + 2, 7);
			return -EINVAL;
		}
		if (groups[group].state == state)
			continue;
		want[n].group = group;
		want[n].state = state;
		n++;
	}
	return n;

bad_length:
	scsi_sense_set(sense, SCSI_SENSE_PARAM_LIST_LENGTH);
	return -EINVAL;
}
