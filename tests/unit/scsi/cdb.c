// SPDX-License-Identifier: GPL-2.0
/*
 * The table of commands: decoding, refusals, and what REPORT SUPPORTED OPERATION CODES tells.
 *
 * links: scst/pure/cdb.c scst/pure/sense.c
 */
#include "hex.h"
#include "scst/pure/cdb.h"

#define SHIFT	9	/* blocks of 512 bytes */

static void table_is_consistent(void **state)
{
	const struct scsi_op *op, *before;
	unsigned int id, i;
	u8 cdb[32];

	for (id = 1; id < SCSI_OP_ID_MAX; id++) {
		op = &scsi_op_table[id];
		before = &scsi_op_table[id - 1];
		assert_int_equal(op->id, id);
		assert_non_null(op->name);
		assert_true(op->timeout > 0);
		assert_int_equal(op->usage[0], op->opcode);
		/* ascending, so that what is reported is sorted */
		assert_true(op->opcode > before->opcode || id == 1 ||
			    (op->opcode == before->opcode && op->service_action > before->service_action));
		for (i = op->cdb_len; i < sizeof(op->usage); i++)
			assert_int_equal(op->usage[i] | op->ignored[i], 0);
		for (i = 1; i < op->cdb_len; i++)
			assert_int_equal(op->usage[i] & op->ignored[i], 0);
		/* the usage map carries the service action, hence is itself found */
		assert_ptr_equal(scsi_op_find(op->usage, op->cdb_len), op);
		memcpy(cdb, op->usage, sizeof(cdb));
		assert_ptr_equal(scsi_op_find(cdb, sizeof(cdb)), op);
	}
}

/* CDB lengths follow from the group code (SPC-4 4.2.5.1). */
static void lengths_follow_the_opcode(void **state)
{
	static const u8 group_len[8] = { 6, 10, 10, 32, 16, 12, 0, 0 };
	unsigned int id;

	for (id = 1; id < SCSI_OP_ID_MAX; id++)
		assert_int_equal(scsi_op_table[id].cdb_len, group_len[scsi_op_table[id].opcode >> 5]);
}

