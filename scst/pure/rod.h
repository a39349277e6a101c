/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ROD tokens: parameter lists of POPULATE TOKEN and WRITE USING TOKEN, the token itself, what RECEIVE ROD TOKEN INFORMATION and
 * REPORT ALL ROD TOKENS tell (SPC-4 5.17.6, 6.26 and 6.31, SBC-4 5.12, 5.25 and 5.59). Pure.
 */
#ifndef SCST_PURE_ROD_H
#define SCST_PURE_ROD_H

#include "outbuf.h"
#include "scsi_defs.h"

#define SCSI_ROD_TOKEN_LEN	512U
#define SCSI_ROD_SECRET_LEN	256U	/* of it nobody can guess */
#define SCSI_ROD_RANGES_MAX	128U
#define SCSI_ROD_BYTES_MAX	(16ULL << 30)	/* one token may stand for, one command may write */
#define SCSI_ROD_BYTES_BEST	(64ULL << 20)
#define SCSI_ROD_TIMEOUT_MAX	3600U		/* seconds without use */
#define SCSI_ROD_TIMEOUT	60U		/* when the initiator names none */
#define SCSI_ROD_PER_DEV	64U		/* tokens of one device */
#define SCSI_ROD_TOTAL		1024U		/* and of all */

#define SCSI_ROD_RANGE_LEN	16U
#define SCSI_POPULATE_HEADER	16U
#define SCSI_POPULATE_LIST_MAX	(SCSI_POPULATE_HEADER + SCSI_ROD_RANGES_MAX * SCSI_ROD_RANGE_LEN)
#define SCSI_WRITE_TOKEN_TOKEN	16U		/* where the token stands */
#define SCSI_WRITE_TOKEN_HEADER	536U
#define SCSI_WRITE_TOKEN_LIST_MAX (SCSI_WRITE_TOKEN_HEADER + SCSI_ROD_RANGES_MAX * SCSI_ROD_RANGE_LEN)

/* ROD TYPE */
#define SCSI_ROD_DEFAULT	0x00000000U	/* POPULATE TOKEN: as the copy manager likes */
#define SCSI_ROD_CHANGE_VULNERABLE 0x00800001U	/* point in time copy - change vulnerable: ours */
#define SCSI_ROD_ZERO		0xffff0001U	/* block device zero ROD token */

/**
 * struct scsi_range - a block device range descriptor
 * @lba: first block
 * @blocks: how many, not 0
 */
struct scsi_range {
	u64 lba;
	u32 blocks;
};

/**
 * struct scsi_ranges - a list of them, none of no blocks, no block twice, all inside the capacity
 * @nr: how many of @r
 * @blocks: sum
 * @r: in the order in which they were given
 */
struct scsi_ranges {
	u16 nr;
	u64 blocks;
	struct scsi_range r[SCSI_ROD_RANGES_MAX];
};

/**
 * struct scsi_populate - parameter list of POPULATE TOKEN
 * @timeout: seconds without use after which the token ends
 * @ranges: what it stands for
 */
struct scsi_populate {
	u32 timeout;
	struct scsi_ranges ranges;
};

/**
 * struct scsi_write_token - parameter list of WRITE USING TOKEN
 * @immed: answer before the data are written
 * @del: the token ends with the command
 * @zero: the token is that of zeroes
 * @offset: into what the token stands for, in blocks of the device that is written
 * @ranges: where it goes
 */
struct scsi_write_token {
	bool immed;
	bool del;
	bool zero;
	u64 offset;
	struct scsi_ranges ranges;
};

/**
 * scsi_populate_parse() - take a parameter list of POPULATE TOKEN apart
 * @list: up to SCSI_POPULATE_LIST_MAX bytes of it
 * @len: bytes that are there
 * @block_shift: of the device
 * @capacity: its blocks
 * @p: filled on success
 * @sense: filled on failure
 *
 * Descriptors that the list does not hold as a whole are ignored, as SBC-4 wants.
 *
 * Return: 0 or the sense code that @sense holds.
 */
scsi_sense_code scsi_populate_parse(const u8 *list, unsigned int len, unsigned int block_shift, u64 capacity,
				    struct scsi_populate *p, struct scsi_sense *sense);

