// SPDX-License-Identifier: GPL-2.0
/*
 * Translates between a disk of the host, which sees one initiator, and the initiators that share it (SPC-4, SBC-3).
 */
#include "answer.h"
#include "../../pure/cdb.h"

#define EVPD			0x01

/* Standard INQUIRY data (SPC-4 6.6.2). */
#define STD_NORMACA		0x20
#define STD_TPGS		0x30
#define STD_TPGS_IMPLICIT	0x10
#define STD_3PC			0x08
#define STD_PROTECT		0x01
#define STD_MULTIP		0x10
#define STD_CMDQUE		0x02

#define VPD_SCSI_PORTS		0x88
#define VPD_PROTOCOL_LU		0x90
#define VPD_PROTOCOL_PORT	0x91

#define ASSOCIATION(d)		((d)[1] >> 4 & 0x03)
#define PORT_DESIGNATOR_LEN	8
#define RTPI_DESIGNATOR		0x01140004	/* binary, target port, relative port */
#define TPG_DESIGNATOR		0x01150004	/* binary, target port, target port group */
#define QUALIFIER		0xe0
#define QUALIFIER_NO_ACCESS	0x20

bool scsi_host_page_hidden(u8 page)
{
	return page == VPD_SCSI_PORTS || page == VPD_PROTOCOL_LU || page == VPD_PROTOCOL_PORT;
}

static void rewrite_standard(const struct scsi_host_port *port, u8 *buf, unsigned int len)
{
	if (len < 8)
		return;
	buf[3] &= ~STD_NORMACA;
	buf[5] &= ~(STD_TPGS | STD_PROTECT);
	if (port->grouped)
		buf[5] |= STD_TPGS_IMPLICIT;
	if (!port->copies)
		buf[5] &= ~STD_3PC;
	buf[6] |= STD_MULTIP;
	buf[7] |= STD_CMDQUE;
}

/* Bytes of a page that are really there. */
static unsigned int page_end(const u8 *buf, unsigned int len)
{
	return min_t(unsigned int, 4 + get_unaligned_be16(buf + 2), len);
}

static unsigned int rewrite_supported(u8 *buf, unsigned int len)
{
	unsigned int end = page_end(buf, len), from, to = 4;

	for (from = 4; from < end; from++)
		if (!scsi_host_page_hidden(buf[from]))
			buf[to++] = buf[from];
	put_unaligned_be16(to - 4, buf + 2);
	return to;
}

/* Returns where the next one goes. */
static unsigned int put_port_designator(u8 *buf, unsigned int to, unsigned int size, u32 head, u16 id)
{
	if (size - to < PORT_DESIGNATOR_LEN)
		return to;
	put_unaligned_be32(head, buf + to);
	put_unaligned_be32(id, buf + to + 4);
	return to + PORT_DESIGNATOR_LEN;
}

/* Designators of the logical unit stay: they are the same on every path to it. */
static unsigned int rewrite_device_id(const struct scsi_host_port *port, u8 *buf, unsigned int len, unsigned int size)
{
	unsigned int end = page_end(buf, len), from, to = 4, n;

	for (from = 4; from + 4 <= end; from += n) {
		n = 4 + buf[from + 3];
		if (n > end - from)
			break;
		if (ASSOCIATION(buf + from))
			continue;
		memmove(buf + to, buf + from, n);
		to += n;
	}
	to = put_port_designator(buf, to, size, RTPI_DESIGNATOR, port->rel_tgt_id);
	if (port->tpg_id)
		to = put_port_designator(buf, to, size, TPG_DESIGNATOR, port->tpg_id);
	put_unaligned_be16(to - 4, buf + 2);
	return to;
}

static void rewrite_extended(u8 *buf, unsigned int len)
{
	if (len < 6)
		return;
	buf[4] &= 0xc0;	/* SPT, GRD_CHK, APP_CHK, REF_CHK */
	buf[5] |= 0x07;	/* HEADSUP, ORDSUP, SIMPSUP */
}

/* 0 means "no limit" in both fields. */
static void rewrite_limits(const struct scsi_host_port *port, u8 *buf, unsigned int len)
{
	u32 most = port->max_xfer / port->block_size, max;

	if (len < 16)
		return;
	max = get_unaligned_be32(buf + 8);
	if (!max || max > most)
		put_unaligned_be32(most, buf + 8);
	if (get_unaligned_be32(buf + 12) > most)
		put_unaligned_be32(most, buf + 12);
}

static unsigned int rewrite_page(const struct scsi_host_port *port, u8 *buf, unsigned int len, unsigned int size)
{
	switch (buf[1]) {
	case SCSI_VPD_SUPPORTED:
		return rewrite_supported(buf, len);
	case SCSI_VPD_DEVICE_ID:
		return rewrite_device_id(port, buf, len, size);
	case SCSI_VPD_EXTENDED:
		rewrite_extended(buf, len);
		break;
	case SCSI_VPD_BLOCK_LIMITS:
		rewrite_limits(port, buf, len);
		break;
	}
	return len;
}

unsigned int scsi_host_inquiry(const struct scsi_host_port *port, const u8 *cdb, u8 *buf, unsigned int len,
			       unsigned int size)
{
	if (len && port->unavailable)
		buf[0] = (buf[0] & ~QUALIFIER) | QUALIFIER_NO_ACCESS;
	if (!(cdb[1] & EVPD)) {
		rewrite_standard(port, buf, len);
		return len;
	}
	if (len < 4)
		return len;
	return rewrite_page(port, buf, page_end(buf, len), size);
}

static bool is_deferred(u8 response)
{
	return (response & 0x7f) == 0x71 || (response & 0x7f) == 0x73;
}