static const struct {
	const char *cdb;
	enum scsi_op_id id;
	u64 lba;
	u32 blocks;
	u64 xfer_len;
	enum scsi_dir dir;
	const char *bits;	/* f FUA, d DPO, n NACA, 1..3 BYTCHK */
} decoded[] = {
	{ "00*6", SCSI_OP_ID_TEST_UNIT_READY, 0, 0, 0, SCSI_DIR_NONE, "" },
	{ "00 00 00 00 00 04", SCSI_OP_ID_TEST_UNIT_READY, 0, 0, 0, SCSI_DIR_NONE, "n" },
	{ "00 20 00 00 00 c0", SCSI_OP_ID_TEST_UNIT_READY, 0, 0, 0, SCSI_DIR_NONE, "" },
	{ "00*16", SCSI_OP_ID_TEST_UNIT_READY, 0, 0, 0, SCSI_DIR_NONE, "" },
	{ "03 01 00 00 fc 00", SCSI_OP_ID_REQUEST_SENSE, 0, 0, 252, SCSI_DIR_FROM, "" },
	{ "04 00 00 00 00 00", SCSI_OP_ID_FORMAT_UNIT, 0, 0, 0, SCSI_DIR_NONE, "" },
	{ "04 10 00 00 00 00", SCSI_OP_ID_FORMAT_UNIT, 0, 0, 4, SCSI_DIR_TO, "" },
	{ "04 38 00 00 00 00", SCSI_OP_ID_FORMAT_UNIT, 0, 0, 8, SCSI_DIR_TO, "" },
	{ "08 1f ff ff 01 00", SCSI_OP_ID_READ_6, 0x1fffff, 1, 512, SCSI_DIR_FROM, "" },
	{ "08 00 00 05 00 00", SCSI_OP_ID_READ_6, 5, 256, 256 * 512, SCSI_DIR_FROM, "" },
	{ "0a 18 00 02 ff 00", SCSI_OP_ID_WRITE_6, 0x180002, 255, 255 * 512, SCSI_DIR_TO, "" },
	{ "12 01 83 01 02 00", SCSI_OP_ID_INQUIRY, 0, 0, 0x102, SCSI_DIR_FROM, "" },
	{ "12 00 00 00 00 00", SCSI_OP_ID_INQUIRY, 0, 0, 0, SCSI_DIR_NONE, "" },
	{ "15 11 00 00 18 00", SCSI_OP_ID_MODE_SELECT_6, 0, 0, 24, SCSI_DIR_TO, "" },
	{ "16 00 00 12 34 00", SCSI_OP_ID_RESERVE_6, 0, 0, 0, SCSI_DIR_NONE, "" },
	{ "1a 08 3f 00 ff 00", SCSI_OP_ID_MODE_SENSE_6, 0, 0, 255, SCSI_DIR_FROM, "" },
	{ "1b 01 00 00 02 00", SCSI_OP_ID_START_STOP_UNIT, 0, 0, 0, SCSI_DIR_NONE, "" },
	{ "1d 04 00 00 00 00", SCSI_OP_ID_SEND_DIAGNOSTIC, 0, 0, 0, SCSI_DIR_NONE, "" },
	{ "1e 00 00 00 01 00", SCSI_OP_ID_PREVENT_ALLOW, 0, 0, 0, SCSI_DIR_NONE, "" },
	{ "25 00*9", SCSI_OP_ID_READ_CAPACITY_10, 0, 0, 8, SCSI_DIR_FROM, "" },
	{ "25 00 00 00 00 05 00 00 01 00", SCSI_OP_ID_READ_CAPACITY_10, 0, 0, 8, SCSI_DIR_FROM, "" },
	{ "28 18 ff ff ff ff 3f ff ff 00", SCSI_OP_ID_READ_10, 0xffffffff, 0xffff, 0xffff * 512, SCSI_DIR_FROM, "fd" },
	{ "28 00*9", SCSI_OP_ID_READ_10, 0, 0, 0, SCSI_DIR_NONE, "" },
	{ "2a 0a 00 00 00 01 00 00 02 00", SCSI_OP_ID_WRITE_10, 1, 2, 1024, SCSI_DIR_TO, "f" },
	{ "2e 12 00 00 00 01 00 00 02 00", SCSI_OP_ID_WRITE_VERIFY_10, 1, 2, 1024, SCSI_DIR_TO, "d1" },
	{ "2f 00 00 00 00 01 00 00 02 00", SCSI_OP_ID_VERIFY_10, 1, 2, 0, SCSI_DIR_NONE, "" },
	{ "2f 02 00 00 00 01 00 00 02 00", SCSI_OP_ID_VERIFY_10, 1, 2, 1024, SCSI_DIR_TO, "1" },
	{ "2f 16 00 00 00 01 00 00 02 00", SCSI_OP_ID_VERIFY_10, 1, 2, 512, SCSI_DIR_TO, "d3" },
	{ "2f 06 00 00 00 01 00 00 00 00", SCSI_OP_ID_VERIFY_10, 1, 0, 0, SCSI_DIR_NONE, "3" },
	{ "37 00 1d 00 00 00 00 00 20 00", SCSI_OP_ID_READ_DEFECT_DATA_10, 0, 0, 32, SCSI_DIR_FROM, "" },
	{ "b7 1d 00 00 00 00 00 00 00 08 00 00", SCSI_OP_ID_READ_DEFECT_DATA_12, 0, 0, 8, SCSI_DIR_FROM, "" },
	{ "48 a1 00 00 00 00 00 02 04 00", SCSI_OP_ID_SANITIZE_OVERWRITE, 0, 0, 516, SCSI_DIR_TO, "" },
	{ "48 82 00 00 00 00 00 00 00 00", SCSI_OP_ID_SANITIZE_BLOCK_ERASE, 0, 0, 0, SCSI_DIR_NONE, "" },
	{ "48 bf 00 00 00 00 00 00 00 00", SCSI_OP_ID_SANITIZE_EXIT_FAILURE, 0, 0, 0, SCSI_DIR_NONE, "" },
	{ "8b 08 00 00 00 00 00 00 00 07 00 00 00 02 00 00", SCSI_OP_ID_ORWRITE_16, 7, 2, 1024, SCSI_DIR_TO, "f" },
	{ "a3 05 00 00 00 00 00 00 00 10 fe 00", SCSI_OP_ID_REPORT_IDENTIFYING_INFO, 0, 0, 16, SCSI_DIR_FROM, "" },
	{ "34 02 00 00 00 01 00 00 09 00", SCSI_OP_ID_PREFETCH_10, 1, 9, 0, SCSI_DIR_NONE, "" },
	{ "35 06 00 00 00 01 00 00 09 00", SCSI_OP_ID_SYNC_CACHE_10, 1, 9, 0, SCSI_DIR_NONE, "" },
	{ "3b 02 00 00 00 00 01 00 02 00", SCSI_OP_ID_WRITE_BUFFER, 0, 0, 0x10002, SCSI_DIR_TO, "" },
	{ "41 08 00 00 00 01 00 00 00 00", SCSI_OP_ID_WRITE_SAME_10, 1, 0, 512, SCSI_DIR_TO, "" },
	{ "42 00 00 00 00 00 00 00 18 00", SCSI_OP_ID_UNMAP, 0, 0, 24, SCSI_DIR_TO, "" },
	{ "4d 00 40 00 00 00 00 02 00 00", SCSI_OP_ID_LOG_SENSE, 0, 0, 512, SCSI_DIR_FROM, "" },
	{ "55 10 00 00 00 00 00 00 1c 00", SCSI_OP_ID_MODE_SELECT_10, 0, 0, 28, SCSI_DIR_TO, "" },
	{ "56 00 00 00 00 00 00 00 00 00", SCSI_OP_ID_RESERVE_10, 0, 0, 0, SCSI_DIR_NONE, "" },
	{ "5a 18 3f 00 00 00 00 01 00 00", SCSI_OP_ID_MODE_SENSE_10, 0, 0, 256, SCSI_DIR_FROM, "" },
	{ "5e 02 00 00 00 00 00 00 08 00", SCSI_OP_ID_PR_IN_REPORT_CAPABILITIES, 0, 0, 8, SCSI_DIR_FROM, "" },
	{ "5f 06 15 00 00 00 00 00 18 00", SCSI_OP_ID_PR_OUT_REGISTER_AND_IGNORE, 0, 0, 24, SCSI_DIR_TO, "" },
	{ "7f 04 00*4 00 18 00 09 08 00 01 02 03 04 05 06 07 08 00*8 00 00 00 02", SCSI_OP_ID_READ_32,
	  0x0102030405060708ULL, 2, 1024, SCSI_DIR_FROM, "fn" },
	{ "7f 00 00*4 00 18 00 0d 01 00 00*8 00*8 00 00 00 02", SCSI_OP_ID_WRITE_SAME_32, 0, 2, 0, SCSI_DIR_NONE, "" },
	{ "83 00 00*8 00 00 01 00 00 00", SCSI_OP_ID_EXTENDED_COPY, 0, 0, 256, SCSI_DIR_TO, "" },
	{ "83 10 00*4 01 02 03 04 00 00 00 20 3f 00", SCSI_OP_ID_POPULATE_TOKEN, 0, 0, 32, SCSI_DIR_TO, "" },
	{ "83 11 00*4 01 02 03 04 00 00 02 28 00 00", SCSI_OP_ID_WRITE_USING_TOKEN, 0, 0, 552, SCSI_DIR_TO, "" },
	{ "83 1c 01 02 03 04 00*10", SCSI_OP_ID_COPY_OPERATION_ABORT, 0, 0, 0, SCSI_DIR_NONE, "" },
	{ "84 07 01 02 03 04 00*4 00 00 02 28 00 00", SCSI_OP_ID_RECEIVE_ROD_TOKEN_INFO, 0, 0, 552, SCSI_DIR_FROM, "" },
	{ "84 08 00*8 00 00 18 08 00 00", SCSI_OP_ID_REPORT_ALL_ROD_TOKENS, 0, 0, 0x1808, SCSI_DIR_FROM, "" },
	{ "84 03 00*8 00 00 01 00 00 00", SCSI_OP_ID_RECEIVE_COPY_PARAMETERS, 0, 0, 256, SCSI_DIR_FROM, "" },
	{ "88 00 ff*8 ff*4 00 00", SCSI_OP_ID_READ_16, 0xffffffffffffffffULL, 0xffffffff, 0xffffffffULL << 9,
	  SCSI_DIR_FROM, "" },
	{ "89 08 00 00 00 00 00 00 00 07 00 00 00 03 1f 00", SCSI_OP_ID_COMPARE_AND_WRITE, 7, 3, 3072, SCSI_DIR_TO, "f" },
	{ "8a 10 00 00 00 01 00 00 00 00 00 00 00 08 00 00", SCSI_OP_ID_WRITE_16, 1ULL << 32, 8, 4096, SCSI_DIR_TO, "d" },
	{ "8e 00 00*8 00 00 00 01 00 00", SCSI_OP_ID_WRITE_VERIFY_16, 0, 1, 512, SCSI_DIR_TO, "" },
	{ "8f 02 00*8 00 00 00 01 00 00", SCSI_OP_ID_VERIFY_16, 0, 1, 512, SCSI_DIR_TO, "1" },
	{ "91 00 00*8 00 00 00 00 00 00", SCSI_OP_ID_SYNC_CACHE_16, 0, 0, 0, SCSI_DIR_NONE, "" },
	{ "93 08 00*8 00 00 00 05 00 00", SCSI_OP_ID_WRITE_SAME_16, 0, 5, 512, SCSI_DIR_TO, "" },
	{ "93 09 00*8 00 00 00 05 00 00", SCSI_OP_ID_WRITE_SAME_16, 0, 5, 0, SCSI_DIR_NONE, "" },
	{ "9c 18 00*7 20 00 00 00 08 1f 00", SCSI_OP_ID_WRITE_ATOMIC_16, 32, 8, 4096, SCSI_DIR_TO, "fd" },
	{ "9c 00*9 00 00 ff ff 00 00", SCSI_OP_ID_WRITE_ATOMIC_16, 0, 65535, 65535 * 512, SCSI_DIR_TO, "" },
	{ "9e 10 00*8 00 00 00 20 01 00", SCSI_OP_ID_READ_CAPACITY_16, 0, 0, 32, SCSI_DIR_FROM, "" },
	{ "9e 12 00*7 09 00 00 00 18 00 00", SCSI_OP_ID_GET_LBA_STATUS, 9, 0, 24, SCSI_DIR_FROM, "" },
	{ "a0 00 02 00 00 00 00 00 10 00 00 00", SCSI_OP_ID_REPORT_LUNS, 0, 0, 4096, SCSI_DIR_FROM, "" },
	{ "a3 2a 00 00 00 00 00 00 10 00 00 00", SCSI_OP_ID_REPORT_TPG, 0, 0, 4096, SCSI_DIR_FROM, "" },
	{ "a3 0c 80 00 00 00 00 00 10 00 00 00", SCSI_OP_ID_REPORT_OPCODES, 0, 0, 4096, SCSI_DIR_FROM, "" },
	{ "a3 0d 80 00 00 00 00 00 00 10 00 00", SCSI_OP_ID_REPORT_TMFS, 0, 0, 16, SCSI_DIR_FROM, "" },
	{ "a4 0a 00 00 00 00 00 00 00 08 00 00", SCSI_OP_ID_SET_TPG, 0, 0, 8, SCSI_DIR_TO, "" },
	{ "a8 00 00 00 00 01 00 01 00 00 00 00", SCSI_OP_ID_READ_12, 1, 65536, 65536ULL << 9, SCSI_DIR_FROM, "" },
	{ "aa 08 00 00 00 01 00 00 00 01 1f 00", SCSI_OP_ID_WRITE_12, 1, 1, 512, SCSI_DIR_TO, "f" },
	{ "ae 00 00 00 00 01 00 00 00 01 00 00", SCSI_OP_ID_WRITE_VERIFY_12, 1, 1, 512, SCSI_DIR_TO, "" },
	{ "af 02 00 00 00 01 00 00 00 01 00 00", SCSI_OP_ID_VERIFY_12, 1, 1, 512, SCSI_DIR_TO, "1" },
};

