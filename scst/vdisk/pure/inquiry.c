// SPDX-License-Identifier: GPL-2.0
/*
 * Builds INQUIRY data, VPD pages and READ CAPACITY data of a virtual disk (SPC-4 6.6 and 7.8, SBC-4 5.20 and 6.6).
 */
#include "inquiry.h"
#include "../../pure/outbuf.h"
#include "../../pure/sense.h"

#define EVPD			0x01

#define STD_VENDOR_BYTES	36	/* vendor specific bytes stand here while they fit */
#define STD_VENDOR_BYTES_LEN	20
#define STD_VENDOR_PARAMS	96	/* and here when they do not */

/* Designators (SPC-4 7.8.6.1): code sets, associations (shifted into place) and types. */
#define CODE_SET_BINARY		1
#define CODE_SET_ASCII		2
#define CODE_SET_UTF8		3
#define ASSOC_LU		0x00
#define ASSOC_PORT		0x10
#define ASSOC_DEVICE		0x20
#define DESIG_T10		1
#define DESIG_EUI64		2
#define DESIG_NAA		3
#define DESIG_REL_PORT		4
#define DESIG_PORT_GROUP	5
#define DESIG_SCSI_NAME		8
#define SCSI_NAME_MAX		252	/* with its NULs a multiple of 4 that fits a byte */

#define RPM			15000
#define NON_ROTATING		1
#define UNMAP_DESCRIPTORS	((0xffff - 8) / 16)	/* as many as the longest parameter list holds */
#define WABEREQ_READABLE	0x40	/* what was erased can be read without being written first */

static unsigned int text_len(const char *s, unsigned int max)
{
	return s ? strnlen(s, max) : 0;
}

/* A left-aligned ASCII field, filled up with blanks. */
static void put_padded(struct scsi_outbuf *o, const char *s, unsigned int width)
{
	unsigned int len = text_len(s, width);

	scsi_out_bytes(o, s, len);
	for (; len < width; len++)
		scsi_out_u8(o, ' ');
}

static u8 peripheral_byte(const struct scsi_inquiry_data *d)
{
	u8 type = d->dummy ? SCSI_TYPE_UNKNOWN : d->type;

	return (d->dummy || d->port_unavailable ? 0x20 : 0) | type;
}

static bool is_disk(const struct scsi_inquiry_data *d)
{
	return d->type == SCSI_TYPE_DISK;
}

static void put_version(struct scsi_outbuf *o, u16 version)
{
	if (version)
		scsi_out_be16(o, version);
}

static void build_standard(const struct scsi_inquiry_data *d, struct scsi_outbuf *o)
{
	unsigned int vendor_len = text_len(d->vendor_bytes, VDISK_INQ_VEND_LEN);
	bool vendor_short = vendor_len <= STD_VENDOR_BYTES_LEN;

	scsi_out_u8(o, peripheral_byte(d));
	scsi_out_u8(o, d->removable ? 0x80 : 0);
	scsi_out_u8(o, 0x06);	/* SPC-4 */
	scsi_out_u8(o, 0x22);	/* NORMACA, response data format 2 */
	scsi_out_u8(o, 0);	/* ADDITIONAL LENGTH, below */
	scsi_out_u8(o, (d->tpgs & 0x03) << 4 | (d->third_party_copy ? 0x08 : 0) | (d->dif_type ? 0x01 : 0));
	scsi_out_u8(o, 0x10);	/* MULTIP */
	scsi_out_u8(o, 0x02);	/* CMDQUE */
	put_padded(o, d->t10_vendor, VDISK_VENDOR_LEN);
	put_padded(o, d->product, VDISK_PROD_LEN);
	put_padded(o, d->revision, VDISK_REV_LEN);
	if (vendor_short)
		scsi_out_bytes(o, d->vendor_bytes, vendor_len);
	scsi_out_zero(o, STD_VENDOR_BYTES + STD_VENDOR_BYTES_LEN + 2 - o->len);
	put_version(o, SCSI_VERSION_SAM4);
	put_version(o, d->phys_transport);
	put_version(o, d->scsi_transport);
	put_version(o, SCSI_VERSION_SPC4);
	if (is_disk(d))
		put_version(o, SCSI_VERSION_SBC3);
	if (!vendor_short) {
		scsi_out_zero(o, STD_VENDOR_PARAMS - o->len);
		scsi_out_bytes(o, d->vendor_bytes, vendor_len);
	}
	scsi_out_patch_u8(o, 4, o->len - 5);
}

