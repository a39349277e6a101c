/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Asymmetric logical unit access: states, what each of them admits, and the data of REPORT and SET TARGET PORT GROUPS
 * (SPC-4 5.15, 6.37, 6.45). Pure.
 */
#ifndef SCST_PURE_ALUA_H
#define SCST_PURE_ALUA_H

#include "scsi_defs.h"

/* Asymmetric access states (SPC-4 table 307); LBA dependent does not exist here. */
enum scsi_alua_state {
	SCSI_ALUA_ACTIVE	= 0x0,
	SCSI_ALUA_NONOPTIMIZED	= 0x1,
	SCSI_ALUA_STANDBY	= 0x2,
	SCSI_ALUA_UNAVAILABLE	= 0x3,
	SCSI_ALUA_OFFLINE	= 0xe,
	SCSI_ALUA_TRANSITIONING	= 0xf,
};

#define SCSI_TPG_MAX_PORTS	255	/* TARGET PORT COUNT is one byte */
#define SCSI_STPG_MAX		64	/* descriptors of one SET TARGET PORT GROUPS */
#define SCSI_STPG_MAX_LEN	(4 + 4 * SCSI_STPG_MAX)

/* The word of the tree for a state; NULL when there is no such state. */
const char *scsi_alua_name(u8 state);

/**
 * scsi_alua_parse() - the state with that name
 * @word: exactly one of the words, in lower case
 *
 * Return: the state or -EINVAL.
 */
int scsi_alua_parse(const char *word);

/* Commands that move data are executed in this state. */
static inline bool scsi_alua_accessible(u8 state)
{
	return state <= SCSI_ALUA_NONOPTIMIZED;
}

/**
 * scsi_alua_admit() - is a command executed in this state
 * @state: of the target port group it came through
 * @op_flags: SCSI_OPF_* of the command
 *
 * Return: 0, or 2/04/0A, 2/04/0B, 2/04/0C.
 */
scsi_sense_code scsi_alua_admit(u8 state, u32 op_flags);

/**
 * struct scsi_tpg - a target port group
 * @id: TARGET PORT GROUP
 * @state: enum scsi_alua_state
 * @preferred: PREF
 * @nr_ports: at most SCSI_TPG_MAX_PORTS
 * @ports: their relative target port identifiers
 */
struct scsi_tpg {
	u16 id;
	u8 state;
	bool preferred;
	u8 nr_ports;
	const u16 *ports;
};

/**
 * scsi_rtpg_build() - data of REPORT TARGET PORT GROUPS (SPC-4 6.37)
 * @groups: the groups
 * @nr: how many; may be none
 * @cdb: its CDB, checked by scsi_cdb_decode()
 * @buf: where the data go
 * @size: room in @buf
 * @sense: filled on failure
 *
 * Return: length of the whole answer, of which at most @size bytes were written; -EINVAL with @sense filled: the parameter
 * data format is neither "length only" nor "extended header".
 */
int scsi_rtpg_build(const struct scsi_tpg *groups, unsigned int nr, const u8 *cdb, u8 *buf, unsigned int size,
		    struct scsi_sense *sense);

/**
 * struct scsi_stpg - what SET TARGET PORT GROUPS asks of one group
 * @group: index of the group
 * @state: state it shall get
 */
struct scsi_stpg {
	u16 group;
	u8 state;
};

/**
 * scsi_stpg_parse() - the parameter list of SET TARGET PORT GROUPS (SPC-4 6.45)
 * @groups: the groups
 * @nr: how many
 * @list: the parameter list
 * @len: its length; 0 asks nothing
 * @want: one entry per group that shall get a state it does not have
 * @sense: filled on failure
 *
 * Return: entries of @want; -EINVAL with @sense filled: the length is none, a group does not exist or is named twice, or the
 * state is none that can be asked for.
 */
int scsi_stpg_parse(const struct scsi_tpg *groups, unsigned int nr, const u8 *list, unsigned int len,
		    struct scsi_stpg want[SCSI_STPG_MAX], struct scsi_sense *sense);

#endif /* SCST_PURE_ALUA_H */