static void decodes(void **state)
{
	struct scsi_sense sense;
	struct scsi_cdb c;
	unsigned int i, len;
	u8 cdb[32];
	char bits[8];

	for (i = 0; i < ARRAY_SIZE(decoded); i++) {
		len = hex_bytes(decoded[i].cdb, cdb, sizeof(cdb));
		if (scsi_cdb_decode(cdb, len, SHIFT, 0, &c, &sense))
			fail_msg("%s refused at byte %u bit %u", decoded[i].cdb, sense.field, sense.bit);
		snprintf(bits, sizeof(bits), "%s%s%s%.*s", c.fua ? "f" : "", c.dpo ? "d" : "", c.naca ? "n" : "",
			 !!c.bytchk, (char []){ '0' + c.bytchk, 0 });
		if (c.op->id != decoded[i].id || c.lba != decoded[i].lba || c.blocks != decoded[i].blocks ||
		    c.xfer_len != decoded[i].xfer_len || c.dir != decoded[i].dir || strcmp(bits, decoded[i].bits) ||
		    c.service_action != (c.op->service_action == SCSI_NO_SA ? 0 : c.op->service_action) || c.protect)
			fail_msg("%s gave %s, lba %llu, blocks %u, bytes %llu, dir %u, bits '%s'", decoded[i].cdb,
				 c.op->name, (unsigned long long)c.lba, c.blocks, (unsigned long long)c.xfer_len,
				 c.dir, bits);
	}
}