static void vpd_supported(const struct scsi_inquiry_data *d, struct scsi_outbuf *o)
{
	scsi_out_u8(o, SCSI_VPD_SUPPORTED);
	scsi_out_u8(o, SCSI_VPD_SERIAL);
	scsi_out_u8(o, SCSI_VPD_DEVICE_ID);
	scsi_out_u8(o, SCSI_VPD_EXTENDED);
	if (d->third_party_page)
		scsi_out_u8(o, SCSI_VPD_THIRD_PARTY_COPY);
	if (!is_disk(d))
		return;
	scsi_out_u8(o, SCSI_VPD_BLOCK_LIMITS);
	scsi_out_u8(o, SCSI_VPD_BLOCK_CHAR);
	if (d->thin)
		scsi_out_u8(o, SCSI_VPD_LBP);
}

static void vpd_serial(const struct scsi_inquiry_data *d, struct scsi_outbuf *o)
{
	scsi_out_bytes(o, d->serial, text_len(d->serial, 0xff));
}

static void put_designator(struct scsi_outbuf *o, u8 code_set, u8 assoc_type, unsigned int len)
{
	scsi_out_u8(o, code_set);
	scsi_out_u8(o, assoc_type);
	scsi_out_u8(o, 0);
	scsi_out_u8(o, (u8)len);
}

static void put_scsi_name(const struct scsi_inquiry_data *d, struct scsi_outbuf *o)
{
	unsigned int len = text_len(d->scsi_device_name, SCSI_NAME_MAX - 1);
	unsigned int padded = ALIGN(len + 1, 4);

	if (!len)
		return;
	put_designator(o, CODE_SET_UTF8, ASSOC_DEVICE | DESIG_SCSI_NAME, padded);
	scsi_out_bytes(o, d->scsi_device_name, len);
	scsi_out_zero(o, padded - len);
}

static void put_port(struct scsi_outbuf *o, u8 type, u16 id)
{
	put_designator(o, CODE_SET_BINARY, ASSOC_PORT | type, 4);
	scsi_out_be16(o, 0);
	scsi_out_be16(o, id);
}

/* Without any binary identifier the start of the T10 device id stands in: no legal EUI-64, but initiators expect it. */
static void put_binary_ids(const struct scsi_inquiry_data *d, struct scsi_outbuf *o)
{
	unsigned int len;

	if (d->eui64_len) {
		put_designator(o, CODE_SET_BINARY, ASSOC_LU | DESIG_EUI64, d->eui64_len);
		scsi_out_bytes(o, d->eui64, min_t(u8, d->eui64_len, VDISK_BINARY_ID_LEN));
	}
	if (d->naa_len) {
		put_designator(o, CODE_SET_BINARY, ASSOC_LU | DESIG_NAA, d->naa_len);
		scsi_out_bytes(o, d->naa, min_t(u8, d->naa_len, VDISK_BINARY_ID_LEN));
	}
	if (!d->eui64_len && !d->naa_len) {
		len = text_len(d->t10_dev_id, 8);
		put_designator(o, CODE_SET_BINARY, ASSOC_LU | DESIG_EUI64, 8);
		scsi_out_bytes(o, d->t10_dev_id, len);
		scsi_out_zero(o, 8 - len);
	}
}

static void put_t10_id(const struct scsi_inquiry_data *d, struct scsi_outbuf *o)
{
	unsigned int len = text_len(d->vend_specific_id, VDISK_VEND_SPECIFIC_ID_LEN);

	put_designator(o, CODE_SET_ASCII, ASSOC_LU | DESIG_T10, VDISK_VENDOR_LEN + len);
	put_padded(o, d->t10_vendor, VDISK_VENDOR_LEN);
	scsi_out_bytes(o, d->vend_specific_id, len);
}

unsigned int scsi_lu_designators(const struct scsi_inquiry_data *d, u8 *buf, unsigned int size)
{
	struct scsi_outbuf o = { .buf = buf, .size = size };

	put_t10_id(d, &o);
	put_binary_ids(d, &o);
	return o.len;
}