scsi_sense_code scsi_host_news(u8 response, scsi_sense_code code, bool of_flush)
{
	switch (SCSI_SENSE_KEY(code)) {
	case 0x0:
	case 0x1:	/* RECOVERED ERROR */
		return 0;
	case 0x6:	/* UNIT ATTENTION */
		return code;
	case 0x3:	/* MEDIUM ERROR */
	case 0x4:	/* HARDWARE ERROR */
		return of_flush || is_deferred(response) ? SCSI_SENSE_WRITE_ERROR : 0;
	default:
		return is_deferred(response) ? SCSI_SENSE_WRITE_ERROR : 0;
	}
}

/* Linux does so after any deferred error and after most kinds of MEDIUM ERROR; nobody takes HARDWARE ERROR for mended. */
bool scsi_host_repeated(u8 response, scsi_sense_code code)
{
	return is_deferred(response) || SCSI_SENSE_KEY(code) != 0x4;
}

/* Conditions that nexuses can be told of; a kind of which the code is not known counts as the nearest one that is. */
scsi_sense_code scsi_host_ua(scsi_sense_code code)
{
	switch (code) {
	case SCSI_SENSE_UA_LUNS_CHANGED:	/* of the host's target, not of ours */
		return 0;
	case SCSI_SENSE_UA_MODE_CHANGED:
	case SCSI_SENSE_UA_LOG_CHANGED:
	case SCSI_SENSE_UA_CAPACITY_CHANGED:
	case SCSI_SENSE_UA_THIN_SOFT_THRESHOLD:
	case SCSI_SENSE_UA_MEDIUM_CHANGED:
	case SCSI_SENSE_WRITE_ERROR:
		return code;
	}
	switch (SCSI_SENSE_ASC(code)) {
	case 0x28:
		return SCSI_SENSE_UA_MEDIUM_CHANGED;
	case 0x2a:	/* among them reservations of other hosts and ALUA of the host's path */
		return SCSI_SENSE_UA_MODE_CHANGED;
	case 0x2f:
		return SCSI_SENSE_UA_COMMANDS_CLEARED;
	case 0x3f:
		return SCSI_SENSE_UA_INQUIRY_CHANGED;
	default:
		return SCSI_SENSE_UA_POWER_ON_RESET;
	}
}

void scsi_host_opcodes(const u8 *buf, unsigned int len, u8 *set)
{
	unsigned int end, at, n;

	if (len < 4)
		return;
	end = 4 + min(get_unaligned_be32(buf), len - 4);
	for (at = 4; at + 8 <= end; at += n) {
		const u8 *d = buf + at;
		u8 cdb[32] = { d[0] };
		const struct scsi_op *op;

		n = d[5] & 0x02 ? 20 : 8;	/* CTDP: with a timeouts descriptor */
		if (d[5] & 0x01) {		/* SERVACTV */
			cdb[1] = d[3];
			if (d[0] == SCSI_OP_VARIABLE_LENGTH)
				put_unaligned_be16(get_unaligned_be16(d + 2), cdb + 8);
		}
		op = scsi_op_find(cdb, sizeof(cdb));
		if (op)
			set[op->id] = 1;
	}
}

bool scsi_host_capacity(const u8 *buf, unsigned int len, u64 *blocks, u32 *block_size)
{
	u64 last;

	if (len != 8 && len < 12)
		return false;
	last = len == 8 ? get_unaligned_be32(buf) : get_unaligned_be64(buf);
	*block_size = get_unaligned_be32(buf + (len == 8 ? 4 : 8));
	*blocks = last + 1;
	return *blocks && *block_size;
}

bool scsi_host_control(const u8 *buf, unsigned int len, struct scsi_host_control *out)
{
	unsigned int at;
	const u8 *page;

	if (len < 8)
		return false;
	at = 8 + get_unaligned_be16(buf + 6);
	if (at + 6 > len)
		return false;
	page = buf + at;
	if ((page[0] & 0x7f) != SCSI_MODE_CONTROL || page[1] < 4)
		return false;
	*out = (struct scsi_host_control){
		.tst = page[2] >> 5 & 0x07,
		.d_sense = page[2] >> 2 & 0x01,
		.qerr = page[3] >> 1 & 0x03,
		.swp = page[4] >> 3 & 0x01,
		.tas = page[5] >> 6 & 0x01,
	};
	return true;
}

static bool is_padding(u8 c)
{
	return c == ' ' || !c;
}

static bool is_plain(u8 c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
}

unsigned int scsi_host_serial(const u8 *page, unsigned int len, char *name, unsigned int size)
{
	unsigned int from = 4, end, n = 0;

	name[0] = '\0';
	if (len < 4 || page[1] != SCSI_VPD_SERIAL)
		return 0;
	end = page_end(page, len);
	while (from < end && is_padding(page[from]))
		from++;
	while (from < end && is_padding(page[end - 1]))
		end--;
	for (; from < end && n + 1 < size; from++)
		name[n++] = is_plain(page[from]) ? page[from] : '_';
	name[n] = '\0';
	return n;
}

void scsi_host_set_range(u8 *cdb, unsigned int cdb_len, u64 lba, u32 blocks)
{
	switch (cdb_len) {
	case 6:
		cdb[1] = (cdb[1] & 0xe0) | (lba >> 16 & 0x1f);
		put_unaligned_be16(lba, cdb + 2);
		cdb[4] = blocks;	/* 0 is 256 */
		break;
	case 10:
		put_unaligned_be32(lba, cdb + 2);
		put_unaligned_be16(blocks, cdb + 7);
		break;
	case 12:
		put_unaligned_be32(lba, cdb + 2);
		put_unaligned_be32(blocks, cdb + 6);
		break;
	case 16:
		put_unaligned_be64(lba, cdb + 2);
		put_unaligned_be32(blocks, cdb + 10);
		break;
	}
}