static void block_size_counts(void **state)
{
	static const u8 cdb[] = { SCSI_OP_READ_10, 0, 0, 0, 0, 0, 0, 0, 3, 0 };
	struct scsi_sense sense;
	struct scsi_cdb c;

	assert_int_equal(scsi_cdb_decode(cdb, sizeof(cdb), 12, 0, &c, &sense), 0);
	assert_int_equal(c.xfer_len, 3 * 4096);
}

static const struct {
	const char *cdb;
	scsi_sense_code code;
	int field;	/* -1: no pointer */
	u8 bit;
} refused[] = {
	{ "", SCSI_SENSE_INVALID_OPCODE, -1, 0 },
	{ "7e 00*15", SCSI_SENSE_INVALID_OPCODE, -1, 0 },
	{ "ff*16", SCSI_SENSE_INVALID_OPCODE, -1, 0 },
	{ "13 00*5", SCSI_SENSE_INVALID_OPCODE, -1, 0 },
	{ "84", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 4 },
	{ "9e 1f 00*14", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 4 },
	{ "a3 00 00*10", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 4 },
	{ "5f 08 00*8", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 4 },
	{ "7f 00*5 00 18 00 08 00*22", SCSI_SENSE_INVALID_FIELD_IN_CDB, 8, 7 },
	{ "7f 00*5 00 18", SCSI_SENSE_INVALID_FIELD_IN_CDB, 8, 7 },
	/* shorter than the command */
	{ "00", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 7 },
	{ "00*5", SCSI_SENSE_INVALID_FIELD_IN_CDB, 5, 7 },
	{ "28 00*8", SCSI_SENSE_INVALID_FIELD_IN_CDB, 9, 7 },
	{ "88 00*14", SCSI_SENSE_INVALID_FIELD_IN_CDB, 15, 7 },
	{ "7f 00*5 00 18 00 09 00*21", SCSI_SENSE_INVALID_FIELD_IN_CDB, 31, 7 },
	/* linked commands */
	{ "00 00 00 00 00 01", SCSI_SENSE_INVALID_FIELD_IN_CDB, 5, 0 },
	{ "00 00 00 00 00 02", SCSI_SENSE_INVALID_FIELD_IN_CDB, 5, 1 },
	{ "28 00*7 01 01", SCSI_SENSE_INVALID_FIELD_IN_CDB, 9, 0 },
	{ "7f 01 00*4 00 18 00 09 00*22", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 0 },
	/* reserved bits */
	{ "00 00 01 00 00 00", SCSI_SENSE_INVALID_FIELD_IN_CDB, 2, 0 },
	{ "12 02 00 00 24 00", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 1 },		/* CMDDT */
	{ "25 00 00 00 00 00 00 40 00 00", SCSI_SENSE_INVALID_FIELD_IN_CDB, 7, 6 },
	{ "9c 00 00*8 00 08 00 08 00 00", SCSI_SENSE_INVALID_FIELD_IN_CDB, 11, 3 },	/* ATOMIC BOUNDARY */
	{ "9c 20 00*8 00 00 00 08 00 00", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 5 },
	{ "a0 00 00 80 00*8", SCSI_SENSE_INVALID_FIELD_IN_CDB, 3, 7 },
	{ "9e 30 00*14", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 5 },
	{ "7f 00*5 00 20 00 09 00*22", SCSI_SENSE_INVALID_FIELD_IN_CDB, 7, 5 },
	{ "7f 00*5 00 10 00 09 00*22", SCSI_SENSE_INVALID_FIELD_IN_CDB, 7, 7 },	/* ADDITIONAL CDB LENGTH */
	/* no protection information */
	{ "28 20 00*8", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 5 },
	{ "8a 80 00*14", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 7 },
	{ "af e0 00*10", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 7 },
	/* SANITIZE: no CRYPTOGRAPHIC ERASE, nothing zoned, parameters only for OVERWRITE */
	{ "48 03 00*8", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 4 },
	{ "48 42 00*8", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 6 },
	{ "48 02 00*6 08 00", SCSI_SENSE_INVALID_FIELD_IN_CDB, 8, 3 },
	{ "48 1f 00*6 08 00", SCSI_SENSE_INVALID_FIELD_IN_CDB, 8, 3 },
	/* not offered: ANCHOR, PBDATA, LBDATA; BYTCHK values; third-party reservations */
	{ "42 01 00*8", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 0 },
	{ "93 18 00*14", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 4 },
	{ "41 04 00*8", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 2 },
	{ "41 02 00*8", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 1 },
	{ "2f 04 00*6 01 00", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 2 },
	{ "2e 04 00*6 01 00", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 2 },
	{ "8e 06 00*14", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 2 },
	{ "7f 00*5 00 18 00 0a 04 00*21", SCSI_SENSE_INVALID_FIELD_IN_CDB, 10, 2 },
	{ "56 10 00*8", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 4 },
};