static void vpd_device_id(const struct scsi_inquiry_data *d, struct scsi_outbuf *o)
{
	put_scsi_name(d, o);
	put_t10_id(d, o);
	put_port(o, DESIG_REL_PORT, d->rel_tgt_id);
	if (d->tpg_id)
		put_port(o, DESIG_PORT_GROUP, d->tpg_id);
	put_binary_ids(d, o);
}

/* SPT (SPC-4 table 669) of a device that supports just the type it has. */
static u8 spt(u8 dif_type)
{
	return dif_type == 3 ? 4 : dif_type == 2 ? 2 : 0;
}

static void vpd_extended(const struct scsi_inquiry_data *d, struct scsi_outbuf *o)
{
	u8 checks = 0;

	if (d->dif_type)
		checks = spt(d->dif_type) << 3 | (d->dif_guard ? 0x04 : 0) | (d->dif_app ? 0x02 : 0) |
			 (d->dif_ref ? 0x01 : 0);
	scsi_out_u8(o, checks);
	scsi_out_u8(o, 0x07);	/* HEADSUP, ORDSUP, SIMPSUP */
	scsi_out_u8(o, d->volatile_cache ? 0x01 : 0);
	scsi_out_u8(o, 0x01);	/* LUICLR */
	scsi_out_zero(o, 0x3c - 4);
}

static void put_unmap_limits(const struct scsi_inquiry_data *d, struct scsi_outbuf *o)
{
	if (!d->thin) {
		scsi_out_zero(o, 16);
		return;
	}
	scsi_out_be32(o, d->max_unmap_blocks);
	scsi_out_be32(o, UNMAP_DESCRIPTORS);
	scsi_out_be32(o, d->unmap_granularity);
	scsi_out_be32(o, d->unmap_alignment_valid ? 0x80000000 | d->unmap_alignment : 0);
}

static u32 to_blocks(const struct scsi_inquiry_data *d, u32 bytes)
{
	return d->block_size ? bytes / d->block_size : 0;
}

static unsigned int shift_of(u32 power_of_two)
{
	unsigned int shift = 0;

	while (power_of_two >>= 1)
		shift++;
	return shift;
}

static void vpd_block_limits(const struct scsi_inquiry_data *d, struct scsi_outbuf *o)
{
	u32 granularity = min_t(u32, max_t(u32, to_blocks(d, d->granularity), 1), 0xffff);

	scsi_out_u8(o, 0);	/* WSNZ 0: no blocks means to the end */
	scsi_out_u8(o, d->max_caw_blocks);
	scsi_out_be16(o, granularity);
	scsi_out_be32(o, to_blocks(d, d->max_xfer));
	scsi_out_be32(o, to_blocks(d, min(d->opt_xfer, d->max_xfer)));
	scsi_out_be32(o, 0);	/* MAXIMUM PREFETCH LENGTH */
	put_unmap_limits(d, o);
	scsi_out_be64(o, d->max_write_same >> shift_of(d->block_size));
	scsi_out_be32(o, d->max_atomic);
	scsi_out_be32(o, d->max_atomic ? d->aw_alignment : 0);
	scsi_out_be32(o, d->max_atomic ? d->aw_granularity : 0);
	scsi_out_zero(o, 8);	/* no atomic boundaries */
}

static void vpd_block_char(const struct scsi_inquiry_data *d, struct scsi_outbuf *o)
{
	scsi_out_be16(o, d->rotational ? RPM : NON_ROTATING);
	scsi_out_u8(o, 0);
	scsi_out_u8(o, d->thin ? WABEREQ_READABLE : 0);	/* thin: SANITIZE can block erase */
	scsi_out_zero(o, 0x3c - 4);
}

static void vpd_lbp(const struct scsi_inquiry_data *d, struct scsi_outbuf *o)
{
	scsi_out_u8(o, 0);	/* no threshold */
	scsi_out_u8(o, 0xe0 | (d->lbprz ? 0x04 : 0));	/* LBPU, LBPWS, LBPWS10 */
	scsi_out_u8(o, 0x02);	/* thin provisioned */
	scsi_out_u8(o, 0);
}

