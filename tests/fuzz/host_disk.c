// SPDX-License-Identifier: GPL-2.0
/*
 * What a disk of the host might answer, through everything that reads it.
 *
 * The first byte tells whether the rest is INQUIRY data, and of which kind; the rest is the answer.
 *
 * links: scst/disk/pure/answer.c scst/pure/cdb.c scst/pure/sense.c
 */
#include <stdlib.h>

#include "scst/disk/pure/answer.h"

#define SIZE	4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)	do { if (!(condition)) abort(); } while (0)

/* No byte beyond what there is room for, and the page says how long it is. */
static void inquiry(u8 how, const u8 *data, unsigned int len, unsigned int size)
{
	const struct scsi_host_port port = {
		.rel_tgt_id = 1, .max_xfer = 8 << 20, .block_size = 4096,
		.tpg_id = how & 2, .grouped = how & 2, .unavailable = how & 4, .copies = how & 8,
	};
	bool page = how & 1;
	const u8 cdb[6] = { SCSI_OP_INQUIRY, page };
	u8 *buf = malloc(size);
	unsigned int n;

	MUST(buf);
	memcpy(buf, data, len);
	n = scsi_host_inquiry(&port, cdb, buf, len, size);
	MUST(n <= size);
	if (page && n >= 4 && (buf[1] == SCSI_VPD_SUPPORTED || buf[1] == SCSI_VPD_DEVICE_ID))
		MUST(get_unaligned_be16(buf + 2) + 4u == n);
	free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	u8 set[SCSI_OP_ID_MAX] = { 0 };
	struct scsi_host_control c;
	char name[20];
	unsigned int len;
	u64 blocks;
	u32 block;
	u8 *exact;

	if (!size || size > SIZE)
		return 0;
	len = size - 1;
	exact = malloc(len ? len : 1);
	MUST(exact);
	memcpy(exact, data + 1, len);
	inquiry(data[0], exact, len, SIZE);
	inquiry(data[0], exact, len, len ? len : 1);
	scsi_host_opcodes(exact, len, set);
	MUST(!set[SCSI_OP_ID_NONE]);
	if (scsi_host_capacity(exact, len, &blocks, &block))
		MUST(blocks && block);
	if (scsi_host_control(exact, len, &c))
		MUST(c.tst < 8 && c.qerr < 4);
	MUST(scsi_host_serial(exact, len, name, sizeof(name)) == strlen(name));
	MUST(!strpbrk(name, "/. "));
	free(exact);
	return 0;
}