/* Likewise of WRITE USING TOKEN. The token is looked at as far as that can be done without knowing any. */
scsi_sense_code scsi_write_token_parse(const u8 *list, unsigned int len, unsigned int block_shift, u64 capacity,
				       struct scsi_write_token *w, struct scsi_sense *sense);

/* Have the @blocks blocks from @lba on any in common with one of the @nr ranges? */
bool scsi_ranges_meet(const struct scsi_range *r, unsigned int nr, u64 lba, u64 blocks);

/**
 * scsi_ranges_at() - where a byte of a list of ranges lies
 * @r: ranges
 * @nr: how many
 * @block_shift: of their device
 * @offset: byte of all that they name
 * @pos: on return, byte of the device
 *
 * Return: bytes from there to the end of its range, 0: @offset is behind all of them.
 */
u64 scsi_ranges_at(const struct scsi_range *r, unsigned int nr, unsigned int block_shift, u64 offset, u64 *pos);

/**
 * struct scsi_rod_about - what a token tells of itself
 * @id: COPY MANAGER ROD TOKEN IDENTIFIER, of this token alone
 * @bytes: that it stands for
 * @block_size: of the device
 * @type: peripheral device type
 * @designators: as VPD page 83h has them
 * @designators_len: bytes of these
 * @target: name of the target
 * @secret: SCSI_ROD_SECRET_LEN random bytes
 */
struct scsi_rod_about {
	u64 id;
	u64 bytes;
	u32 block_size;
	u8 type;
	const u8 *designators;
	unsigned int designators_len;
	const char *target;
	const u8 *secret;
};

void scsi_rod_token_build(const struct scsi_rod_about *a, u8 token[SCSI_ROD_TOKEN_LEN]);
u64 scsi_rod_token_id(const u8 *token);
/* Takes the same time wherever they differ. */
bool scsi_rod_token_same(const u8 *a, const u8 *b);

/* COPY OPERATION STATUS (SPC-4 table 249) */
#define SCSI_ROD_DONE		0x01
#define SCSI_ROD_FAILED		0x02
#define SCSI_ROD_RESIDUAL	0x04	/* done, but the token stands for less than was to be written */
#define SCSI_ROD_FOREGROUND	0x11
#define SCSI_ROD_BACKGROUND	0x12
#define SCSI_ROD_TERMINATED	0x60

/**
 * struct scsi_rod_report - what is known of a POPULATE TOKEN or WRITE USING TOKEN
 * @service_action: which of both
 * @state: SCSI_ROD_*
 * @status: enum scsi_status once it ended
 * @segments: range descriptors that are done
 * @blocks: blocks that are, of the device that the command came to
 * @sense: of a failure
 */
struct scsi_rod_report {
	u8 service_action;
	u8 state;
	u8 status;
	u16 segments;
	u64 blocks;
	struct scsi_sense sense;
};

#define SCSI_ROD_REPORT_MAX	(36U + SCSI_SENSE_MAX + 2U + SCSI_ROD_TOKEN_LEN)

/* The answer to RECEIVE ROD TOKEN INFORMATION; @token: what was created, or NULL. Returns the length of all of it. */
unsigned int scsi_rod_report(const struct scsi_rod_report *r, const u8 *token, bool sense_desc, u8 *buf, unsigned int size);

#define SCSI_ROD_MANAGEMENT_LEN	96U	/* header and body of a token, without the extension, which holds the secret */
#define SCSI_ROD_LIST_MAX	(8U + SCSI_ROD_PER_DEV * SCSI_ROD_MANAGEMENT_LEN)

/* The answer to REPORT ALL ROD TOKENS: of no token yet; of one token more. */
void scsi_rod_list_start(struct scsi_outbuf *o);
void scsi_rod_list_add(struct scsi_outbuf *o, const u8 *token);

/* The third-party copy descriptors of VPD page 8Fh that speak of tokens; each keeps its place in the order of types. */
void scsi_rod_vpd_limits(struct scsi_outbuf *o, unsigned int block_shift);
void scsi_rod_vpd_features(struct scsi_outbuf *o);
void scsi_rod_vpd_types(struct scsi_outbuf *o);

#endif /* SCST_PURE_ROD_H */
