/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Persistent reservations (SPC-4 5.13, 6.15, 6.16): a plain table of registrations that each service action changes, what the
 * change means to other nexuses, the answers of PERSISTENT RESERVE IN, and the two saved forms. Pure.
 */
#ifndef SCST_PURE_PR_H
#define SCST_PURE_PR_H

#include "scsi_defs.h"

#define SCSI_TID_MAX		248	/* bytes of the longest TransportID: an iSCSI initiator port (SPC-4 7.6.4.6) */
#define SCSI_TID_MIN		24
#define SCSI_TID_ISCSI		0x05	/* PROTOCOL IDENTIFIER */
#define SCSI_TID_ISCSI_PORT	0x45	/* TPID FORMAT 01b as well: name and ISID */
#define SCSI_PR_REGS_MAX	1024	/* registrations of one logical unit */
#define SCSI_PR_LIST_MIN	24
#define SCSI_PR_LIST_MAX	65536	/* longest parameter list of PERSISTENT RESERVE OUT that is taken */
#define SCSI_PR_IMAGE_MAX	(15U << 20)

enum scsi_pr_action {
	SCSI_PR_REGISTER,
	SCSI_PR_RESERVE,
	SCSI_PR_RELEASE,
	SCSI_PR_CLEAR,
	SCSI_PR_PREEMPT,
	SCSI_PR_PREEMPT_AND_ABORT,
	SCSI_PR_REGISTER_AND_IGNORE,
	SCSI_PR_REGISTER_AND_MOVE,
};

enum scsi_pr_type {
	SCSI_PR_NONE			= 0,
	SCSI_PR_WRITE_EXCL		= 1,
	SCSI_PR_EXCL_ACCESS		= 3,
	SCSI_PR_WRITE_EXCL_RO		= 5,	/* registrants only */
	SCSI_PR_EXCL_ACCESS_RO		= 6,
	SCSI_PR_WRITE_EXCL_AR		= 7,	/* all registrants */
	SCSI_PR_EXCL_ACCESS_AR		= 8,
};

/**
 * struct scsi_pr_id - an I_T nexus
 * @port: RELATIVE TARGET PORT IDENTIFIER
 * @tid_len: bytes of @tid
 * @tid: TransportID of the initiator port as scsi_tid_parse() writes it, so that equal ones have equal bytes
 */
struct scsi_pr_id {
	u16 port;
	u16 tid_len;
	u8 tid[SCSI_TID_MAX];
};

/* What a change means to the nexus of a registration (scsi_pr_reg.fx). */
#define SCSI_PR_FX_RELEASED		0x01	/* RESERVATIONS RELEASED */
#define SCSI_PR_FX_RES_PREEMPTED	0x02	/* RESERVATIONS PREEMPTED */
#define SCSI_PR_FX_REG_PREEMPTED	0x04	/* REGISTRATIONS PREEMPTED */
#define SCSI_PR_FX_ABORT		0x08	/* its commands are aborted */

/**
 * struct scsi_pr_reg - a registration
 * @id: who
 * @key: its reservation key, never 0
 * @holder: it holds the reservation; meaningless for the all registrants types, where everybody does
 * @gone: removed by the change that was just made
 * @fx: SCSI_PR_FX_* of that change
 */
struct scsi_pr_reg {
	struct scsi_pr_id id;
	u64 key;
	bool holder;
	bool gone;
	u8 fx;
};

/**
 * struct scsi_pr_table - the persistent reservation state of a logical unit
 * @generation: PRGENERATION
 * @aptpl: the state is to survive a loss of power
 * @type: enum scsi_pr_type of the reservation, SCSI_PR_NONE = there is none; the scope is always the logical unit
 * @nr: entries of @regs in use
 * @cap: entries there are
 */
struct scsi_pr_table {
	u32 generation;
	bool aptpl;
	u8 type;
	u32 nr;
	u32 cap;
	struct scsi_pr_reg regs[];
};

/**
 * struct scsi_pr_req - a PERSISTENT RESERVE OUT command
 *
 * By scsi_pr_parse():
 * @action: enum scsi_pr_action
 * @scope, @type: of the CDB, unchecked
 * @key: RESERVATION KEY
 * @sa_key: SERVICE ACTION RESERVATION KEY
 * @spec_i_pt, @all_tg_pt, @aptpl, @unreg: bits of the parameter list
 * @move_port: RELATIVE TARGET PORT IDENTIFIER of REGISTER AND MOVE
 * @tids: TransportIDs, inside of the parameter list
 * @tids_len: their bytes
 * @tids_at: where they begin in the parameter list, for field pointers
 *
 * By the caller:
 * @self: nexus the command came through
 * @ports: target ports of the logical unit, those of other machines included, for ALL_TG_PT and REGISTER AND MOVE; none twice
 * @known: I_T nexuses there are, for TransportIDs that name a whole initiator device
 */
struct scsi_pr_req {
	u8 action;
	u8 scope;
	u8 type;
	bool spec_i_pt;
	bool all_tg_pt;
	bool aptpl;
	bool unreg;
	u16 move_port;
	u64 key;
	u64 sa_key;
	const u8 *tids;
	u32 tids_len;
	u32 tids_at;
	const struct scsi_pr_id *self;
	const u16 *ports;
	u32 nr_ports;
	const struct scsi_pr_id *known;
	u32 nr_known;
};

/* ---- pr_list.c: TransportIDs and parameter lists */

/**
 * scsi_tid_parse() - read a TransportID (SPC-4 7.6.4)
 * @in: bytes
 * @len: how many there are
 * @id: gets @tid and @tid_len in the one form in which they are compared and stored
 *
 * iSCSI names are folded to lower case, ISIDs written with twelve digits, padding is zeroed and as short as it may be.
 *
 * Return: bytes of @in it takes, -EINVAL.
 */