static void refuses(void **state)
{
	struct scsi_sense sense;
	scsi_sense_code code;
	unsigned int i, len;
	struct scsi_cdb c;
	u8 cdb[32];
	int field;

	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		len = hex_bytes(refused[i].cdb, cdb, sizeof(cdb));
		code = scsi_cdb_decode(cdb, len, SHIFT, 0, &c, &sense);
		assert_int_equal(code, code ? sense.code : 0);
		field = code && (sense.flags & SCSI_SENSE_F_FIELD) ? sense.field : -1;
		if (code != refused[i].code || field != refused[i].field || (field >= 0 && sense.bit != refused[i].bit))
			fail_msg("%s gave %06x at byte %d bit %d", refused[i].cdb, code, field, sense.bit);
		if (field >= 0)
			assert_true(sense.flags & SCSI_SENSE_F_CDB);
	}
}

/* The swallowing of data of a refused command needs its direction. */
static void a_refused_command_is_known(void **state)
{
	static const u8 cdb[10] = { SCSI_OP_WRITE_10, 0x20 };
	struct scsi_sense sense;
	struct scsi_cdb c;

	assert_int_not_equal(scsi_cdb_decode(cdb, sizeof(cdb), SHIFT, 0, &c, &sense), 0);
	assert_int_equal(c.op->id, SCSI_OP_ID_WRITE_10);
	assert_int_equal(c.dir, SCSI_DIR_TO);
}

/* A refused command establishes an auto contingent allegiance, too. */
static void naca_of_refused_commands(void **state)
{
	static const struct {
		const char *cdb;
		bool naca;
	} cases[] = {
		{ "00 01 00 00 00 04", true }, { "00 01 00 00 00 00", false }, { "00 00 00 00 00 06", true },
		{ "28 20 00*6 01 04 00*6", true }, { "2f 04 00*6 01 04", true }, { "9e 1f 00*13 04", true },
		{ "a3 00 00*9 04 00*4", true }, { "7f 04 00*4 00 18 00 08 00*22", true },
		/* unknown codes: by the length that their group has */
		{ "13 00 00 00 00 04 00*10", true }, { "13 00*8 04 00*6", false }, { "3d 00*8 04 00*6", true },
		{ "9d 00*14 04", true }, { "bf 00*10 04 00*4", true },
		/* groups whose length nobody knows */
		{ "7e 04*15", false }, { "60 04*15", false }, { "c1 04*15", false }, { "ff 04*15", false },
		/* CDBs that end before */
		{ "", false }, { "28 04*8", false }, { "13 04*4", false }, { "7f", false },
	};
	struct scsi_sense sense;
	unsigned int i, len;
	struct scsi_cdb c;
	u8 *cdb;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		u8 buf[32];

		len = hex_bytes(cases[i].cdb, buf, sizeof(buf));
		cdb = malloc(len ? len : 1);	/* the sanitizer watches its end */
		memcpy(cdb, buf, len);
		assert_int_not_equal(scsi_cdb_decode(cdb, len, SHIFT, 0, &c, &sense), 0);
		if (c.naca != cases[i].naca)
			fail_msg("%s", cases[i].cdb);
		free(cdb);
	}
}

static void ranges(void **state)
{
	static const struct {
		u64 lba;
		u32 blocks;
		u64 capacity;
		bool ok;
	} tried[] = {
		{ 0, 1, 1, true }, { 0, 2, 1, false }, { 0, 0, 1, true }, { 1, 0, 1, false }, { 1, 1, 1, false },
		{ 0, 0, 0, false }, { 99, 1, 100, true }, { 98, 3, 100, false }, { ~0ULL, 2, 100, false },
		{ ~0ULL, 0xffffffff, ~0ULL, false }, { 0, 0xffffffff, 1ULL << 32, true },
	};
	struct scsi_sense sense;
	struct scsi_cdb c = { 0 };
	scsi_sense_code want;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tried); i++) {
		c.lba = tried[i].lba;
		c.blocks = tried[i].blocks;
		sense.code = 0;
		want = tried[i].ok ? 0 : SCSI_SENSE_LBA_OUT_OF_RANGE;
		assert_int_equal(scsi_cdb_check_range(&c, tried[i].capacity, &sense), want);
		assert_int_equal(sense.code, want);
	}
}

