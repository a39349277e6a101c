// SPDX-License-Identifier: GPL-2.0
/*
 * A CDB and a parameter list as an initiator might send them, through everything that reads them.
 *
 * The first byte tells the length of the CDB, its highest two bits the type of protection information that the device has, the rest is the parameter list.
 *
 * links: scst/pure/cdb.c scst/pure/sense.c scst/pure/lun.c scst/vdisk/pure/inquiry.c scst/vdisk/pure/mode.c scst/vdisk/pure/toc.c scst/vdisk/pure/dif.c
 */
#include <stdlib.h>

#include "scst/pure/cdb.h"
#include "scst/pure/lun.h"
#include "scst/pure/sense.h"
#include "scst/vdisk/pure/dif.h"
#include "scst/vdisk/pure/inquiry.h"
#include "scst/vdisk/pure/mode.h"
#include "scst/vdisk/pure/toc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)	do { if (!(condition)) abort(); } while (0)

static bool odd_ids(void *ctx, enum scsi_op_id id)
{
	return id % 2;
}

static void check_sense(const struct scsi_sense *s)
{
	u8 buf[SCSI_SENSE_MAX];

	MUST(s->code);
	MUST(scsi_sense_encode(s, false, buf, sizeof(buf)) == SCSI_SENSE_FIXED_LEN);
	MUST(scsi_sense_encode(s, true, buf, sizeof(buf)) >= 8);
}

/* Each answer is either as long as it says or explained by sense. */
static void answer(const struct scsi_op *op, const u8 *cdb, u64 alloc)
{
	static const u16 luns[] = { 0, 1, 300 };
	const struct scsi_inquiry_data d = {
		.t10_vendor = "SCST_FIO", .vend_specific_id = "1-x", .product = "x", .serial = "1", .t10_dev_id = "1-x",
		.thin = true, .block_size = 512, .max_xfer = 8 << 20, .opt_xfer = 4096,
	};
	const struct scsi_mode_state st = { .saving = true, .blocks = 100, .block_size = 512 };
	unsigned int size = min_t(u64, alloc, 8192);
	struct scsi_sense sense = { 0 };
	u8 *buf = malloc(size ? size : 1);
	int len = 0;

	MUST(buf);
	if (op->id == SCSI_OP_ID_REPORT_OPCODES)
		len = scsi_report_opcodes(cdb, odd_ids, NULL, 1, buf, size, &sense);
	else if (op->id == SCSI_OP_ID_REPORT_TMFS)
		len = scsi_report_tmfs(cdb, 0xf8, buf, size, &sense);
	else if (op->id == SCSI_OP_ID_REPORT_LUNS)
		len = scsi_report_luns(cdb, luns, ARRAY_SIZE(luns), SCSI_LUN_FLAT, buf, size, &sense);
	else if (op->id == SCSI_OP_ID_INQUIRY)
		len = scsi_inquiry_build(&d, cdb, buf, size, &sense);
	else if (op->id == SCSI_OP_ID_MODE_SENSE_6 || op->id == SCSI_OP_ID_MODE_SENSE_10)
		len = scsi_mode_sense(&st, cdb, buf, size, &sense);
	else if (op->id == SCSI_OP_ID_READ_TOC)
		len = scsi_read_toc(100, cdb, buf, size, &sense);
	if (len < 0)
		check_sense(&sense);
	free(buf);
}

static void select_mode(const u8 *cdb, const u8 *list, size_t len)
{
	struct scsi_mode_state st = { .cur = SCSI_MODE_DEFAULTS, .def = SCSI_MODE_DEFAULTS, .saving = true,
				      .blocks = 100, .block_size = 512 };
	const struct scsi_mode_state before = st;
	struct scsi_sense sense = { 0 };
	unsigned int fx;

	if (scsi_mode_select(&st, cdb, list, len, &fx, &sense)) {
		check_sense(&sense);
		MUST(!memcmp(&st, &before, sizeof(st)));
		return;
	}
	MUST(st.cur.qerr != 2 && st.cur.qerr <= 3 && st.cur.queue_alg <= 1);
}

static void protection(const u8 *cdb, const struct scsi_cdb *c, u8 type)
{
	struct scsi_dif_conf conf = { .type = type, .mode = SCSI_DIF_DEV_STORE };
	struct scsi_sense sense = { 0 };
	struct scsi_dif_rule rule;
	u8 tuple[SCSI_DIF_LEN];

	MUST(type || !c->protect);
	if (!type || !(c->op->flags & SCSI_OPF_LBA) || scsi_dif_admit(c, type, &sense))
		return;
	MUST(c->protect <= SCSI_DIF_PROTECT_MAX);
	scsi_dif_rule_of(&conf, cdb, c, c->protect, &rule);
	scsi_dif_make(&rule, 0x1234, 7, tuple);
	MUST(scsi_dif_check(&rule, tuple, 0x1234, 7) == SCSI_DIF_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scsi_sense sense = { 0 };
	struct scsi_cdb c;
	size_t len;
	u8 *cdb;

	if (!size)
		return 0;
	len = min_t(size_t, data[0], size - 1);
	cdb = malloc(len ? len : 1);	/* of its exact size, for the sanitizer */
	MUST(cdb);
	memcpy(cdb, data + 1, len);
	if (scsi_cdb_decode(cdb, len, 12, data[0] >> 6, &c, &sense)) {
		check_sense(&sense);
	} else {
		MUST(c.op && c.op->opcode == cdb[0] && c.op->cdb_len <= len);
		MUST(!c.xfer_len == (c.dir == SCSI_DIR_NONE));
		scsi_op_reservation_flags(c.op, cdb);
		protection(cdb, &c, data[0] >> 6);
		scsi_cdb_check_range(&c, 1000, &sense);
		if (c.dir == SCSI_DIR_FROM)
			answer(c.op, cdb, c.xfer_len);
		if (c.op->id == SCSI_OP_ID_MODE_SELECT_6 || c.op->id == SCSI_OP_ID_MODE_SELECT_10)
			select_mode(cdb, data + 1 + len, size - 1 - len);
		if (len >= 8)
			scsi_lun_decode(cdb);
	}
	free(cdb);
	return 0;
}