int scsi_tid_parse(const u8 *in, unsigned int len, struct scsi_pr_id *id);
bool scsi_pr_id_equal(const struct scsi_pr_id *a, const struct scsi_pr_id *b);
/* Does @device (iSCSI, TPID FORMAT 00b) name the device of the port @port? */
bool scsi_tid_is_of(const struct scsi_pr_id *port, const struct scsi_pr_id *device);
/* No initiator port, but all those of an iSCSI initiator device. */
static inline bool scsi_tid_is_device(const struct scsi_pr_id *id)
{
	return id->tid[0] == SCSI_TID_ISCSI;
}

/**
 * scsi_pr_parse() - take CDB and parameter list of PERSISTENT RESERVE OUT apart
 * @cdb: checked by scsi_cdb_decode()
 * @list: parameter list
 * @len: bytes of it that are there
 * @rq: filled on success
 * @sense: filled on failure
 *
 * Every length in the list is checked here: what @rq points to lies inside of @list.
 *
 * Return: 0 or the sense code that @sense holds.
 */
scsi_sense_code scsi_pr_parse(const u8 *cdb, const u8 *list, u32 len, struct scsi_pr_req *rq, struct scsi_sense *sense);

/* ---- pr_core.c: the table */

enum scsi_pr_verdict {
	SCSI_PR_GOOD,
	SCSI_PR_CONFLICT,	/* RESERVATION CONFLICT */
	SCSI_PR_SENSE,		/* CHECK CONDITION, sense filled */
};

static inline bool scsi_pr_all_registrants(u8 type)
{
	return type == SCSI_PR_WRITE_EXCL_AR || type == SCSI_PR_EXCL_ACCESS_AR;
}

static inline bool scsi_pr_registrants_only(u8 type)
{
	return type >= SCSI_PR_WRITE_EXCL_RO;
}

bool scsi_pr_type_valid(u8 type);
/* The registration of a nexus, NULL: none. */
struct scsi_pr_reg *scsi_pr_find(struct scsi_pr_table *t, const struct scsi_pr_id *id);
bool scsi_pr_holds(const struct scsi_pr_table *t, const struct scsi_pr_reg *reg);

/**
 * scsi_pr_admits() - the access matrix (SPC-4 5.13.1)
 * @type: of the reservation that is there
 * @registered: the nexus has a registration
 * @holder: and holds the reservation
 * @pass: scsi_op_reservation_flags() of the command
 */
bool scsi_pr_admits(u8 type, bool registered, bool holder, u32 pass);

/* Two machines may have given their ports one identifier, which is one port then. Returns how many of @nr are left. */
u32 scsi_pr_unique_ports(u16 *ports, u32 nr);

/* How many registrations @rq may add: room that the table must have beyond @nr. May be more than SCSI_PR_REGS_MAX. */
u32 scsi_pr_room(const struct scsi_pr_req *rq);

/**
 * scsi_pr_apply() - perform a PERSISTENT RESERVE OUT command
 * @t: table; changed only with SCSI_PR_GOOD, else it may hold anything and is thrown away
 * @rq: the command
 * @sense: filled with SCSI_PR_SENSE
 *
 * Registrations that were removed stay in the table as @gone, with what their nexuses are told in @fx, until scsi_pr_settle().
 */
enum scsi_pr_verdict scsi_pr_apply(struct scsi_pr_table *t, const struct scsi_pr_req *rq, struct scsi_sense *sense);
void scsi_pr_settle(struct scsi_pr_table *t);

/* ---- pr_in.c: answers of PERSISTENT RESERVE IN; @size bytes are written at most, the whole length is returned */

unsigned int scsi_pr_read_keys(const struct scsi_pr_table *t, u8 *buf, unsigned int size);
unsigned int scsi_pr_read_reservation(const struct scsi_pr_table *t, u8 *buf, unsigned int size);
unsigned int scsi_pr_report_capabilities(const struct scsi_pr_table *t, u8 *buf, unsigned int size);
unsigned int scsi_pr_read_full_status(const struct scsi_pr_table *t, u8 *buf, unsigned int size);

/* ---- pr_image.c: saved forms */

/*
 * The file: signature, version, aptpl, reservation set, type, scope; per registration holder, TransportID, key, port.
 * scsi_pr_image_put() returns the whole length; the signature is left zero for scsi_pr_image_sign(), which comes last.
 */
unsigned int scsi_pr_image_put(const struct scsi_pr_table *t, u8 *buf, unsigned int size);
void scsi_pr_image_sign(u8 *buf);
#define SCSI_PR_SIGNATURE_LEN	8
/* Most registrations that @size bytes can hold. */
u32 scsi_pr_image_room(u32 size);
/*
 * 0, -EINVAL, -ENOSPC (more than @t->cap), -ENOENT: the signature is zero, which is how a block device looks on which nothing is
 * saved. Trailing zeroes, as there, are ignored.
 */
int scsi_pr_image_get(struct scsi_pr_table *t, const u8 *buf, unsigned int size);

/* The text of pr_state; the whole length without a final NUL, of which @size bytes are written. */
unsigned int scsi_pr_text_put(const struct scsi_pr_table *t, char *buf, unsigned int size);
/* Parses the NUL-terminated @text, destructively; the table's @aptpl is left alone. 0, -EINVAL, -ENOSPC. */
int scsi_pr_text_get(struct scsi_pr_table *t, char *text);
/* What dump_prs prints of one registration: "port 1 key 1234567890abcdef holder iqn..." in @buf. */
void scsi_pr_reg_text(const struct scsi_pr_table *t, const struct scsi_pr_reg *reg, char *buf, unsigned int size);

#endif /* SCST_PURE_PR_H */