/* Sets of flags as the contract lists them; every other command has the flag not. */
static void flag_lists(void **state)
{
#define ID(x) SCSI_OP_ID_##x
	static const struct {
		u32 flag;
		u8 ids[40];
	} lists[] = {
		{ SCSI_OPF_IMPLICIT_HOQ, { ID(INQUIRY), ID(REPORT_LUNS), ID(READ_CAPACITY_10), ID(READ_CAPACITY_16),
					   ID(TEST_UNIT_READY), ID(SANITIZE_OVERWRITE), ID(SANITIZE_BLOCK_ERASE),
					   ID(SANITIZE_EXIT_FAILURE) } },
		{ SCSI_OPF_NO_UA, { ID(INQUIRY), ID(REPORT_LUNS), ID(REQUEST_SENSE) } },
		{ SCSI_OPF_NO_LUN_OK, { ID(INQUIRY), ID(REPORT_LUNS) } },
		{ SCSI_OPF_WRITE_MEDIUM, { ID(FORMAT_UNIT), ID(WRITE_6), ID(WRITE_10), ID(WRITE_12), ID(WRITE_16),
					   ID(WRITE_32), ID(WRITE_VERIFY_10), ID(WRITE_VERIFY_12), ID(WRITE_VERIFY_16),
					   ID(WRITE_VERIFY_32), ID(WRITE_SAME_10), ID(WRITE_SAME_16), ID(WRITE_SAME_32),
					   ID(UNMAP), ID(COMPARE_AND_WRITE), ID(ORWRITE_16), ID(SANITIZE_OVERWRITE), ID(WRITE_ATOMIC_16),
					   ID(SANITIZE_BLOCK_ERASE), ID(WRITE_USING_TOKEN) } },
		{ SCSI_OPF_MAX_XFER, { ID(READ_6), ID(READ_10), ID(READ_12), ID(READ_16), ID(READ_32), ID(WRITE_6), ID(WRITE_10),
				       ID(WRITE_12), ID(WRITE_16), ID(WRITE_32), ID(WRITE_VERIFY_10), ID(WRITE_VERIFY_12),
				       ID(WRITE_VERIFY_16), ID(WRITE_VERIFY_32), ID(VERIFY_10), ID(VERIFY_12),
				       ID(VERIFY_16), ID(VERIFY_32), ID(ORWRITE_16), ID(WRITE_ATOMIC_16) } },
		{ SCSI_OPF_PASS_RESERVATION, { ID(TEST_UNIT_READY), ID(INQUIRY), ID(REQUEST_SENSE), ID(READ_CAPACITY_10),
					       ID(READ_CAPACITY_16), ID(REPORT_LUNS), ID(LOG_SENSE), ID(RELEASE_6),
					       ID(RELEASE_10), ID(REPORT_TPG), ID(REPORT_IDENTIFYING_INFO) } },
		{ SCSI_OPF_ALUA_UNAVAILABLE, { ID(INQUIRY), ID(READ_CAPACITY_10), ID(READ_CAPACITY_16), ID(REPORT_LUNS),
					       ID(REQUEST_SENSE), ID(READ_BUFFER), ID(WRITE_BUFFER), ID(REPORT_TPG),
					       ID(SET_TPG) } },
		{ SCSI_OPF_ALUA_TRANSITION, { ID(INQUIRY), ID(READ_CAPACITY_10), ID(READ_CAPACITY_16), ID(REPORT_LUNS),
					      ID(REQUEST_SENSE), ID(READ_BUFFER), ID(WRITE_BUFFER), ID(REPORT_TPG) } },
		{ SCSI_OPF_WHEN_CLOSED, { ID(TEST_UNIT_READY), ID(INQUIRY), ID(MODE_SENSE_6), ID(MODE_SENSE_10),
					  ID(MODE_SELECT_6), ID(MODE_SELECT_10), ID(READ_CAPACITY_10),
					  ID(READ_CAPACITY_16), ID(REPORT_LUNS), ID(REQUEST_SENSE), ID(RESERVE_6),
					  ID(RESERVE_10), ID(RELEASE_6), ID(RELEASE_10), ID(READ_BUFFER),
					  ID(WRITE_BUFFER), ID(LOG_SENSE), ID(LOG_SELECT), ID(SEND_DIAGNOSTIC),
					  ID(RECEIVE_DIAGNOSTIC), ID(PR_IN_READ_KEYS), ID(PR_IN_READ_RESERVATION),
					  ID(PR_IN_REPORT_CAPABILITIES), ID(PR_IN_READ_FULL_STATUS),
					  ID(PR_OUT_REGISTER), ID(PR_OUT_RESERVE), ID(PR_OUT_RELEASE),
					  ID(PR_OUT_CLEAR), ID(PR_OUT_PREEMPT), ID(PR_OUT_PREEMPT_AND_ABORT),
					  ID(PR_OUT_REGISTER_AND_IGNORE), ID(PR_OUT_REGISTER_AND_MOVE),
					  ID(REPORT_TPG), ID(SET_TPG), ID(REPORT_IDENTIFYING_INFO) } },
	};
	unsigned int i, id;
	bool want;

	for (i = 0; i < ARRAY_SIZE(lists); i++)
		for (id = 1; id < SCSI_OP_ID_MAX; id++) {
			want = memchr(lists[i].ids, id, sizeof(lists[i].ids));
			if (!!(scsi_op_table[id].flags & lists[i].flag) != want)
				fail_msg("flag %#x of %s", lists[i].flag, scsi_op_table[id].name);
		}
#undef ID
	for (id = 1; id < SCSI_OP_ID_MAX; id++) {
		u32 f = scsi_op_table[id].flags;

		/* what passes the stricter rule passes the milder one */
		assert_true(!(f & SCSI_OPF_PASS_RESERVATION) || (f & SCSI_OPF_PASS_EXCL_ACCESS));
		assert_true(!(f & SCSI_OPF_PASS_EXCL_ACCESS) || (f & SCSI_OPF_PASS_WRITE_EXCL));
		assert_true(!(f & SCSI_OPF_ALUA_UNAVAILABLE) || (f & SCSI_OPF_ALUA_STANDBY));
		/* a writer passes nothing */
		assert_true(!(f & SCSI_OPF_WRITE_MEDIUM) || !(f & SCSI_OPF_PASS_WRITE_EXCL));
		assert_true(!(f & SCSI_OPF_LBA) || (f & SCSI_OPF_MEDIUM_ACCESS));
	}
}

static u32 passes(const char *text)
{
	u8 cdb[32];
	unsigned int len = hex_bytes(text, cdb, sizeof(cdb));

	return scsi_op_reservation_flags(scsi_op_find(cdb, len), cdb);
}

static void harmless_forms_pass_reservations(void **state)
{
	const u32 any = SCSI_OPF_PASS_RESERVATION;

	assert_true(passes("1e 00 00 00 00 00") & any);
	assert_false(passes("1e 00 00 00 01 00") & any);
	assert_true(passes("1b 00 00 00 01 00") & any);
	assert_false(passes("1b 00 00 00 00 00") & any);
	assert_false(passes("1b 00 00 00 03 00") & any);
	assert_false(passes("1b 00 00 00 31 00") & any);
	assert_int_equal(passes("28 00*9"), SCSI_OPF_PASS_WRITE_EXCL);
	assert_int_equal(passes("2a 00*9"), 0);
	assert_int_equal(passes("35 00*9"), 0);
}