static int build_vpd(const struct scsi_inquiry_data *d, u8 page, struct scsi_outbuf *o)
{
	scsi_out_u8(o, peripheral_byte(d));
	scsi_out_u8(o, page);
	scsi_out_be16(o, 0);
	if (page == SCSI_VPD_SUPPORTED)
		vpd_supported(d, o);
	else if (page == SCSI_VPD_SERIAL)
		vpd_serial(d, o);
	else if (page == SCSI_VPD_DEVICE_ID)
		vpd_device_id(d, o);
	else if (page == SCSI_VPD_EXTENDED)
		vpd_extended(d, o);
	else if (page == SCSI_VPD_BLOCK_LIMITS && is_disk(d))
		vpd_block_limits(d, o);
	else if (page == SCSI_VPD_BLOCK_CHAR && is_disk(d))
		vpd_block_char(d, o);
	else if (page == SCSI_VPD_LBP && is_disk(d) && d->thin)
		vpd_lbp(d, o);
	else
		return -EINVAL;
	scsi_out_patch_be16(o, 2, o->len - 4);
	return 0;
}

int scsi_inquiry_build(const struct scsi_inquiry_data *d, const u8 *cdb,
		       u8 *buf, unsigned int size, struct scsi_sense *sense)
{
	struct scsi_outbuf o = { .buf = buf, .size = size };
	u8 page = cdb[2];

	if (!(cdb[1] & EVPD) && !page) {
		build_standard(d, &o);
		return o.len;
	}
	if (!(cdb[1] & EVPD) || build_vpd(d, page, &o)) {
		scsi_sense_cdb_field(sense, 2, 7);
		return -EINVAL;
	}
	return o.len;
}

static u64 last_lba(const struct scsi_capacity *c)
{
	return c->blocks ? c->blocks - 1 : 0;
}

unsigned int scsi_read_capacity_10(const struct scsi_capacity *c, u8 *buf, unsigned int size)
{
	struct scsi_outbuf o = { .buf = buf, .size = size };

	scsi_out_be32(&o, min_t(u64, last_lba(c), 0xffffffff));
	scsi_out_be32(&o, c->block_size);
	return o.len;
}

unsigned int scsi_read_capacity_16(const struct scsi_capacity *c, u8 *buf, unsigned int size)
{
	struct scsi_outbuf o = { .buf = buf, .size = size };
	u16 provisioning = c->lowest_aligned & 0x3fff;

	if (c->thin)
		provisioning |= 0x8000 | (c->lbprz ? 0x4000 : 0);
	scsi_out_be64(&o, last_lba(c));
	scsi_out_be32(&o, c->block_size);
	scsi_out_u8(&o, c->dif_type ? (c->dif_type - 1) << 1 | 0x01 : 0);
	scsi_out_u8(&o, c->phys_exponent & 0x0f);
	scsi_out_be16(&o, provisioning);
	scsi_out_zero(&o, 16);
	return o.len;
}

void vdisk_make_ids(u32 setup_id, u32 crc, const char *name, char usn[VDISK_USN_LEN + 1],
		    char t10_dev_id[VDISK_T10_ID_LEN + 1])
{
	unsigned long long id = (u64)setup_id << 32 | crc;

	snprintf(usn, VDISK_USN_LEN + 1, "%llx", id);
	snprintf(t10_dev_id, VDISK_T10_ID_LEN + 1, "%llx-%s", id, name);
}

/* Lengths and first digits: NAA 2, 3 and 5 have 8 bytes, NAA 6 has 16 (SPC-4 7.8.6.6). */
static bool binary_id_valid(enum vdisk_binary_id what, const u8 *id, size_t len)
{
	u8 naa = id[0] >> 4;

	if (what == VDISK_ID_EUI64)
		return len == 8 || len == 12 || len == 16;
	return (len == 8 && (naa == 2 || naa == 3 || naa == 5)) || (len == 16 && naa == 6);
}

int vdisk_parse_binary_id(enum vdisk_binary_id what, const char *text, u8 id[VDISK_BINARY_ID_LEN], u8 *len)
{
	u8 bytes[VDISK_BINARY_ID_LEN] = { 0 };
	size_t digits, i;
	int v;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		text += 2;
	digits = strlen(text);
	if (!digits) {
		*len = 0;
		return 0;
	}
	if (digits % 2 || digits / 2 > sizeof(bytes))
		return -EINVAL;
	for (i = 0; i < digits; i++) {
		v = scst_hex_digit(text[i]);
		if (v < 0)
			return -EINVAL;
		bytes[i / 2] |= i % 2 ? v : v << 4;
	}
	if (!binary_id_valid(what, bytes, digits / 2))
		return -EINVAL;
	memcpy(id, bytes, sizeof(bytes));
	*len = digits / 2;
	return 0;
}
