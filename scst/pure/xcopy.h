/* SPDX-License-Identifier: GPL-2.0 */
/*
 * EXTENDED COPY(LID1): its parameter list, and what RECEIVE COPY RESULTS and VPD page 8Fh tell (SPC-4 6.4, 6.18 to 6.22, 7.8.17).
 * Pure.
 */
#ifndef SCST_PURE_XCOPY_H
#define SCST_PURE_XCOPY_H

#include "scsi_defs.h"

#define SCSI_XCOPY_CSCDS_MAX	5U
#define SCSI_XCOPY_SEGS_MAX	255U
#define SCSI_XCOPY_COPIES_MAX	64U	/* that go on at once, whoever asked */

#define SCSI_XCOPY_HEADER	16U
#define SCSI_XCOPY_CSCD_LEN	32U
#define SCSI_XCOPY_SEG_LEN	28U
#define SCSI_XCOPY_DESCS_MAX	(SCSI_XCOPY_CSCDS_MAX * SCSI_XCOPY_CSCD_LEN + SCSI_XCOPY_SEGS_MAX * SCSI_XCOPY_SEG_LEN)
#define SCSI_XCOPY_LIST_MAX	(SCSI_XCOPY_HEADER + SCSI_XCOPY_DESCS_MAX)

/* Fields of a segment descriptor, for field pointers. */
#define SCSI_XCOPY_SEG_SRC	4U
#define SCSI_XCOPY_SEG_DST	6U
#define SCSI_XCOPY_SEG_BLOCKS	10U
#define SCSI_XCOPY_SEG_SRC_LBA	12U
#define SCSI_XCOPY_SEG_DST_LBA	20U
#define SCSI_XCOPY_CSCD_BLOCK	29U	/* and of a copy target device descriptor */

#define SCSI_DESIGNATOR_HEADER	4U
#define SCSI_XCOPY_DESIGNATOR_MAX (SCSI_DESIGNATOR_HEADER + 20U)

/**
 * struct scsi_cscd - a copy source or copy destination (CSCD), identification descriptor E4h
 * @designator: as in VPD page 83h, header included
 * @designator_len: its bytes
 * @type: peripheral device type
 * @nul: not to be used
 * @block_size: what the initiator takes for the logical block length
 */
struct scsi_cscd {
	u8 designator[SCSI_XCOPY_DESIGNATOR_MAX];
	u8 designator_len;
	u8 type;
	bool nul;
	u32 block_size;
};

/**
 * struct scsi_xcopy_seg - a segment, block device to block device (02h)
 * @src: index of the source in scsi_xcopy.cscds
 * @dst: index of the destination
 * @dc: @blocks are the destination's
 * @blocks: number of blocks, may be 0
 * @src_lba: first block to read
 * @dst_lba: first block to write
 */
struct scsi_xcopy_seg {
	u8 src;
	u8 dst;
	bool dc;
	u16 blocks;
	u64 src_lba;
	u64 dst_lba;
};

/* LIST ID USAGE */
#define SCSI_XCOPY_ID_HELD	0	/* results are kept */
#define SCSI_XCOPY_ID_RUNNING	2	/* and forgotten when the copy ends */
#define SCSI_XCOPY_ID_NONE	3

/**
 * struct scsi_xcopy - a parameter list
 * @list_id: LIST IDENTIFIER
 * @id_usage: SCSI_XCOPY_ID_*
 * @nr_cscds: how many of @cscds
 * @nr_segs: how many of @segs
 */
struct scsi_xcopy {
	u8 list_id;
	u8 id_usage;
	u8 nr_cscds;
	u8 nr_segs;
	struct scsi_cscd cscds[SCSI_XCOPY_CSCDS_MAX];
	struct scsi_xcopy_seg segs[SCSI_XCOPY_SEGS_MAX];
};

/**
 * scsi_xcopy_parse() - take a parameter list apart
 * @list: up to SCSI_XCOPY_LIST_MAX bytes of it; longer lists have nothing we know behind
 * @len: bytes that are there
 * @x: filled on success
 * @sense: filled on failure
 *
 * All descriptors are looked at before the first block moves: what is said of types, numbers and lengths is ILLEGAL REQUEST, a
 * segment that names no descriptor is COPY ABORTED.
 *
 * Return: 0 or the sense code that @sense holds.
 */
scsi_sense_code scsi_xcopy_parse(const u8 *list, unsigned int len, struct scsi_xcopy *x, struct scsi_sense *sense);

/* Is one of the designators that stand in @page, @len bytes of a VPD page 83h without its header, the one of @c? */
bool scsi_cscd_matches(const struct scsi_cscd *c, const u8 *page, unsigned int len);

/* COPY ABORTED while segment @segment was processed; @field is the offset in its descriptor. */
scsi_sense_code scsi_sense_segment(struct scsi_sense *sense, scsi_sense_code code, u16 segment, u16 field);

/* COPY COMMAND STATUS */
#define SCSI_COPY_RUNNING	0
#define SCSI_COPY_GOOD		1
#define SCSI_COPY_FAILED	2

/**
 * struct scsi_copy_result - what is known of a copy
 * @state: SCSI_COPY_*
 * @status: enum scsi_status of the command once it ended
 * @segments: so many are done
 * @bytes: so much was written
 * @sense: of a failure
 */
struct scsi_copy_result {
	u8 state;
	u8 status;
	u16 segments;
	u64 bytes;
	struct scsi_sense sense;
};

/* Each builds one answer into @buf of @size bytes and returns the length of all of it. */
unsigned int scsi_copy_parameters(u8 *buf, unsigned int size);
unsigned int scsi_copy_status(const struct scsi_copy_result *r, u8 *buf, unsigned int size);
unsigned int scsi_copy_failed(const struct scsi_copy_result *r, bool sense_desc, u8 *buf, unsigned int size);
/* VPD page 8Fh of a device of @type. */
unsigned int scsi_copy_vpd(u8 type, unsigned int block_shift, u8 *buf, unsigned int size);

#endif /* SCST_PURE_XCOPY_H */