static bool all_supported(void *ctx, enum scsi_op_id id)
{
	return true;
}

static bool some_supported(void *ctx, enum scsi_op_id id)
{
	return id == SCSI_OP_ID_TEST_UNIT_READY || id == SCSI_OP_ID_WRITE_16 || id == SCSI_OP_ID_READ_CAPACITY_16 ||
	       id == SCSI_OP_ID_REPORT_OPCODES || id == SCSI_OP_ID_READ_32;
}

static int rsoc(const char *cdb_text, u8 *buf, unsigned int size, struct scsi_sense *sense)
{
	struct scsi_cdb c;
	u8 cdb[12];

	assert_int_equal(hex_bytes(cdb_text, cdb, sizeof(cdb)), 12);
	assert_int_equal(scsi_cdb_decode(cdb, sizeof(cdb), SHIFT, 0, &c, sense), 0);
	return scsi_report_opcodes(cdb, some_supported, NULL, 0, buf, size, sense);
}

static void report_all_opcodes(void **state)
{
	struct scsi_sense sense;
	u8 buf[4096];
	int len;

	len = rsoc("a3 0c 00 00 00 00 00 00 10 00 00 00", buf, sizeof(buf), &sense);
	check_bytes("plain", buf, len,
		    "00 00 00 28\n"
		    "00 00 00 00 00 00 00 06\n"
		    "7f 00 00 09 00 01 00 20\n"
		    "8a 00 00 00 00 00 00 10\n"
		    "9e 00 00 10 00 01 00 10\n"
		    "a3 00 00 0c 00 01 00 0c");
	len = rsoc("a3 0c 80 00 00 00 00 00 10 00 00 00", buf, 24, &sense);
	assert_int_equal(len, 4 + 5 * 20);
	check_bytes("with timeouts, cut", buf, 24,
		    "00 00 00 64 00 00 00 00 00 02 00 06 00 0a 00 00 00 00 00 0a 00 00 00 14");
}

static void report_one_opcode(void **state)
{
	static const struct {
		const char *cdb;
		const char *want;	/* NULL: refused */
	} cases[] = {
		{ "a3 0c 01 00 00 00 00 00 10 00 00 00", "00 03 00 06 00 00 00 00 00 04" },
		{ "a3 0c 01 8a 00 00 00 00 10 00 00 00", "00 03 00 10 8a 18 ff*12 00 04" },
		{ "a3 0c 81 8a 00 00 00 00 10 00 00 00",
		  "00 83 00 10 8a 18 ff*12 00 04 00 0a 00 00 00 00 00 1e 00 00 00 3c" },
		{ "a3 0c 02 a3 00 0c 00 00 10 00 00 00", "00 03 00 0c a3 0c 87 ff*7 00 04" },
		{ "a3 0c 02 9e 00 10 00 00 10 00 00 00", "00 03 00 10 9e 10 00*8 ff*4 00 04" },
		{ "a3 0c 02 7f 00 09 00 00 10 00 00 00", "00 03 00 20 7f 04 00*5 18 00 09 18 00 ff*20" },
		/* not there: unknown, or known and not supported, or another service action */
		{ "a3 0c 01 7e 00 00 00 00 10 00 00 00", "00 01 00 00" },
		{ "a3 0c 81 28 00 00 00 00 10 00 00 00", "00 01 00 00" },
		{ "a3 0c 02 9e 00 12 00 00 10 00 00 00", "00 01 00 00" },
		{ "a3 0c 02 9e 01 10 00 00 10 00 00 00", "00 01 00 00" },
		{ "a3 0c 02 7e 00 01 00 00 10 00 00 00", "00 01 00 00" },
		/* 3 asks either way */
		{ "a3 0c 03 8a 00 00 00 00 10 00 00 00", "00 03 00 10 8a 18 ff*12 00 04" },
		{ "a3 0c 03 8a 00 01 00 00 10 00 00 00", "00 01 00 00" },
		{ "a3 0c 03 9e 00 10 00 00 10 00 00 00", "00 03 00 10 9e 10 00*8 ff*4 00 04" },
		{ "a3 0c 03 7e 00 00 00 00 10 00 00 00", "00 01 00 00" },
		/* the wrong question */
		{ "a3 0c 01 9e 00 10 00 00 10 00 00 00", NULL },
		{ "a3 0c 02 8a 00 00 00 00 10 00 00 00", NULL },
		{ "a3 0c 04 8a 00 00 00 00 10 00 00 00", NULL },
		{ "a3 0c 07 8a 00 00 00 00 10 00 00 00", NULL },
	};
	struct scsi_sense sense;
	unsigned int i;
	u8 buf[64];
	int len;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		len = rsoc(cases[i].cdb, buf, sizeof(buf), &sense);
		if (cases[i].want) {
			assert_true(len > 0);
			check_bytes(cases[i].cdb, buf, len, cases[i].want);
			continue;
		}
		assert_int_equal(len, -EINVAL);
		assert_int_equal(sense.code, SCSI_SENSE_INVALID_FIELD_IN_CDB);
		assert_int_equal(sense.field, 2);
	}
}

/* An initiator that builds a CDB out of the usage map must not be refused; nor one that uses any bit of it. */
static void what_is_reported_is_accepted(void **state)
{
	struct scsi_sense sense;
	unsigned int id, i, bit;
	struct scsi_cdb c;
	u8 cdb[32];

	for (id = 1; id < SCSI_OP_ID_MAX; id++) {
		const struct scsi_op *op = &scsi_op_table[id];

		for (i = 1; i < op->cdb_len; i++)
			for (bit = 0; bit < 8; bit++) {
				bool used = op->usage[i] & 1 << bit, ignored = op->ignored[i] & 1 << bit;

				memset(cdb, 0, sizeof(cdb));
				cdb[0] = op->opcode;
				if (op->opcode == SCSI_OP_VARIABLE_LENGTH) {
					cdb[7] = 0x18;
					cdb[9] = op->service_action;
					if (i >= 7 && i <= 9)
						continue;
				} else if (op->service_action != SCSI_NO_SA) {
					cdb[1] = op->service_action;
					if (i == 1 && bit < 5)
						continue;
				}
				cdb[i] |= 1 << bit;
				if (i == (op->cdb_len == 32 ? 1 : op->cdb_len - 1) && bit >= 6)
					ignored = true;	/* vendor specific part of CONTROL */
				if (bit == 2 && op->usage[i] & 0x04 && (op->usage[i] & 0x06) == 0x06 &&
				    (strstr(op->name, "VERIFY")) && i == (op->cdb_len == 32 ? 10 : 1))
					used = false;	/* BYTCHK 10b does not exist */
				if (!scsi_cdb_decode(cdb, op->cdb_len, SHIFT, 0, &c, &sense) != (used || ignored))
					fail_msg("%s byte %u bit %u", op->name, i, bit);
			}
	}
}

static void never_beyond_the_answer(void **state)
{
	static const u8 cdb[12] = { SCSI_OP_MAINTENANCE_IN, 0x0c, 0x80 };
	struct scsi_sense sense;
	u8 whole[4096], *cut;
	int len, size;

	len = scsi_report_opcodes(cdb, all_supported, NULL, 0, whole, sizeof(whole), &sense);
	assert_int_equal(len, 4 + 20 * (SCSI_OP_ID_MAX - 1));
	for (size = 0; size <= len; size += 13) {
		cut = malloc(size ? size : 1);
		assert_int_equal(scsi_report_opcodes(cdb, all_supported, NULL, 0, cut, size, &sense), len);
		assert_memory_equal(cut, whole, size);
		free(cut);
	}
}

static void report_tmfs(void **state)
{
	u8 cdb[12] = { SCSI_OP_MAINTENANCE_IN, 0x0d, [9] = 16 };
	struct scsi_sense sense;
	u8 buf[16];
	int len;

	len = scsi_report_tmfs(cdb, 0xf8, buf, sizeof(buf), &sense);
	check_bytes("short", buf, len, "f8 00 00 00");
	cdb[2] = 0x80;
	len = scsi_report_tmfs(cdb, 0xf8 | SCSI_TMFS_NEXUS_RESET, buf, sizeof(buf), &sense);
	check_bytes("REPD", buf, len, "f8 01 00 0c 00*12");
	cdb[9] = 3;
	assert_int_equal(scsi_report_tmfs(cdb, 0xf8, buf, 3, &sense), -EINVAL);
	assert_int_equal(sense.code, SCSI_SENSE_INVALID_FIELD_IN_CDB);
	assert_int_equal(sense.field, 6);
}

/* For devices that judge by themselves: all that the table does not know, but nothing that is the core's. */
static void foreign(void **state)
{
	static const u8 pr_in[16] = { 0x5e, 0x1f }, read[16] = { 0x28 }, copy[16] = { 0x83, 0x10 };
	u8 vendor[16] = { 0xc1, 1, 2, 3 }, service[16] = { 0x9e, 0x1f };
	struct scsi_cdb c;

	assert_true(scsi_cdb_foreign(vendor, 16, SCSI_DIR_TO, 512, &c));
	assert_int_equal(c.op->id, SCSI_OP_ID_NONE);
	assert_true(c.op->flags & SCSI_OPF_WRITE_MEDIUM);
	assert_int_equal(c.xfer_len, 512);
	assert_int_equal(c.dir, SCSI_DIR_TO);
	assert_true(scsi_cdb_foreign(service, 16, SCSI_DIR_FROM, 0, &c));
	assert_int_equal(c.dir, SCSI_DIR_NONE);
	assert_false(c.naca);
	service[15] = vendor[9] = 0x04;
	assert_true(scsi_cdb_foreign(service, 16, SCSI_DIR_FROM, 0, &c));
	assert_true(c.naca);
	assert_true(scsi_cdb_foreign(vendor, 16, SCSI_DIR_FROM, 0, &c));
	assert_true(c.naca);
	assert_true(scsi_cdb_foreign(vendor, 9, SCSI_DIR_FROM, 0, &c));
	assert_false(c.naca);
	assert_false(scsi_cdb_foreign(pr_in, 16, SCSI_DIR_FROM, 8, &c));
	assert_false(scsi_cdb_foreign(copy, 16, SCSI_DIR_TO, 8, &c));
	assert_false(scsi_cdb_foreign(read, 16, SCSI_DIR_FROM, 512, &c));
	assert_false(scsi_cdb_foreign(vendor, 0, SCSI_DIR_NONE, 0, &c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_consistent),
		cmocka_unit_test(lengths_follow_the_opcode),
		cmocka_unit_test(decodes),
		cmocka_unit_test(block_size_counts),
		cmocka_unit_test(refuses),
		cmocka_unit_test(a_refused_command_is_known),
		cmocka_unit_test(naca_of_refused_commands),
		cmocka_unit_test(ranges),
		cmocka_unit_test(flag_lists),
		cmocka_unit_test(harmless_forms_pass_reservations),
		cmocka_unit_test(report_all_opcodes),
		cmocka_unit_test(report_one_opcode),
		cmocka_unit_test(what_is_reported_is_accepted),
		cmocka_unit_test(never_beyond_the_answer),
		cmocka_unit_test(report_tmfs),
		cmocka_unit_test(foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
